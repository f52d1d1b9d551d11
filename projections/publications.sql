-- name: table
CREATE TABLE {table} (
    ranking_id String COMMENT 'Id of the ranking: board:period:peer-group',
    board LowCardinality(String) COMMENT 'Id of the policy that ranks',
    period LowCardinality(String) COMMENT 'Period ranked, such as 2012-04 or 2012-W15',
    peer_group LowCardinality(String) COMMENT 'Group ranked; empty: all units in one',
    unit String COMMENT 'Unit ranked',
    place UInt32 COMMENT 'Its place; units with equal points share one',
    points Decimal(18, 4) COMMENT 'Its points',
    entries UInt32 COMMENT 'Score entries they come from',
    veto LowCardinality(String)
        COMMENT 'Clause that puts the unit last whatever its points (一票否决); standard: too few points; empty: none',
    correction UInt16 COMMENT '0: as it was published first; 1, 2, …: the corrections published beside it',
    policy_id LowCardinality(String) COMMENT 'Policy that judged: the same as board',
    policies Array(String) COMMENT 'Digests of all policies that judged, that of the board first',
    computed_at UInt64 COMMENT 'Position in the log up to which events were counted',
    checksum String COMMENT 'SHA-256 of the published ranking, in hex',
    composed_by String COMMENT 'Who composed it',
    approved_by String COMMENT 'Who approved it',
    published_by String COMMENT 'Who published it',
    published_at DateTime64(6, 'UTC') COMMENT 'When this was published (UTC)',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored the publication (UTC)',
    position UInt64 COMMENT 'Position of the publication in the log'
)
ENGINE = ReplacingMergeTree
ORDER BY (period, peer_group, position, unit)
SETTINGS {durable}
COMMENT 'Published rankings and their corrections as they were frozen, one row per unit'
