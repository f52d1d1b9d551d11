-- name: view
CREATE OR REPLACE VIEW evidence (
    case_id String COMMENT 'Case it speaks for',
    digest String COMMENT 'SHA-256 of the stored file, in hex: its name in the store',
    media_type LowCardinality(String) COMMENT 'What the file is, by its content',
    size UInt64 COMMENT 'Bytes of the stored file',
    caption String COMMENT 'What is said about it, corrections applied',
    copy String COMMENT 'SHA-256 of the copy without metadata; empty if there is none',
    thumbnail String COMMENT 'SHA-256 of the thumbnail; empty if there is none',
    taken_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was taken, as the camera wrote it (UTC)',
    latitude Nullable(Float64) COMMENT 'Where it was taken, as the camera wrote it, in degrees north',
    longitude Nullable(Float64) COMMENT 'Where it was taken, as the camera wrote it, in degrees east',
    person String COMMENT 'Pseudonym of the person it shows; empty if none',
    unit String COMMENT 'Unit that had the case when it was attached, or that the report is about',
    district String COMMENT 'District of the case when it was attached',
    attached_by String COMMENT 'Who attached it',
    attached_at DateTime64(6, 'UTC') COMMENT 'When it was attached (UTC)',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored that (UTC)',
    corrected Bool COMMENT 'What is said about it was put right',
    withdrawn Bool COMMENT 'It no longer speaks for the case; the file is still there',
    reason String COMMENT 'Why it was corrected or withdrawn, the last time; empty before',
    position UInt64 COMMENT 'Position in the log of the event that attached it',
    changed UInt64 COMMENT 'Position in the log of the last event about it'
) AS
SELECT
    case_id, digest,
    argMaxIf(steps.media_type, steps.position, step = 'attached') AS media_type,
    argMaxIf(steps.size, steps.position, step = 'attached') AS size,
    argMaxIf(steps.caption, steps.position, step != 'withdrawn') AS caption,
    argMaxIf(steps.copy, steps.position, step = 'attached') AS copy,
    argMaxIf(steps.thumbnail, steps.position, step = 'attached') AS thumbnail,
    argMaxIf(steps.taken_at, steps.position, step = 'attached') AS taken_at,
    argMaxIf(steps.latitude, steps.position, step = 'attached') AS latitude,
    argMaxIf(steps.longitude, steps.position, step = 'attached') AS longitude,
    argMaxIf(steps.person, steps.position, step = 'attached') AS person,
    argMaxIf(steps.unit, steps.position, step = 'attached') AS unit,
    argMaxIf(steps.district, steps.position, step = 'attached') AS district,
    argMaxIf(steps.actor, steps.position, step = 'attached') AS attached_by,
    argMaxIf(steps.occurred_at, steps.position, step = 'attached') AS attached_at,
    argMaxIf(steps.recorded_at, steps.position, step = 'attached') AS recorded_at,
    maxIf(steps.position, step = 'corrected') > maxIf(steps.position, step = 'attached') AS corrected,
    argMax(step, steps.position) = 'withdrawn' AS withdrawn,
    argMax(steps.reason, steps.position) AS reason,
    maxIf(steps.position, step = 'attached') AS position,
    max(steps.position) AS changed
FROM evidence_steps AS steps
GROUP BY case_id, digest
COMMENT 'Evidence of cases as it stands: photos and documents by their SHA-256'

-- name: one
-- Where and as what a file was attached, the newest first.
SELECT case_id, digest, media_type, size, copy, thumbnail, person, withdrawn, position
FROM evidence
WHERE digest = {digest:String}
ORDER BY position DESC
LIMIT 1

-- name: held
-- Every file that an event refers to.
SELECT DISTINCT position, case_id, digest, copy, thumbnail
FROM evidence_steps
WHERE step = 'attached'
ORDER BY position

-- name: list
SELECT case_id, digest, media_type, size, caption, taken_at, person, attached_by, attached_at,
    corrected, withdrawn, position
FROM evidence
WHERE {case_id:String} IN ('', case_id) AND position > {after:UInt64}
ORDER BY position
LIMIT {limit:UInt32}

-- name: begun
-- The files whose digest begins so.
SELECT DISTINCT digest FROM evidence_steps
WHERE startsWith(digest, {begun:String})
LIMIT 2
