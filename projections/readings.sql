-- name: table
CREATE TABLE {table} (
    reading_id String COMMENT 'Id of the reading',
    indicator LowCardinality(String) COMMENT 'Indicator or survey that was read',
    unit String COMMENT 'Unit it was read of',
    period LowCardinality(String) COMMENT 'Period it is for, such as 2026-Q1',
    first_day Date COMMENT 'First day of the period',
    last_day Date COMMENT 'Last day of the period',
    value Decimal(18, 4) COMMENT 'What was measured; of a rate: in percent',
    numerator Nullable(UInt64) COMMENT 'Numerator of the rate; NULL if it is none',
    denominator Nullable(UInt64) COMMENT 'Denominator of the rate; NULL if it is none',
    source String COMMENT 'Where it comes from',
    note String COMMENT 'Remark',
    corrected Bool COMMENT 'It was put right; value, numerator and denominator are the corrected ones',
    reason String COMMENT 'Why it was put right; empty if it was not',
    occurred_at DateTime64(6, 'UTC') COMMENT 'When it was measured (UTC)',
    recorded_by String COMMENT 'Who entered it',
    policies Array(String) COMMENT 'Digests of the policies it is judged by',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this reading',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY reading_id
SETTINGS {durable}
COMMENT 'Readings of indicators and results of surveys, as they stand now'
