-- name: table
CREATE TABLE {table} (
    position UInt64 CODEC(Delta(8), ZSTD(1))
        COMMENT 'Place in the log, counted from 1 without gaps',
    event_id UUID ALIAS toUUID(concat(
        substring(leaf_hash, 1, 8), '-', substring(leaf_hash, 9, 4), '-8', substring(leaf_hash, 14, 3),
        '-8', substring(leaf_hash, 18, 3), '-', substring(leaf_hash, 21, 12)))
        COMMENT 'UUID (version 8) made of the first bytes of leaf_hash',
    stream_kind LowCardinality(String)
        COMMENT 'What the event happened to: unit, inspection, case, penalty, policy, ranking, slip, money, listing, accountability, appeal, reading, person or access (who read)',
    stream_id String CODEC(ZSTD(1))
        COMMENT 'The one it happened to, as kind-id: case-A1 is the case with case_id A1',
    version UInt32 CODEC(T64, ZSTD(1))
        COMMENT 'Number of the event within its stream, from 1',
    name LowCardinality(String)
        COMMENT 'What happened, such as case.filed',
    event_version UInt16 CODEC(T64, ZSTD(1))
        COMMENT 'Version of the shape of payload',
    actor LowCardinality(String)
        COMMENT 'Who did it',
    unit String CODEC(ZSTD(1))
        COMMENT 'Unit it is about at that moment: the registered, inspected, leading (before the first dispatch: named), penalised, supervised, listed, paying, rewarded, accountable, appealing or measured one',
    district LowCardinality(String)
        COMMENT 'District of that unit or place at that moment; empty if unknown',
    occurred_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))
        COMMENT 'When it happened in the city (UTC)',
    recorded_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))
        COMMENT 'When the log stored it (UTC)',
    payload String CODEC(ZSTD(1))
        COMMENT 'Body of the event as stored: JSON',
    policies Array(String) CODEC(ZSTD(1))
        COMMENT 'Digests of the policies in force when it happened',
    cause String CODEC(ZSTD(1))
        COMMENT 'What made the system act, or the record it was imported from; empty for a person',
    trace_id String CODEC(ZSTD(1))
        COMMENT 'Trace of the request it came with (W3C Trace Context), empty if it was not traced',
    leaf_hash String CODEC(ZSTD(1))
        COMMENT 'SHA-256, in hex, of a zero byte and the canonical bytes of the event (RFC 6962 leaf)'
)
ENGINE = ReplacingMergeTree
ORDER BY (stream_id, version)
SETTINGS {durable}
COMMENT 'The audit trail: one row for every event, never changed'

-- name: begun
-- The things of a kind that had begun by a moment, as far as known, the newest first.
SELECT stream_id, occurred_at, position
FROM events
WHERE stream_kind = {kind:String} AND version = 1 AND position <= {up_to:UInt64}
    AND recorded_at <= {as_of:DateTime64(6, 'UTC')} AND occurred_at <= {at:DateTime64(6, 'UTC')}
    AND (occurred_at, position) < ({before:DateTime64(6, 'UTC')}, {before_position:UInt64})
ORDER BY occurred_at DESC, position DESC
LIMIT {limit:UInt32}
