-- name: table
CREATE TABLE {table} (
    ranking_id String COMMENT 'Id of the ranking: board:period:peer-group',
    board LowCardinality(String) COMMENT 'Id of the policy that ranks; empty: published before boards had names',
    period LowCardinality(String) COMMENT 'Period ranked, such as 2012-04 or 2012-W15',
    peer_group LowCardinality(String) COMMENT 'Group ranked; empty: all units in one',
    status LowCardinality(String) COMMENT 'composed, approved, published or withdrawn',
    composed_by String COMMENT 'Who composed the newest draft',
    approved_by String COMMENT 'Who approved it; empty before',
    published_by String COMMENT 'Who published last; empty before',
    composed_at DateTime64(6, 'UTC') COMMENT 'When the newest draft was composed (UTC)',
    approved_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was approved (UTC); NULL before',
    published_at Nullable(DateTime64(6, 'UTC'))
        COMMENT 'When it was published, or corrected last (UTC); NULL before',
    ended_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was withdrawn (UTC); NULL if it is not',
    corrections UInt16 COMMENT 'Corrections published beside it',
    checksum String COMMENT 'SHA-256 of what was published last, in hex; empty before',
    draft_checksum String COMMENT 'SHA-256 of the draft that waits, in hex; empty if none does',
    draft_status LowCardinality(String) COMMENT 'composed or approved: how far the draft that waits is; empty if none does',
    computed_at UInt64 COMMENT 'Position in the log up to which the newest draft was computed',
    units UInt32 COMMENT 'Units ranked in the newest draft',
    reason String COMMENT 'Why it was corrected or withdrawn, the last of them; empty if neither',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this ranking',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY ranking_id
SETTINGS {durable}
COMMENT 'Rankings on their way from draft to publication (通报), as they stand now'

-- name: list
SELECT ranking_id, board, period, peer_group, status, draft_status, composed_by, approved_by,
    published_by, corrections, checksum, draft_checksum, units, reason
FROM bulletins
WHERE {period:String} IN ('', period)
ORDER BY position DESC
LIMIT 1000
