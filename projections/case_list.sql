-- name: units_under
WITH RECURSIVE
    below AS (
        SELECT unit_id FROM units WHERE unit_id = {unit:String}
        UNION ALL
        SELECT u.unit_id FROM below INNER JOIN units AS u ON u.parent = below.unit_id
    ),
    in_line AS (
        SELECT unit_id FROM units WHERE unit_id = {unit:String} AND kind = 'department'
        UNION ALL
        SELECT u.unit_id FROM in_line INNER JOIN units AS u ON u.line = in_line.unit_id
    ),

-- name: wanted
    WHERE (empty({statuses:Array(String)}) OR has({statuses:Array(String)}, status))
        AND (empty({lights:Array(String)}) OR has({lights:Array(String)}, light))
        AND (empty({sources:Array(String)}) OR has({sources:Array(String)}, source))
        AND ({district:String} = '' OR district = {district:String})
        AND ({grid:String} = '' OR grid = {grid:String})
        AND ({category:String} = '' OR category = {category:String})
        AND ({severity:String} = '' OR severity = {severity:String})
        AND ({inspection_id:String} = '' OR inspection_id = {inspection_id:String})
        AND opened_at >= {opened_from:DateTime64(6, 'UTC')}
        AND opened_at < {opened_to:DateTime64(6, 'UTC')}
        AND (NOT {due:Bool} OR (due_at >= {due_from:DateTime64(6, 'UTC')}
            AND due_at < {due_to:DateTime64(6, 'UTC')}))
        AND (NOT {closed:Bool} OR (closed_at >= {closed_from:DateTime64(6, 'UTC')}
            AND closed_at < {closed_to:DateTime64(6, 'UTC')}))
        AND ({on_the_spot:Int8} < 0 OR on_the_spot = {on_the_spot:Int8})
        AND ({overdue:Int8} < 0 OR (overdue OR light = 'red') = {overdue:Int8})
        AND ({words:String} = '' OR positionCaseInsensitiveUTF8(text, {words:String}) > 0
            OR positionCaseInsensitiveUTF8(category, {words:String}) > 0
            OR positionCaseInsensitiveUTF8(address, {words:String}) > 0
            OR case_no = {words:String} OR case_id = {words:String})
        AND ({unit:String} = '' OR unit IN (SELECT unit_id FROM below)
            OR unit IN (SELECT unit_id FROM in_line))

-- name: page
-- ``place`` puts every order into one rising number, so that a page goes on after the last row
-- seen whatever has come in since; what has no such time stands at the end.
-- include: units_under
found AS (
    SELECT *, ifNull({direction:Int8} * multiIf(
            {sort:String} = 'due', toUnixTimestamp64Micro(due_at),
            {sort:String} = 'closed', toUnixTimestamp64Micro(closed_at),
            {sort:String} = 'changed', toUnixTimestamp64Micro(changed_at),
            {sort:String} = 'reworks', toInt64(reworks),
            toUnixTimestamp64Micro(opened_at)), 9223372036854775807) AS place
    FROM cases
    -- include: wanted
)
SELECT case_id, case_no, status, light, source, category, severity, text,
    f.unit AS unit, u.name AS unit_name, f.district AS district, d.name AS district_name,
    f.grid AS grid, f.address AS address, opened_at, due_at, closed_at, on_the_spot, reworks,
    extensions, bounces, overdue, inspection_id, f.version AS version, f.position AS position, place
FROM (
    SELECT * FROM found
    WHERE (place, case_id) > ({after:Int64}, {after_id:String})
    ORDER BY place, case_id
    LIMIT {limit:UInt32}
) AS f
LEFT JOIN units AS u ON u.unit_id = f.unit
LEFT JOIN units AS d ON d.unit_id = f.district
ORDER BY place, case_id

-- name: counts
-- The same filters as the page.
-- include: units_under
found AS (
    SELECT status, light FROM cases
    -- include: wanted
)
SELECT status, light, count() AS cases FROM found GROUP BY status, light

-- name: choices
-- What the filters can be set to, the most frequent first.
SELECT 'category' AS filter, category AS value, count() AS cases FROM cases
GROUP BY category ORDER BY cases DESC, value LIMIT 200
UNION ALL
SELECT 'severity', severity, count() AS cases FROM cases
GROUP BY severity ORDER BY cases DESC, severity LIMIT 50
UNION ALL
SELECT 'source', source, count() AS cases FROM cases
GROUP BY source ORDER BY cases DESC, source LIMIT 50
UNION ALL
SELECT 'district', district, count() AS cases FROM cases
GROUP BY district ORDER BY cases DESC, district LIMIT 200
