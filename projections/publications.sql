-- name: table
CREATE TABLE {table} (
    period LowCardinality(String) COMMENT 'Period ranked, such as 2012-04 or 2012-W15',
    peer_group LowCardinality(String) COMMENT 'Group ranked; empty: all units in one',
    unit String COMMENT 'Unit ranked',
    place UInt32 COMMENT 'Its place; units with equal points share one',
    points Decimal(18, 4) COMMENT 'Its points',
    entries UInt32 COMMENT 'Score entries they come from',
    policy_id LowCardinality(String) COMMENT 'Policy that judged',
    computed_at UInt64 COMMENT 'Position of the last event that was counted',
    checksum String COMMENT 'SHA-256 of the published ranking, in hex',
    composed_by String COMMENT 'Who composed it',
    published_by String COMMENT 'Who approved and published it',
    published_at DateTime64(6, 'UTC') COMMENT 'When it was published (UTC)',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored the publication (UTC)',
    position UInt64 COMMENT 'Position of the publication in the log'
)
ENGINE = ReplacingMergeTree
ORDER BY (period, peer_group, position, unit)
SETTINGS {durable}
COMMENT 'Published rankings as they were frozen, one row per unit'
