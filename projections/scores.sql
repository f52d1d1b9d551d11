-- name: table
CREATE TABLE {table} (
    position UInt64 CODEC(Delta(8), ZSTD(1)) COMMENT 'Position in the log of the event that made the entry',
    entry UInt16 COMMENT 'Number of the entry among those of its event, from 0',
    unit String CODEC(ZSTD(1)) COMMENT 'Unit that gets the points',
    points Decimal(18, 4) CODEC(ZSTD(1)) COMMENT 'Points, negative for a deduction; 0 says that the unit was looked at',
    clause LowCardinality(String) COMMENT 'Clause of the policy that gives them; touched: no clause spoke',
    policy LowCardinality(String) COMMENT 'Version of the policy it was judged by: id@version#digest',
    policy_id LowCardinality(String) COMMENT 'Id of the policy, the same in all its versions',
    reason String CODEC(ZSTD(1)) COMMENT 'Why, in Chinese',
    reason_en String CODEC(ZSTD(1)) COMMENT 'Why, in English',
    case_id String CODEC(ZSTD(1)) COMMENT 'Case it is about; empty if none',
    inspection_id String CODEC(ZSTD(1)) COMMENT 'Inspection it is about, or that found the case; empty if none',
    penalty_id String CODEC(ZSTD(1)) COMMENT 'Penalty it is about; empty if none',
    event LowCardinality(String) COMMENT 'Event that made it, such as case.dispatched',
    day Date COMMENT 'Day it counts for, in the time zone of the policy',
    occurred_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))
        COMMENT 'When what is judged happened (UTC); for a corrected inspection or reading: when the wrong record was made',
    recorded_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)) COMMENT 'When the log stored the event (UTC)',
    district LowCardinality(String) COMMENT 'District of the case or visit at that moment',
    grid LowCardinality(String) COMMENT 'Grid of the case or visit',
    veto Int8 COMMENT '1: the clause vetoes the unit in the period (一票否决); -1: a correction or an upheld appeal takes that back; else 0',
    multipliers Array(LowCardinality(String)) COMMENT 'Multipliers of the policy that are in the points',
    slip_id String CODEC(ZSTD(1)) COMMENT 'Supervision slip it is about; empty if none',
    accountability_id String CODEC(ZSTD(1)) COMMENT 'Accountability action it is about; empty if none',
    reading_id String CODEC(ZSTD(1)) COMMENT 'Reading it is about; empty if none'
)
ENGINE = ReplacingMergeTree
ORDER BY (day, policy_id, unit, position, entry)
SETTINGS {durable}
COMMENT 'Score entries: every point a unit got or lost, by which clause and why'
