-- name: view
CREATE OR REPLACE VIEW deadlines (
    case_id String COMMENT 'Case the deadline is for',
    unit String COMMENT 'Unit that has to answer',
    due_at DateTime64(6, 'UTC') COMMENT 'When the limit ends (UTC)',
    warn_at DateTime64(6, 'UTC') COMMENT 'When four fifths of it are used (UTC)',
    clock LowCardinality(String) COMMENT 'urgent_hours, working_hours, working_days or natural_days',
    limit_amount Nullable(Float64) COMMENT 'Size of the limit, in hours or days of its clock',
    started_at DateTime64(6, 'UTC') COMMENT 'When the limit began to run (UTC)',
    status LowCardinality(String)
        COMMENT 'running, suspended, answered, or ended (the case was sent back or voided before an answer)',
    met Nullable(Bool) COMMENT 'Answered in time; NULL while it is neither answered nor past',
    answered_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the answer came (UTC)',
    closed_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the case was struck off (UTC)',
    extensions UInt16 COMMENT 'Extensions that are included (延期)',
    position UInt64 COMMENT 'Position of the last event of the case in the log'
) AS
SELECT
    case_id, unit, assumeNotNull(cases.due_at) AS due_at, assumeNotNull(cases.warn_at) AS warn_at,
    clock, limit_amount, assumeNotNull(cases.started_at) AS started_at,
    multiIf(
        rectified_at IS NOT NULL, 'answered',
        cases.status = 'suspended', 'suspended',
        cases.status IN ('dispatched', 'claimed', 'disputed'), 'running',
        'ended') AS status,
    multiIf(
        rectified_at IS NOT NULL, rectified_at <= cases.due_at,
        status = 'running' AND now64(6, 'UTC') > cases.due_at, false,
        NULL) AS met,
    rectified_at AS answered_at, closed_at, extensions, position
FROM cases
WHERE cases.due_at IS NOT NULL
COMMENT 'The deadline in force of every case that has one'
