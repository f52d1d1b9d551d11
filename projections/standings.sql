-- name: was_so
        AND occurred_at <= {at:DateTime64(6, 'UTC')}
        -- What an upheld appeal takes back counts on the day of the entry, but only once it is upheld.
        AND position NOT IN (
            SELECT position FROM events
            WHERE stream_id >= 'appeal-' AND stream_id < 'appeal.'
                AND occurred_at > {at:DateTime64(6, 'UTC')}
        )

-- name: units
-- Sums per unit in a period and in the one before it.
SELECT u.unit_id AS unit, u.name AS name, u.kind AS kind, u.peer_group AS peer_group,
    u.parent AS parent, u.retired AS retired,
    s.now_points AS points, s.now_entries AS entries, s.newest AS position,
    s.old_points AS points_before, s.old_entries AS entries_before,
    arrayFirst((clause, times) -> times > 0, s.now_vetoes.1, s.now_vetoes.2) AS veto,
    arrayFirst((clause, times) -> times > 0, s.old_vetoes.1, s.old_vetoes.2) AS veto_before
FROM units AS u
LEFT JOIN (
    SELECT unit,
        sumIf(points, day >= {first:Date}) AS now_points,
        countIf(day >= {first:Date}) AS now_entries,
        maxIf(position, day >= {first:Date}) AS newest,
        sumIf(points, day < {first:Date}) AS old_points,
        countIf(day < {first:Date}) AS old_entries,
        sumMapIf([toString(clause)], [toInt64(veto)], veto != 0 AND day >= {first:Date})
            AS now_vetoes,
        sumMapIf([toString(clause)], [toInt64(veto)], veto != 0 AND day < {first:Date})
            AS old_vetoes
    FROM scores
    WHERE policy_id = {policy_id:String} AND day >= {before:Date} AND day < {end:Date}
        AND recorded_at <= {as_of:DateTime64(6, 'UTC')} AND position <= {up_to:UInt64}
        -- include: was_so
    GROUP BY unit
) AS s ON s.unit = u.unit_id
WHERE (s.now_entries > 0 OR s.old_entries > 0 OR {everybody:Bool})
    AND (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, u.kind))
ORDER BY u.unit_id

-- name: changed
-- The units to which something has happened since the end of a period, or since what was known.
SELECT DISTINCT stream_id FROM events
WHERE stream_id >= 'unit-' AND stream_id < 'unit.'
    AND (position > {up_to:UInt64} OR recorded_at > {as_of:DateTime64(6, 'UTC')}
        OR (occurred_at >= {end_at:DateTime64(6, 'UTC')} AND name != 'unit.registered'))

-- name: stood
-- Where these units stood at the end of a period, as far as was known.
SELECT substring(stream_id, 6) AS unit,
    argMaxIf(JSONExtractString(payload, 'parent'), version,
        name IN ('unit.registered', 'unit.moved')) AS parent,
    argMaxIf(JSONExtractString(payload, 'peer_group'), version,
        JSONType(payload, 'peer_group') = 'String') AS peer_group,
    countIf(name = 'unit.retired') > 0 AS retired
FROM events
WHERE has({streams:Array(String)}, stream_id) AND stream_id >= 'unit-' AND stream_id < 'unit.'
    AND position <= {up_to:UInt64} AND recorded_at <= {as_of:DateTime64(6, 'UTC')}
    AND (occurred_at < {end_at:DateTime64(6, 'UTC')} OR name = 'unit.registered')
GROUP BY stream_id

-- name: tree
SELECT unit_id AS unit, kind, parent FROM units

-- name: nodes
-- Sums per node of a kind: its own entries and those of all that hangs under it now. What is meant
-- for one unit (floor, ceiling, standard, veto) does not bound the sum of many.
WITH RECURSIVE up AS (
    SELECT unit_id AS unit, unit_id AS node, if({by_line:Bool}, line, parent) AS next, kind
    FROM units
    UNION ALL
    SELECT up.unit, u.unit_id, if({by_line:Bool}, u.line, u.parent), u.kind
    FROM up INNER JOIN units AS u ON u.unit_id = up.next
    WHERE up.kind != {node:String}
)
SELECT u.unit_id AS unit, u.name AS name, u.kind AS kind, u.peer_group AS peer_group,
    u.parent AS parent, u.retired AS retired, '' AS district,
    s.now_points AS points, s.now_entries AS entries, s.newest AS position,
    s.old_points AS points_before, s.old_entries AS entries_before,
    '' AS veto, '' AS veto_before
FROM units AS u
LEFT JOIN (
    SELECT up.node AS node,
        sumIf(t.points, t.since >= {first:Date}) AS now_points,
        sumIf(t.entries, t.since >= {first:Date}) AS now_entries,
        maxIf(t.newest, t.since >= {first:Date}) AS newest,
        sumIf(t.points, t.since < {first:Date}) AS old_points,
        sumIf(t.entries, t.since < {first:Date}) AS old_entries
    FROM (
        SELECT unit, if(day < {first:Date}, {before:Date}, {first:Date}) AS since,
            sum(points) AS points, count() AS entries, max(position) AS newest
        FROM scores
        WHERE policy_id = {policy_id:String} AND day >= {before:Date} AND day < {end:Date}
            AND recorded_at <= {as_of:DateTime64(6, 'UTC')} AND position <= {up_to:UInt64}
            -- include: was_so
        GROUP BY unit, since
    ) AS t
    INNER JOIN up ON up.unit = t.unit
    WHERE up.kind = {node:String}
    GROUP BY up.node
) AS s ON s.node = u.unit_id
WHERE u.kind = {node:String}
    AND (s.now_entries > 0 OR s.old_entries > 0 OR {everybody:Bool})
ORDER BY u.unit_id

-- name: published
SELECT ranking_id, board, peer_group, correction, unit, place, points, entries, veto, policy_id,
    computed_at, checksum, composed_by, approved_by, published_by, published_at, recorded_at,
    position
FROM publications
WHERE period = {period:String}
    AND (peer_group = {peer_group:String} OR {any_group:Bool})
    AND recorded_at <= {as_of:DateTime64(6, 'UTC')} AND published_at <= {at:DateTime64(6, 'UTC')}
ORDER BY board, peer_group, correction, place, unit

-- name: series
-- Sums per unit in each of several periods, by their number from 1.
SELECT unit, number, sum(points) AS points, sum(entries) AS entries, max(newest) AS position,
    arrayFirst((clause, times) -> times > 0,
        sumMap(vetoes.1, vetoes.2).1, sumMap(vetoes.1, vetoes.2).2) AS veto
FROM (
    SELECT unit,
        arrayFirstIndex((first, end) -> day >= first AND day < end,
            {firsts:Array(Date)}, {ends:Array(Date)}) AS number,
        sum(points) AS points, count() AS entries, max(position) AS newest,
        sumMapIf([toString(clause)], [toInt64(veto)], veto != 0) AS vetoes
    FROM scores
    WHERE policy_id = {policy_id:String} AND day >= {first:Date} AND day < {end:Date}
        AND recorded_at <= {as_of:DateTime64(6, 'UTC')} AND position <= {up_to:UInt64}
        -- include: was_so
    GROUP BY unit, day
)
WHERE number > 0
GROUP BY unit, number
