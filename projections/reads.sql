-- name: table
CREATE TABLE {table} (
    position UInt64 COMMENT 'Place in the log of the event that recorded it',
    reader String COMMENT 'Who read; anonymous: nobody had said who they are',
    act LowCardinality(String) COMMENT 'What they did: open, list, search, export or ask (in SQL)',
    channel LowCardinality(String) COMMENT 'On which way: page, api, feed, cli or sql',
    kind LowCardinality(String) COMMENT 'What they looked at, such as cases, units, persons, rankings or tables',
    key String COMMENT 'Id of the one thing they looked at; empty for lists and searches',
    asked String COMMENT 'Filters or question; what may name a person stands as # and a keyed digest',
    purpose String COMMENT 'Why, as they said; empty if they did not',
    read_at DateTime64(6, 'UTC') COMMENT 'When they read (UTC)',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored it, before anything was shown (UTC)'
)
ENGINE = ReplacingMergeTree
ORDER BY position
SETTINGS {durable}
COMMENT 'Log of readers: everything that was opened, searched or exported, recorded before it was shown'

-- name: wanted
WHERE ({reader:String} = '' OR reader = {reader:String})
    AND ({act:String} = '' OR act = {act:String})
    AND ({channel:String} = '' OR channel = {channel:String})
    AND ({kind:String} = '' OR kind = {kind:String})
    AND ({key:String} = '' OR key = {key:String})
    AND ({asked:String} = '' OR position(asked, {asked:String}) > 0)
    AND ({purpose:String} = '' OR position(purpose, {purpose:String}) > 0)
    AND read_at >= {start:DateTime64(6, 'UTC')} AND read_at < {end:DateTime64(6, 'UTC')}

-- name: listed
SELECT r.position AS position, reader, act, channel, kind, key, asked, purpose, read_at
FROM reads AS r
-- include: wanted
    AND r.position < {before:UInt64}
ORDER BY r.position DESC
LIMIT {limit:UInt32}

-- name: counted
SELECT reader, count() AS reads, countIf(act = 'export') AS exports,
    uniqExact(kind, key) AS things, countIf(purpose = '') AS without_purpose,
    min(read_at) AS first_at, max(read_at) AS last_at
FROM reads AS r
-- include: wanted
GROUP BY reader
ORDER BY reads DESC, reader
