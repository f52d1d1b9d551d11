-- name: table
CREATE TABLE {table} (
    case_id String COMMENT 'Id of the case',
    case_no String COMMENT 'Number of the case on paper',
    status LowCardinality(String)
        COMMENT 'reported, rejected, filed, dispatched, claimed, disputed, rectified, suspended, closed or void',
    source LowCardinality(String)
        COMMENT 'Who found it: patrol, open_check, covert_check, third_party, expert, morning_round, night_round, hotline, citizen_snap, media or supervisor',
    category LowCardinality(String) COMMENT 'What kind of problem it is',
    severity LowCardinality(String) COMMENT 'How serious it is, in the words of the source; empty if not said',
    unit String COMMENT 'Unit that answers for it (the lead); empty before the first dispatch',
    district LowCardinality(String)
        COMMENT 'District where the unit stood when it got the case; before that, of the place',
    grid String COMMENT 'Grid of the place',
    opened_at DateTime64(6, 'UTC') COMMENT 'When it was reported (UTC)',
    due_at Nullable(DateTime64(6, 'UTC'))
        COMMENT 'Deadline in force for the answer (UTC); NULL without a limit',
    closed_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was struck off (UTC); NULL while it is not',
    on_the_spot Bool COMMENT 'Put right before the inspector left',
    reworks UInt16 COMMENT 'How often a check found it still there (返工)',
    extensions UInt16 COMMENT 'Extensions granted (延期)',
    bounces UInt16 COMMENT 'How often a unit sent it back or disputed it (推诿)',
    light LowCardinality(String) ALIAS multiIf(
        due_at IS NULL OR status IN ('reported', 'rejected', 'filed', 'void'), 'none',
        coalesce(rectified_at, suspended_at, now64(6, 'UTC')) > due_at, 'red',
        rectified_at IS NULL AND coalesce(suspended_at, now64(6, 'UTC')) > warn_at, 'yellow',
        'green')
        COMMENT 'green; yellow from four fifths of the limit on; red once the deadline has passed unanswered or the answer came late; none without a running deadline. It stands still from the answer on and while the case is suspended',
    text String CODEC(ZSTD(1)) COMMENT 'The problem in the reporter''s words',
    assisting Array(String) COMMENT 'Units that assist the lead',
    about String COMMENT 'Unit the report names; the dispatch decides who answers',
    inspection_id String COMMENT 'Inspection that found it; empty if none',
    address String COMMENT 'Address of the place',
    latitude Nullable(Float64) COMMENT 'Degrees north (WGS 84)',
    longitude Nullable(Float64) COMMENT 'Degrees east (WGS 84)',
    standard LowCardinality(String) COMMENT 'Filing standard (立案标准) it meets',
    reason String CODEC(ZSTD(1))
        COMMENT 'Reason given with the last step that needs one (reject, return, dispute, rework, suspend, reopen, void, extension)',
    filed_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was filed (立案, UTC)',
    dispatched_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the present unit got it (UTC)',
    claimed_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the present unit accepted it (UTC)',
    rectified_at Nullable(DateTime64(6, 'UTC'))
        COMMENT 'When the unit answered, or the check found it done without an answer (UTC); NULL again after a rework',
    verified_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the check found it put right (UTC)',
    limit_amount Nullable(Float64) COMMENT 'Size of the limit, in hours or days of its clock',
    clock LowCardinality(String)
        COMMENT 'Clock of the limit: urgent_hours, working_hours, working_days or natural_days; empty without one',
    started_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the limit began to run (UTC)',
    warn_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When four fifths of the limit are used (UTC)',
    extension_pending Bool COMMENT 'An extension is asked for and not yet decided',
    suspended_in LowCardinality(String) COMMENT 'Status before the suspension (挂账); empty if not suspended',
    suspended_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was suspended (UTC); NULL if it is not',
    suspended_until Nullable(DateTime64(6, 'UTC')) COMMENT 'When the suspension ends at the latest (UTC)',
    overdue Bool COMMENT 'Has ever missed a deadline, whatever came later (超期)',
    missed_at Nullable(DateTime64(6, 'UTC')) COMMENT 'The deadline last recorded as missed (UTC); NULL if none was',
    exempt Bool COMMENT 'An upheld appeal took that missed deadline out of the statistics; that it was missed stays on record',
    reopenings UInt16 COMMENT 'How often it came back after it was closed (回潮)',
    changed_at DateTime64(6, 'UTC') COMMENT 'When its last step happened (UTC)',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this case',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY case_id
SETTINGS {durable}
COMMENT 'Cases (案卷) as they stand now'
