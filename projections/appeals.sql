-- name: table
CREATE TABLE {table} (
    appeal_id String COMMENT 'Id of the appeal',
    against LowCardinality(String) COMMENT 'score_entry, timeout, list_entry or money',
    subject String COMMENT 'What it is against: position.entry of a score entry, case@deadline of a timeout, or the id of a list entry, deduction or reward',
    stream String COMMENT 'Where that happened, as kind-id',
    unit String COMMENT 'Unit (or pseudonym) that appeals: the one concerned',
    status LowCardinality(String) COMMENT 'filed, upheld or dismissed',
    grounds String COMMENT 'Why it is appealed',
    authority String COMMENT 'Who reviews it, as the policy says',
    policy LowCardinality(String) COMMENT 'Policy it is judged by: id@version#digest',
    known_at DateTime64(6, 'UTC') COMMENT 'Since when the unit could know of it (UTC)',
    filed_at DateTime64(6, 'UTC') COMMENT 'When it was filed (UTC)',
    due_at DateTime64(6, 'UTC') COMMENT 'When the review must be done (UTC)',
    decided_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was decided (UTC); NULL before',
    late Bool COMMENT 'Decided after due_at',
    reason String COMMENT 'Why it was upheld or dismissed; empty before',
    filed_by String COMMENT 'Who filed it',
    decided_by String COMMENT 'Who decided it; empty before',
    points Decimal(18, 4) COMMENT 'Sum of the contested score entries',
    contested Array(UInt64) COMMENT 'Positions in the log of the events that made the contested score entries',
    entries String COMMENT 'The contested score entries as they stood when it was filed: JSON',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this appeal',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY appeal_id
SETTINGS {durable}
COMMENT 'Appeals (申诉) as they stand now'

-- name: entries_of
-- The score entries that an event made.
SELECT position, entry, unit, points, clause, policy, policy_id, day, occurred_at, case_id,
    inspection_id, penalty_id, slip_id, accountability_id, reading_id, district, grid, veto,
    event
FROM scores
WHERE position = {position:UInt64}
ORDER BY entry
