-- name: table
CREATE TABLE {table} (
    subject_kind LowCardinality(String) COMMENT 'unit, person or company',
    subject String CODEC(ZSTD(1))
        COMMENT 'Who: id of the unit; pseudonym of a person, or of a company outside the register',
    position UInt64 CODEC(Delta(8), ZSTD(1)) COMMENT 'Position of the event in the log',
    part LowCardinality(String)
        COMMENT 'did: its own act; asked: something was demanded of it; received: what happened to it or to its matters',
    role LowCardinality(String)
        COMMENT 'lead, assisting, named (by the report), previous (had the case before), owner (named in a dispute), authority (decides), ranked, itself, reporter or subject',
    late Bool COMMENT 'It was late: a deadline passed, or the answer came after it',
    stream_kind LowCardinality(String) COMMENT 'What the event happened to, as in events',
    stream_id String CODEC(ZSTD(1)) COMMENT 'The one it happened to, as kind-id',
    version UInt32 CODEC(T64, ZSTD(1)) COMMENT 'Number of the event within its stream',
    name LowCardinality(String) COMMENT 'What happened, such as case.dispatched',
    actor LowCardinality(String) COMMENT 'Who did it',
    occurred_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))
        COMMENT 'When it happened in the city (UTC)',
    recorded_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))
        COMMENT 'When the log stored it (UTC)'
)
ENGINE = ReplacingMergeTree
ORDER BY (subject_kind, subject, position)
SETTINGS {durable}
COMMENT 'Who had a part in which event: the dossiers of units and persons, one row per event and subject'

-- name: parts
WITH mine AS (
    SELECT position, part, role, late, stream_kind, stream_id, version, name, actor, occurred_at,
        recorded_at
    FROM involvements
    WHERE subject_kind = {subject_kind:String} AND subject IN {subjects:Array(String)}

-- name: acts
-- What a person did is told by the actor of each event (what they read is in the log of readers).
    UNION ALL
    SELECT position, 'did', 'actor', false, stream_kind, stream_id, version, name, actor,
        occurred_at, recorded_at
    FROM events
    WHERE actor IN {subjects:Array(String)} AND stream_kind != 'access'

-- name: wanted
),
wanted AS (
    SELECT * FROM mine
    WHERE recorded_at <= {as_of:DateTime64(6, 'UTC')} AND position <= {up_to:UInt64}
        AND occurred_at <= {at:DateTime64(6, 'UTC')}
        AND occurred_at >= {start:DateTime64(6, 'UTC')} AND occurred_at < {end:DateTime64(6, 'UTC')}
        AND (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, stream_kind))
        AND ({part:String} = '' OR part = {part:String} OR ({part:String} = 'late' AND late))
    ORDER BY role = 'actor', part = 'received', role != 'lead'
    LIMIT 1 BY position
)

-- name: in_time
-- In order of time; a page goes on behind (occurred_at, position).
SELECT * FROM wanted
WHERE (occurred_at, position) > ({after:DateTime64(6, 'UTC')}, {after_position:UInt64})
ORDER BY occurred_at, position
LIMIT {limit:UInt32}

-- name: summed
SELECT stream_kind, part, count() AS events, countIf(late) AS late FROM wanted
GROUP BY stream_kind, part
ORDER BY stream_kind, part

-- name: page
-- include: parts
-- include: wanted
-- include: in_time

-- name: page_of_person
-- include: parts
-- include: acts
-- include: wanted
-- include: in_time

-- name: counted
-- include: parts
-- include: wanted
-- include: summed

-- name: counted_of_person
-- include: parts
-- include: acts
-- include: wanted
-- include: summed

-- name: recorded
-- The streams of a kind that a unit is the subject of, of those that had begun and were known.
SELECT stream_id, occurred_at FROM involvements
WHERE subject_kind = 'unit' AND subject = {unit:String} AND stream_kind = {kind:String}
    AND version = 1 AND role = 'subject' AND recorded_at <= {as_of:DateTime64(6, 'UTC')}
    AND position <= {up_to:UInt64} AND occurred_at <= {at:DateTime64(6, 'UTC')}
ORDER BY occurred_at DESC, position DESC
