-- name: units
-- Sums per unit and period, with what tells its peers. ``starts`` are the first days of the
-- periods, which follow each other up to ``end``; ``number`` says which of them, from 1 (0: a unit
-- without entries). ``above`` is the kind of node above whose id is wanted too, if any.
WITH RECURSIVE up AS (
    SELECT unit_id AS unit, unit_id AS node, parent, kind FROM units WHERE {above:String} != ''
    UNION ALL
    SELECT up.unit, u.unit_id, u.parent, u.kind
    FROM up INNER JOIN units AS u ON u.unit_id = up.parent
    WHERE up.kind != {above:String}
)
SELECT u.unit_id AS unit, u.name AS name, u.kind AS kind, u.peer_group AS peer_group,
    u.parent AS parent, u.retired AS retired, above.node AS above,
    s.number AS number, s.points AS points, s.entries AS entries, s.newest AS position
FROM units AS u
LEFT JOIN (
    SELECT unit, arrayCount(start -> start <= day, {starts:Array(Date)}) AS number,
        sum(points) AS points, count() AS entries, max(position) AS newest
    FROM scores
    WHERE policy_id = {policy_id:String}
        AND day >= arrayMin({starts:Array(Date)}) AND day < {end:Date}
        AND recorded_at <= {as_of:DateTime64(6, 'UTC')} AND position <= {up_to:UInt64}
    GROUP BY unit, number
) AS s ON s.unit = u.unit_id
LEFT JOIN (SELECT unit, node FROM up WHERE kind = {above:String}) AS above
    ON above.unit = u.unit_id
WHERE (s.entries > 0 OR ({everybody:Bool} AND NOT u.retired))
    AND (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, u.kind))
    AND ({any_group:Bool} OR {peer_group:String} = multiIf(
        {peers_by:String} = 'peer_group', u.peer_group,
        {peers_by:String} = 'kind', u.kind,
        {peers_by:String} = 'district', above.node,
        {peers_by:String} = 'parent', u.parent,
        ''))
ORDER BY u.unit_id

-- name: nodes
-- Sums per node of a kind and period: its own entries and those of all that hangs under it now.
WITH RECURSIVE up AS (
    SELECT unit_id AS unit, unit_id AS node, if({by_line:Bool}, line, parent) AS next, kind
    FROM units
    UNION ALL
    SELECT up.unit, u.unit_id, if({by_line:Bool}, u.line, u.parent), u.kind
    FROM up INNER JOIN units AS u ON u.unit_id = up.next
    WHERE up.kind != {above:String}
)
SELECT u.unit_id AS unit, u.name AS name, u.kind AS kind, u.peer_group AS peer_group,
    u.parent AS parent, u.retired AS retired, '' AS above,
    s.number AS number, s.points AS points, s.entries AS entries, s.newest AS position
FROM units AS u
LEFT JOIN (
    SELECT up.node AS node, t.number AS number, sum(t.points) AS points,
        sum(t.entries) AS entries, max(t.newest) AS newest
    FROM (
        SELECT unit, arrayCount(start -> start <= day, {starts:Array(Date)}) AS number,
            sum(points) AS points, count() AS entries, max(position) AS newest
        FROM scores
        WHERE policy_id = {policy_id:String}
            AND day >= arrayMin({starts:Array(Date)}) AND day < {end:Date}
            AND recorded_at <= {as_of:DateTime64(6, 'UTC')} AND position <= {up_to:UInt64}
        GROUP BY unit, number
    ) AS t
    INNER JOIN up ON up.unit = t.unit
    WHERE up.kind = {above:String}
    GROUP BY up.node, t.number
) AS s ON s.node = u.unit_id
WHERE u.kind = {above:String} AND (s.entries > 0 OR ({everybody:Bool} AND NOT u.retired))
ORDER BY u.unit_id

-- name: published
SELECT peer_group, unit, place, points, entries, policy_id, computed_at, checksum, composed_by,
    published_by, published_at, recorded_at, position
FROM publications
WHERE period = {period:String}
    AND (peer_group = {peer_group:String} OR {any_group:Bool})
    AND recorded_at <= {as_of:DateTime64(6, 'UTC')}
ORDER BY peer_group, place, unit
