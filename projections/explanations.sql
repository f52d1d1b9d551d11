-- name: entries
-- What a unit (with all under it, if wanted) got and lost, newest first.
WITH RECURSIVE below AS (
    SELECT unit_id FROM units WHERE unit_id = {unit:String}
    UNION ALL
    SELECT u.unit_id FROM below INNER JOIN units AS u ON u.parent = below.unit_id
    WHERE {under:Bool}
),
in_line AS (
    SELECT unit_id FROM units WHERE unit_id = {unit:String} AND kind = 'department'
    UNION ALL
    SELECT u.unit_id FROM in_line INNER JOIN units AS u ON u.line = in_line.unit_id
    WHERE {under:Bool}
)
SELECT s.position AS position, s.entry AS entry, s.unit AS unit, u.name AS unit_name,
    s.points AS points, s.clause AS clause, s.policy AS policy, s.reason AS reason,
    s.reason_en AS reason_en, s.case_id AS case_id, s.inspection_id AS inspection_id,
    s.penalty_id AS penalty_id, s.event AS event, s.day AS day, s.occurred_at AS occurred_at,
    s.recorded_at AS recorded_at
FROM scores AS s
LEFT JOIN units AS u ON u.unit_id = s.unit
WHERE has({boards:Array(String)}, s.policy_id) AND s.day >= {first:Date} AND s.day < {end:Date}
    AND s.recorded_at <= {as_of:DateTime64(6, 'UTC')} AND s.position <= {up_to:UInt64}
    AND s.occurred_at <= {at:DateTime64(6, 'UTC')}
    AND s.position NOT IN (
        SELECT position FROM events
        WHERE stream_id >= 'appeal-' AND stream_id < 'appeal.'
            AND occurred_at > {at:DateTime64(6, 'UTC')}
    )
    AND (s.unit = {unit:String} OR ({under:Bool} AND (
        s.unit IN (SELECT unit_id FROM below) OR s.unit IN (SELECT unit_id FROM in_line))))
    AND (s.position, s.entry) < ({before:UInt64}, {before_entry:UInt32})
ORDER BY s.position DESC, s.entry DESC
LIMIT {limit:UInt32}

-- name: days
-- The days that have entries, so that a board can offer the periods worth opening.
SELECT min(day) AS first, max(day) AS last, count() AS entries
FROM scores WHERE has({boards:Array(String)}, policy_id)
