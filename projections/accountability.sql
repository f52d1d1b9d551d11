-- name: table
CREATE TABLE {table} (
    accountability_id String COMMENT 'Id of the action',
    action LowCardinality(String)
        COMMENT 'reminder (提醒), interview (约谈), circulated_criticism (通报批评), veto (一票否决) or referral (移送)',
    unit String COMMENT 'Unit held to account',
    person String COMMENT 'Pseudonym of the person held to account; empty if none is named',
    organ String COMMENT 'Who carries it out, or receives the referral',
    authority String COMMENT 'Who decides by the policy',
    decided_for String COMMENT 'Unit in whose name it was decided',
    status LowCardinality(String)
        COMMENT 'proposed, reviewed, ordered, declined, carried_out, answered, packed, receipted, concluded or revoked',
    reason String CODEC(ZSTD(1)) COMMENT 'Why it was proposed, in Chinese',
    reason_en String CODEC(ZSTD(1)) COMMENT 'Why it was proposed, in English',
    policy LowCardinality(String) COMMENT 'Version of the policy it follows from: id@version#digest; empty if a person proposed it',
    clause LowCardinality(String) COMMENT 'Rule of that policy',
    because Array(UInt64) COMMENT 'Positions in the log of the events it rests on',
    proposed_by String COMMENT 'Who proposed it; system:reactions when a policy did',
    reviewed_by String COMMENT 'Who checked that the reasons are complete',
    decided_by String COMMENT 'Who decided: neither the one who proposed nor who reviewed',
    proposed_at DateTime64(6, 'UTC') COMMENT 'When it was proposed (UTC)',
    decided_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was decided (UTC)',
    ended_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was declined, carried out, concluded or revoked (UTC)',
    package String COMMENT 'SHA-256 of the package of a referral, in hex; empty before',
    receipt String COMMENT 'Receipt of the organ that has the package',
    outcome String CODEC(ZSTD(1)) COMMENT 'What the outside organ decided',
    answer String CODEC(ZSTD(1)) COMMENT 'What the unit or person said to it, the last time',
    note String CODEC(ZSTD(1)) COMMENT 'What the last step says',
    policies Array(String) COMMENT 'Digests of the policies it is judged by',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this action',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY accountability_id
SETTINGS {durable}
COMMENT 'Accountability actions (问责) as they stand now: proposed by rule or person, decided by people'
