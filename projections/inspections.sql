-- name: table
CREATE TABLE {table} (
    inspection_id String COMMENT 'Id of the inspection',
    unit String COMMENT 'Unit inspected',
    source LowCardinality(String) COMMENT 'Who looked: patrol, open_check, covert_check, …',
    result LowCardinality(String) COMMENT 'pass, conditional_pass, closed or scored',
    score Nullable(Decimal(18, 4)) COMMENT 'Points of the score sheet; NULL without one',
    occurred_at DateTime64(6, 'UTC') COMMENT 'When the visit was (UTC)',
    colour LowCardinality(String)
        COMMENT 'Status colour the visit leaves at the door: green, yellow or red',
    district LowCardinality(String) COMMENT 'District of the unit at the time',
    grid String COMMENT 'Grid of the unit at the time',
    findings UInt32 COMMENT 'Number of problems seen on the visit',
    note String COMMENT 'Remark of the inspector',
    corrections UInt16 COMMENT 'How often the record was put right; result, score and colour are the corrected ones',
    policies Array(String) COMMENT 'Digests of the policies the visit is judged by',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this inspection',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY inspection_id
SETTINGS {durable}
COMMENT 'Inspections as they stand now, corrections applied'
