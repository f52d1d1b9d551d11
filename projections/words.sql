-- name: table
CREATE TABLE {table} (
    kind LowCardinality(String)
        COMMENT 'What it is: case, unit, inspection, penalty, policy, ranking, slip, money, listing, accountability, appeal, reading, person or evidence',
    key String CODEC(ZSTD(1)) COMMENT 'Its id (of evidence: of its case)',
    position UInt64 CODEC(Delta(8), ZSTD(1))
        COMMENT 'Place in the log of the event that made its words so',
    name String CODEC(ZSTD(1))
        COMMENT 'What it is called: its number on paper, name or title; a pseudonym, a digest',
    words String CODEC(ZSTD(1))
        COMMENT 'All it is found by, in lines: id, name, and every text of it as it stood then',
    plain String CODEC(ZSTD(1))
        COMMENT 'The same in small letters of plain width, with a line feed at both ends: what is looked through',
    unit String CODEC(ZSTD(1)) COMMENT 'Unit whose matter it was then; of a unit: the one above it',
    district LowCardinality(String) COMMENT 'District of that unit or place then; empty if unknown',
    grid LowCardinality(String) COMMENT 'Grid of the place; empty if unknown',
    occurred_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))
        COMMENT 'When that happened in the city (UTC)'
)
ENGINE = ReplacingMergeTree
ORDER BY (kind, key, position)
SETTINGS {durable}
COMMENT 'What is searched: the words of every thing, a row whenever they change; nothing of the vault'

-- name: named
-- Whose names hold which of the needles, as bits: it counts for whatever is a matter of theirs.
SELECT unit_id, arraySum((at, bit) -> if(at > 0, bit, 0),
    multiSearchAllPositionsCaseInsensitiveUTF8(concat(name, '\n', code), {needles:Array(String)}),
    {bits:Array(UInt64)}) AS mask
FROM units
WHERE multiSearchAnyCaseInsensitiveUTF8(concat(name, '\n', code), {needles:Array(String)})
LIMIT 20000

-- name: found
-- Every thing that had the words at some time: the best first, of equals the newest. As bits: first
-- the words that were asked for, then the pairs of characters that Chinese ones are made of.
WITH seen AS (
    SELECT kind, key, unit, position, occurred_at,
        position(plain, concat('\n', {whole:String})) > 0 AS begins,
        begins AND position(plain, concat('\n', {whole:String}, '\n')) > 0 AS exact,
        bitOr(
            arraySum((at, bit) -> if(at > 0, bit, 0),
                multiSearchAllPositions(plain, {needles:Array(String)}),
                {bits:Array(UInt64)}),
            if({by_unit:Bool},
                bitOr(transform(unit, {units:Array(String)}, {masks:Array(UInt64)}, toUInt64(0)),
                bitOr(transform(toString(district), {units:Array(String)}, {masks:Array(UInt64)},
                    toUInt64(0)),
                transform(toString(grid), {units:Array(String)}, {masks:Array(UInt64)},
                    toUInt64(0)))), toUInt64(0))) AS mask
    FROM words
    WHERE (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, kind))
        AND occurred_at >= {start:DateTime64(6, 'UTC')} AND occurred_at < {end:DateTime64(6, 'UTC')}
        AND (multiSearchAny(plain, {needles:Array(String)})
            OR {by_unit:Bool} AND (unit IN {units:Array(String)}
                OR toString(district) IN {units:Array(String)}
                OR toString(grid) IN {units:Array(String)}))
),
found AS (
    SELECT kind, key, max(position) AS place, argMax(unit, position) AS its_unit,
        max(occurred_at) AS at,
        max(multiIf(exact, 100, bitAnd(mask, {terms:UInt64}) != {terms:UInt64}, 0,
                begins, 80, 50)
            + bitCount(bitAnd(mask, {pairs:UInt64}))) AS score
    FROM seen
    WHERE bitAnd(mask, {terms:UInt64}) = {terms:UInt64}
        OR (bitCount(bitAnd(mask, {pairs:UInt64})) >= {enough:UInt8}
            AND bitAnd(mask, {plain:UInt64}) = {plain:UInt64})
    GROUP BY kind, key
)
SELECT kind, key, place AS position, its_unit AS unit, at, score,
    count() OVER (PARTITION BY kind) AS of_kind
FROM found
ORDER BY score DESC, kind = 'unit' DESC, at DESC, key
LIMIT {limit:UInt32} OFFSET {offset:UInt32}

-- name: told
-- What the things of a page are called, and by which words they were found.
SELECT kind, key, position, name, words FROM words
WHERE (kind, key, position) IN arrayZip({kinds:Array(String)}, {keys:Array(String)},
    {positions:Array(UInt64)})

-- name: actors
-- Who did anything in the log, by (a part of) the name.
SELECT toString(actor) AS name, max(occurred_at) AS at, max(position) AS position
FROM events
WHERE stream_kind != 'access' AND actor != ''
    AND positionCaseInsensitiveUTF8(actor, {whole:String}) > 0
GROUP BY actor
ORDER BY at DESC
LIMIT {limit:UInt32}
