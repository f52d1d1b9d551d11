-- name: page
-- In order of name. ``under`` are the units right below a node, in either tree.
SELECT u.unit_id AS unit_id, u.code AS code, u.name AS name, u.kind AS kind, u.parent AS parent,
    u.peer_group AS peer_group, u.address AS address, u.retired AS retired,
    b.below AS below, v.colour AS colour
FROM (
    SELECT * FROM units
    WHERE ({kind:String} = '' OR kind = {kind:String})
        AND ({under:String} = '' OR parent = {under:String} OR line = {under:String})
        AND ({words:String} = '' OR positionCaseInsensitiveUTF8(name, {words:String}) > 0
            OR positionCaseInsensitiveUTF8(address, {words:String}) > 0
            OR code = {words:String} OR unit_id = {words:String})
        AND ({colour:String} = '' OR unit_id IN (
            SELECT unit FROM inspections
            GROUP BY unit HAVING argMax(colour, (occurred_at, position)) = {colour:String}))
        AND (name, unit_id) > ({after:String}, {after_id:String})
    ORDER BY name, unit_id
    LIMIT {limit:UInt32}
) AS u
LEFT JOIN (SELECT parent, count() AS below FROM units GROUP BY parent) AS b
    ON b.parent = u.unit_id
LEFT JOIN (
    SELECT unit, argMax(colour, (occurred_at, position)) AS colour FROM inspections GROUP BY unit
) AS v ON v.unit = u.unit_id
ORDER BY name, unit_id

-- name: counts
-- The same filters as the page, but for the kind.
SELECT kind, count() AS units FROM units
WHERE ({under:String} = '' OR parent = {under:String} OR line = {under:String})
    AND ({words:String} = '' OR positionCaseInsensitiveUTF8(name, {words:String}) > 0
        OR positionCaseInsensitiveUTF8(address, {words:String}) > 0
        OR code = {words:String} OR unit_id = {words:String})
    AND ({colour:String} = '' OR unit_id IN (
        SELECT unit FROM inspections
        GROUP BY unit HAVING argMax(colour, (occurred_at, position)) = {colour:String}))
GROUP BY kind
ORDER BY units DESC, kind
