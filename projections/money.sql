-- name: table
CREATE TABLE {table} (
    money_id String COMMENT 'Id of the deduction or reward',
    unit String COMMENT 'Unit that pays or gets it',
    direction LowCardinality(String) COMMENT 'deduction (the unit pays) or reward (the unit gets)',
    amount Decimal(18, 2) COMMENT 'How much, always positive',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amount',
    period LowCardinality(String) COMMENT 'Period of the ranking it follows from',
    ranking String COMMENT 'Id of the published ranking it follows from',
    status LowCardinality(String) COMMENT 'proposed, reviewed, approved, declined, issued, settled or revoked',
    settled Decimal(18, 2) COMMENT 'Paid so far',
    number String COMMENT 'Number it was issued under; empty before',
    authority String COMMENT 'Who approves it by the policy',
    approved_for String COMMENT 'Unit in whose name it was approved',
    reason String CODEC(ZSTD(1)) COMMENT 'Why it was proposed, in Chinese',
    reason_en String CODEC(ZSTD(1)) COMMENT 'Why it was proposed, in English',
    policy LowCardinality(String) COMMENT 'Version of the policy it follows from: id@version#digest; empty if a person proposed it',
    clause LowCardinality(String) COMMENT 'Rule of that policy',
    because Array(UInt64) COMMENT 'Positions in the log of the events it rests on',
    proposed_by String COMMENT 'Who proposed it; system:reactions when a policy did',
    reviewed_by String COMMENT 'Who checked the figures',
    approved_by String COMMENT 'Who approved it: neither the one who proposed nor who reviewed',
    proposed_at DateTime64(6, 'UTC') COMMENT 'When it was proposed (UTC)',
    reviewed_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the figures were checked (UTC)',
    approved_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was approved (UTC)',
    issued_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the unit was told (UTC)',
    ended_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was settled in full, declined or revoked (UTC)',
    note String CODEC(ZSTD(1)) COMMENT 'What the last step says',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this money',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY money_id
SETTINGS {durable}
COMMENT 'Money between the city and its units (考核扣款/奖励) as it stands now; never a statutory fine'
