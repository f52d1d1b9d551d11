-- name: table
CREATE TABLE {table} (
    policy String COMMENT 'This version of the policy: id@version#digest',
    policy_id LowCardinality(String) COMMENT 'Id of the policy, the same in all its versions',
    revision UInt32 COMMENT 'Version of the policy',
    kind LowCardinality(String)
        COMMENT 'What it rules: scoring, composite, supervision, money, listing, accountability, indicators or appeals',
    digest String COMMENT 'SHA-256 of its text, in hex',
    effective_from DateTime64(6, 'UTC') COMMENT 'First moment it judges (UTC)',
    effective_day Date COMMENT 'The day of that moment in its time zone',
    title String COMMENT 'What it is called, in Chinese',
    title_en String COMMENT 'What it is called, in English',
    timezone LowCardinality(String) COMMENT 'Time zone of its days',
    base Nullable(Decimal(18, 4)) COMMENT 'Points a unit starts a period with; NULL: it does not score',
    floor Nullable(Decimal(18, 4)) COMMENT 'Fewest points possible; NULL: no limit',
    ceiling Nullable(Decimal(18, 4)) COMMENT 'Most points possible; NULL: no limit',
    decimals Nullable(UInt8) COMMENT 'Decimals of points in a ranking; NULL: it does not rank, and what follows is empty',
    rounding LowCardinality(String) COMMENT 'half_up or half_even',
    ties LowCardinality(String) COMMENT 'Places after equal points: competition (1, 1, 3) or dense (1, 1, 2)',
    eligibility LowCardinality(String) COMMENT 'Who is ranked: touched (units with an entry in the period) or all',
    peers_by LowCardinality(String) COMMENT 'What peers have in common: peer_group, kind, district, parent or all',
    kinds Array(String) COMMENT 'Kinds of units that are ranked; empty: all',
    `order` LowCardinality(String) COMMENT 'high_first or low_first',
    standard Nullable(Decimal(18, 4)) COMMENT 'Fewer points than this are a veto (一票否决); NULL: no standard',
    vetoed LowCardinality(String) COMMENT 'Where a vetoed unit stands: last or unranked',
    periods Array(LowCardinality(String)) COMMENT 'Kinds of periods a composite policy ranks; empty: all',
    issued_by String COMMENT 'Authority that issued the document',
    document String COMMENT 'Name and number of the document',
    source String COMMENT 'Where the document can be read',
    body String CODEC(ZSTD(1)) COMMENT 'Text of the policy file',
    adopted_by String COMMENT 'Who adopted it here',
    adopted_at DateTime64(6, 'UTC') COMMENT 'When it was adopted here (UTC)',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored the adoption (UTC)',
    position UInt64 COMMENT 'Position of the adoption in the log'
)
ENGINE = ReplacingMergeTree
ORDER BY (policy_id, revision)
SETTINGS {durable}
COMMENT 'Policies adopted here, one row per version'

-- name: adopted
SELECT policy_id, revision, effective_from, digest, body
FROM policies
WHERE position <= {up_to:UInt64} AND recorded_at <= {as_of:DateTime64(6, 'UTC')}
ORDER BY position
