-- name: open_slips
SELECT unit, slip_id, ladder, colour, number, position
FROM slips
WHERE status IN ('issued', 'served', 'answered', 'failed')
    AND ({everybody:Bool} OR has({units:Array(String)}, unit))
ORDER BY unit, position

-- name: last_visits
SELECT i.unit AS unit, argMax(i.inspection_id, (i.occurred_at, i.position)) AS inspection_id,
    argMax(i.colour, (i.occurred_at, i.position)) AS colour,
    argMax(i.position, (i.occurred_at, i.position)) AS position
FROM inspections AS i
WHERE {everybody:Bool} OR has({units:Array(String)}, unit)
GROUP BY unit
