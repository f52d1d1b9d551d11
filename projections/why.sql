-- name: entry
-- One score entry, by the event that made it and its number among those of that event.
SELECT s.position AS position, s.entry AS entry, s.unit AS unit, u.name AS unit_name,
    s.points AS points, s.clause AS clause, s.policy AS policy, s.policy_id AS policy_id,
    s.reason AS reason, s.reason_en AS reason_en, s.case_id AS case_id,
    s.inspection_id AS inspection_id, s.penalty_id AS penalty_id, s.slip_id AS slip_id,
    s.accountability_id AS accountability_id, s.reading_id AS reading_id, s.event AS event,
    s.day AS day, s.occurred_at AS occurred_at, s.recorded_at AS recorded_at, s.veto AS veto,
    s.multipliers AS multipliers
FROM scores AS s
LEFT JOIN units AS u ON u.unit_id = s.unit
WHERE s.position = {position:UInt64} AND s.entry = {entry:UInt16}

-- name: corrections
-- What later corrections of the same visit or reading added to an entry, oldest first.
SELECT position, entry, points, reason, reason_en
FROM scores
WHERE policy_id = {policy_id:String} AND unit = {unit:String} AND clause = {clause:String}
    AND day = {day:Date} AND event IN ('inspection.corrected', 'reading.corrected')
    AND inspection_id = {inspection_id:String} AND reading_id = {reading_id:String}
    AND position > {position:UInt64} AND recorded_at <= {as_of:DateTime64(6, 'UTC')}
ORDER BY position, entry

-- name: by_clause
-- A unit's points in a period by the clause that gave them, and the policy text it stands in.
SELECT clause, policy, sum(points) AS points, count() AS entries
FROM scores
WHERE policy_id = {policy_id:String} AND unit = {unit:String}
    AND day >= {first:Date} AND day < {end:Date}
    AND recorded_at <= {as_of:DateTime64(6, 'UTC')} AND position <= {up_to:UInt64}
GROUP BY clause, policy
ORDER BY clause, policy

-- name: of_unit
-- The slips and the visits of a unit, which its colour may come from.
SELECT 'slip' AS kind, slip_id AS id FROM slips WHERE unit = {unit:String}
UNION ALL
SELECT 'inspection' AS kind, inspection_id AS id FROM inspections WHERE unit = {unit:String}
