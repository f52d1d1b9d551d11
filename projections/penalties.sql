-- name: table
CREATE TABLE {table} (
    penalty_id String COMMENT 'Id of the penalty',
    unit String COMMENT 'Unit it was opened on',
    kind LowCardinality(String) COMMENT 'ticket, summons or another kind the source names',
    status LowCardinality(String) COMMENT 'open, decided, withdrawn or settled',
    amount Nullable(Decimal(18, 2))
        COMMENT 'Amount decided; before (or without) that, the amount stated at the opening; NULL if neither',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amount',
    opened_at DateTime64(6, 'UTC') COMMENT 'When it was opened (UTC)',
    decided_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was decided (UTC)',
    decision LowCardinality(String) COMMENT 'fined, suspended_sentence or other; empty before',
    ended_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was withdrawn or settled (UTC)',
    grounds String COMMENT 'What it is for',
    note String COMMENT 'What the decision, withdrawal or settlement says, the last of them',
    inspection_id String COMMENT 'Inspection that led to it; empty if none',
    case_id String COMMENT 'Case it belongs to; empty if none',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this penalty',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY penalty_id
SETTINGS {durable}
COMMENT 'Statutory penalties (行政处罚) as they stand now; never money between the city and a unit'
