-- name: table
CREATE TABLE {table} (
    position UInt64 COMMENT 'Position of the event in the log',
    case_id String COMMENT 'Case the evidence speaks for',
    digest String COMMENT 'SHA-256 of the stored file, in hex',
    step LowCardinality(String) COMMENT 'attached, corrected or withdrawn',
    media_type LowCardinality(String) COMMENT 'What the file is, by its content; empty unless attached',
    size UInt64 COMMENT 'Bytes of the stored file; 0 unless attached',
    caption String COMMENT 'What is said about it; empty if withdrawn',
    copy String COMMENT 'SHA-256 of the copy without metadata; empty if there is none',
    thumbnail String COMMENT 'SHA-256 of the thumbnail; empty if there is none',
    taken_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was taken, as the camera wrote it (UTC)',
    latitude Nullable(Float64) COMMENT 'Where it was taken, as the camera wrote it, in degrees north',
    longitude Nullable(Float64) COMMENT 'Where it was taken, as the camera wrote it, in degrees east',
    person String COMMENT 'Pseudonym of the person it shows; empty if none',
    reason String COMMENT 'Why it was corrected or withdrawn',
    unit String COMMENT 'Unit that had the case then, or that the report is about',
    district String COMMENT 'District of the case then',
    actor String COMMENT 'Who did it',
    occurred_at DateTime64(6, 'UTC') COMMENT 'When it happened (UTC)',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored it (UTC)'
)
ENGINE = ReplacingMergeTree
ORDER BY (case_id, digest, position)
SETTINGS {durable}
COMMENT 'What happened to the evidence of cases, step by step'
