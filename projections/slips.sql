-- name: table
CREATE TABLE {table} (
    slip_id String COMMENT 'Id of the slip: its matter, a dot, its ordinal',
    matter String COMMENT 'What it is about: the id of a case, or a name',
    ordinal UInt16 COMMENT 'Number of the slip among those of its matter, from 1',
    case_id String COMMENT 'Case it is about; empty if none',
    unit String COMMENT 'Unit it is addressed to',
    district LowCardinality(String) COMMENT 'District where the unit stood when it was proposed',
    ladder LowCardinality(String) COMMENT 'Ladder of the supervision policy',
    colour LowCardinality(String) COMMENT 'Colour of the slip, such as white, yellow or red',
    status LowCardinality(String) COMMENT 'proposed, issued, served, answered, failed, lifted or withdrawn',
    number String COMMENT 'Number it was issued under; empty before',
    authority String COMMENT 'Who issues or issued it',
    demand String COMMENT 'What the unit has to do',
    excused Bool COMMENT 'A good reason (正当理由) is on record: it does not escalate',
    limit_amount Float64 COMMENT 'Size of the limit, in hours or days of its clock',
    clock LowCardinality(String) COMMENT 'urgent_hours, working_hours, working_days or natural_days',
    proposed_at DateTime64(6, 'UTC') COMMENT 'When it was proposed (UTC)',
    issued_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was issued (UTC)',
    served_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the unit got it; its limit runs from then (UTC)',
    due_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When its limit ends (UTC)',
    warn_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When four fifths of the limit are used (UTC)',
    answered_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the unit answered; NULL again once the answer was rejected (UTC)',
    failed_at Nullable(DateTime64(6, 'UTC')) COMMENT 'The limit that passed without an answer (UTC)',
    ended_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was lifted or withdrawn (UTC)',
    reason String CODEC(ZSTD(1)) COMMENT 'Why it was proposed, in Chinese',
    reason_en String CODEC(ZSTD(1)) COMMENT 'Why it was proposed, in English',
    policy LowCardinality(String) COMMENT 'Version of the policy it follows from: id@version#digest; empty if a person proposed it',
    clause LowCardinality(String) COMMENT 'Rule of that policy',
    because Array(UInt64) COMMENT 'Positions in the log of the events it rests on',
    proposed_by String COMMENT 'Who proposed it; system:reactions when a policy did',
    issued_by String COMMENT 'Who issued it',
    receiver String COMMENT 'Who received it for the unit',
    note String CODEC(ZSTD(1)) COMMENT 'What the last step says',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this slip',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY slip_id
SETTINGS {durable}
COMMENT 'Supervision slips (督办单) as they stand now'
