-- name: unit
SELECT unit_id, code, name, kind, parent, peer_group, line, address, latitude, longitude, timezone,
    language, retired, registered_at, recorded_at, version, position
FROM units WHERE unit_id = {unit:String}

-- name: above
-- The nodes above in the territory, the nearest first.
WITH RECURSIVE up AS (
    SELECT unit_id, name, kind, parent, 0 AS distance FROM units WHERE unit_id = {unit:String}
    UNION ALL
    SELECT u.unit_id, u.name, u.kind, u.parent, up.distance + 1
    FROM up INNER JOIN units AS u ON u.unit_id = up.parent
)
SELECT unit_id, name, kind FROM up WHERE distance > 0 ORDER BY distance

-- name: children
SELECT unit_id, name, kind FROM units
WHERE (parent = {unit:String} OR line = {unit:String}) AND NOT retired
ORDER BY kind, name, unit_id
LIMIT {limit:UInt32}

-- name: points
-- What each day brought the unit (with all under it): a period is a sum of days.
WITH RECURSIVE below AS (
    SELECT unit_id FROM units WHERE unit_id = {unit:String}
    UNION ALL
    SELECT u.unit_id FROM below INNER JOIN units AS u ON u.parent = below.unit_id
    WHERE {under:Bool}
)
SELECT day, sum(points) AS points, count() AS entries
FROM scores
WHERE has({boards:Array(String)}, policy_id) AND day >= {first:Date} AND day < {end:Date}
    AND unit IN (SELECT unit_id FROM below)
GROUP BY day
ORDER BY day

-- name: inspections
SELECT inspection_id, unit, source, result, score, occurred_at, colour, district, grid, findings,
    note, corrections, policies, recorded_at, version, position
FROM inspections
WHERE unit = {unit:String}
ORDER BY occurred_at DESC, inspection_id DESC
LIMIT {limit:UInt32}

-- name: inspection
SELECT inspection_id, unit, source, result, score, occurred_at, colour, district, grid, findings,
    note, corrections, policies, recorded_at, version, position
FROM inspections WHERE inspection_id = {inspection_id:String}

-- name: penalties
SELECT penalty_id, unit, kind, status, amount, currency, opened_at, decided_at, decision, ended_at,
    grounds, note, inspection_id, case_id, recorded_at, version, position
FROM penalties
WHERE ({unit:String} = '' OR unit = {unit:String})
    AND ({inspection_id:String} = '' OR inspection_id = {inspection_id:String})
    AND ({case_id:String} = '' OR case_id = {case_id:String})
    AND ({status:String} = '' OR status = {status:String})
    AND (opened_at, penalty_id) < ({before:DateTime64(6, 'UTC')}, {before_id:String})
ORDER BY opened_at DESC, penalty_id DESC
LIMIT {limit:UInt32}

-- name: penalty
SELECT penalty_id, unit, kind, status, amount, currency, opened_at, decided_at, decision, ended_at,
    grounds, note, inspection_id, case_id, recorded_at, version, position
FROM penalties WHERE penalty_id = {penalty_id:String}

-- name: names
SELECT unit_id, name, kind FROM units WHERE has({units:Array(String)}, unit_id)
