-- name: units
-- Sums per unit in a period and in the one before it, with what tells the unit's peers.
SELECT u.unit_id AS unit, u.name AS name, u.kind AS kind, u.peer_group AS peer_group,
    u.parent AS parent, u.retired AS retired, '' AS district,
    s.now_points AS points, s.now_entries AS entries, s.newest AS position,
    s.old_points AS points_before, s.old_entries AS entries_before
FROM units AS u
LEFT JOIN (
    SELECT unit,
        sumIf(points, day >= {first:Date}) AS now_points,
        countIf(day >= {first:Date}) AS now_entries,
        maxIf(position, day >= {first:Date}) AS newest,
        sumIf(points, day < {first:Date}) AS old_points,
        countIf(day < {first:Date}) AS old_entries
    FROM scores
    WHERE policy_id = {policy_id:String} AND day >= {before:Date} AND day < {end:Date}
        AND recorded_at <= {as_of:DateTime64(6, 'UTC')} AND position <= {up_to:UInt64}
    GROUP BY unit
) AS s ON s.unit = u.unit_id
WHERE (s.now_entries > 0 OR s.old_entries > 0 OR ({everybody:Bool} AND NOT u.retired))
    AND (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, u.kind))
    AND ({any_group:Bool} OR {peer_group:String} = multiIf(
        {peers_by:String} = 'peer_group', u.peer_group,
        {peers_by:String} = 'kind', u.kind,
        {peers_by:String} = 'parent', u.parent,
        ''))
ORDER BY u.unit_id

-- name: units_of_districts
-- The same for units whose peers are those of their district.
WITH RECURSIVE up AS (
    SELECT unit_id AS unit, unit_id AS node, parent, kind FROM units
    UNION ALL
    SELECT up.unit, u.unit_id, u.parent, u.kind
    FROM up INNER JOIN units AS u ON u.unit_id = up.parent
    WHERE up.kind != 'district'
)
SELECT u.unit_id AS unit, u.name AS name, u.kind AS kind, u.peer_group AS peer_group,
    u.parent AS parent, u.retired AS retired, d.node AS district,
    s.now_points AS points, s.now_entries AS entries, s.newest AS position,
    s.old_points AS points_before, s.old_entries AS entries_before
FROM units AS u
LEFT JOIN (
    SELECT unit,
        sumIf(points, day >= {first:Date}) AS now_points,
        countIf(day >= {first:Date}) AS now_entries,
        maxIf(position, day >= {first:Date}) AS newest,
        sumIf(points, day < {first:Date}) AS old_points,
        countIf(day < {first:Date}) AS old_entries
    FROM scores
    WHERE policy_id = {policy_id:String} AND day >= {before:Date} AND day < {end:Date}
        AND recorded_at <= {as_of:DateTime64(6, 'UTC')} AND position <= {up_to:UInt64}
    GROUP BY unit
) AS s ON s.unit = u.unit_id
LEFT JOIN (SELECT unit, node FROM up WHERE kind = 'district') AS d ON d.unit = u.unit_id
WHERE (s.now_entries > 0 OR s.old_entries > 0 OR ({everybody:Bool} AND NOT u.retired))
    AND (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, u.kind))
    AND ({any_group:Bool} OR {peer_group:String} = d.node)
ORDER BY u.unit_id

-- name: nodes
-- Sums per node of a kind: its own entries and those of all that hangs under it now.
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
    s.old_points AS points_before, s.old_entries AS entries_before
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
        GROUP BY unit, since
    ) AS t
    INNER JOIN up ON up.unit = t.unit
    WHERE up.kind = {node:String}
    GROUP BY up.node
) AS s ON s.node = u.unit_id
WHERE u.kind = {node:String}
    AND (s.now_entries > 0 OR s.old_entries > 0 OR ({everybody:Bool} AND NOT u.retired))
ORDER BY u.unit_id

-- name: published
SELECT peer_group, unit, place, points, entries, policy_id, computed_at, checksum, composed_by,
    published_by, published_at, recorded_at, position
FROM publications
WHERE period = {period:String}
    AND (peer_group = {peer_group:String} OR {any_group:Bool})
    AND recorded_at <= {as_of:DateTime64(6, 'UTC')}
ORDER BY peer_group, place, unit
