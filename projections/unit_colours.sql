-- name: open_slips
SELECT unit, slip_id, ladder, colour, number, position
FROM slips
WHERE status IN ('issued', 'served', 'answered', 'failed')
    AND ({everybody:Bool} OR has({units:Array(String)}, unit))
ORDER BY unit, position

-- name: last_visits
SELECT unit, argMax(inspection_id, (occurred_at, position)) AS inspection_id,
    argMax(colour, (occurred_at, position)) AS colour, max(inspections.position) AS position
FROM inspections
WHERE {everybody:Bool} OR has({units:Array(String)}, unit)
GROUP BY unit
