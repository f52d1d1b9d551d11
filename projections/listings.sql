-- name: table
CREATE TABLE {table} (
    listing_id String COMMENT 'Id of the entry',
    list LowCardinality(String) COMMENT 'red (红榜) or black (黑榜)',
    rule LowCardinality(String) COMMENT 'List rule of the policy, or the name given by hand',
    unit String COMMENT 'Registered unit it is about; empty for others',
    subject_kind LowCardinality(String) COMMENT 'unit, company or person',
    subject String COMMENT 'Pseudonym of a person or company outside the register',
    period LowCardinality(String) COMMENT 'Period it is for; empty if none',
    ranking String COMMENT 'Id of the published ranking it follows from; empty if none',
    status LowCardinality(String)
        COMMENT 'proposed, reviewed, approved, declined, published, objected, withdrawn or expired',
    text String CODEC(ZSTD(1)) COMMENT 'What is published, checked for personal data',
    authority String COMMENT 'Who approves it by the policy',
    approved_for String COMMENT 'Unit in whose name it was approved',
    reason String CODEC(ZSTD(1)) COMMENT 'Why it was proposed, in Chinese',
    reason_en String CODEC(ZSTD(1)) COMMENT 'Why it was proposed, in English',
    policy LowCardinality(String) COMMENT 'Version of the policy it follows from: id@version#digest; empty if a person proposed it',
    clause LowCardinality(String) COMMENT 'Rule of that policy',
    because Array(UInt64) COMMENT 'Positions in the log of the events it rests on',
    proposed_by String COMMENT 'Who proposed it; system:reactions when a policy did',
    reviewed_by String COMMENT 'Who looked for personal data',
    approved_by String COMMENT 'Who approved it: neither the one who proposed nor who reviewed',
    published_by String COMMENT 'Who published it',
    proposed_at DateTime64(6, 'UTC') COMMENT 'When it was proposed (UTC)',
    published_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was published (UTC)',
    until Nullable(DateTime64(6, 'UTC')) COMMENT 'When its publication ends (UTC)',
    ended_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was declined, withdrawn or expired (UTC)',
    valid_days UInt16 COMMENT 'Days it stays published',
    channel String COMMENT 'Where it was published',
    note String CODEC(ZSTD(1)) COMMENT 'What the last step says; of an objection: its grounds',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this entry',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY listing_id
SETTINGS {durable}
COMMENT 'Entries of the red and black lists (红榜/黑榜) as they stand now'
