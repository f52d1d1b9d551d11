-- name: units_under
WITH RECURSIVE below AS (
    SELECT unit_id FROM units WHERE unit_id = {unit:String}
    UNION ALL
    SELECT u.unit_id FROM below INNER JOIN units AS u ON u.parent = below.unit_id
)

-- name: inspections
-- include: units_under
SELECT i.inspection_id AS inspection_id, i.unit AS unit, u.name AS unit_name, i.source AS source,
    i.result AS result, i.score AS score, i.occurred_at AS occurred_at, i.colour AS colour,
    i.district AS district, i.findings AS findings, i.corrections AS corrections,
    i.version AS version, i.position AS position
FROM (
    SELECT * FROM inspections
    WHERE ({unit:String} = '' OR unit IN (SELECT unit_id FROM below))
        AND ({source:String} = '' OR source = {source:String})
        AND ({result:String} = '' OR result = {result:String})
        AND ({colour:String} = '' OR colour = {colour:String})
        AND occurred_at >= {start:DateTime64(6, 'UTC')} AND occurred_at < {end:DateTime64(6, 'UTC')}
        AND (occurred_at, inspection_id) < ({before:DateTime64(6, 'UTC')}, {before_id:String})
    ORDER BY occurred_at DESC, inspection_id DESC
    LIMIT {limit:UInt32}
) AS i
LEFT JOIN units AS u ON u.unit_id = i.unit
ORDER BY occurred_at DESC, inspection_id DESC

-- name: inspections_counted
-- The same filters as the list.
-- include: units_under
SELECT count() AS inspections FROM inspections
WHERE ({unit:String} = '' OR unit IN (SELECT unit_id FROM below))
    AND ({source:String} = '' OR source = {source:String})
    AND ({result:String} = '' OR result = {result:String})
    AND ({colour:String} = '' OR colour = {colour:String})
    AND occurred_at >= {start:DateTime64(6, 'UTC')} AND occurred_at < {end:DateTime64(6, 'UTC')}

-- name: policies
SELECT policy, policy_id, revision, kind, digest, effective_from, title, title_en, timezone, base, floor,
    ceiling, decimals, rounding, ties, eligibility, peers_by, kinds, `order`, issued_by, document,
    source, adopted_by, adopted_at, recorded_at, position
FROM policies
ORDER BY policy_id, revision
