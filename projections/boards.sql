-- name: numbers
-- A case that was voided is out of all counts.
SELECT
    countIf(opened_at >= {start:DateTime64(6, 'UTC')} AND opened_at < {end:DateTime64(6, 'UTC')})
        AS reported,
    countIf(filed_at >= {start:DateTime64(6, 'UTC')} AND filed_at < {end:DateTime64(6, 'UTC')})
        AS filed,
    countIf(due_at >= {start:DateTime64(6, 'UTC')} AND due_at < {end:DateTime64(6, 'UTC')}
        AND status NOT IN ('reported', 'rejected', 'filed')) AS due,
    countIf(due_at < {now:DateTime64(6, 'UTC')} AND status IN ('dispatched', 'claimed', 'disputed'))
        AS overdue,
    countIf(closed_at >= {start:DateTime64(6, 'UTC')} AND closed_at < {end:DateTime64(6, 'UTC')})
        AS closed,
    countIf(status NOT IN ('rejected', 'closed')) AS running
FROM cases
WHERE status != 'void'

-- name: steps
-- Reworks and inspections are counted when they happened, however often a case came back.
SELECT
    countIf(name = 'case.rework_ordered') AS reworks,
    countIf(name = 'inspection.recorded') AS inspections
FROM events
WHERE name IN ('case.rework_ordered', 'inspection.recorded')
    AND occurred_at >= {start:DateTime64(6, 'UTC')} AND occurred_at < {end:DateTime64(6, 'UTC')}

-- name: lights
SELECT light, count() AS cases
FROM cases
WHERE status NOT IN ('rejected', 'closed', 'void')
GROUP BY light

-- name: colours
-- Each unit by the sign that its last visit left at the door.
SELECT colour, count() AS units
FROM (
    SELECT unit, argMax(colour, (occurred_at, position)) AS colour
    FROM inspections GROUP BY unit
)
GROUP BY colour

-- name: days
-- What happened on each local day of a span.
SELECT day,
    sum(reported) AS reported, sum(filed) AS filed, sum(due) AS due, sum(closed) AS closed,
    sum(reworks) AS reworks, sum(inspections) AS inspections
FROM (
    SELECT toDate(opened_at, {zone:String}) AS day, count() AS reported, 0 AS filed, 0 AS due,
        0 AS closed, 0 AS reworks, 0 AS inspections
    FROM cases
    WHERE status != 'void'
        AND opened_at >= {start:DateTime64(6, 'UTC')} AND opened_at < {end:DateTime64(6, 'UTC')}
    GROUP BY day
    UNION ALL
    SELECT toDate(assumeNotNull(filed_at), {zone:String}) AS day, 0, count(), 0, 0, 0, 0
    FROM cases
    WHERE status != 'void'
        AND filed_at >= {start:DateTime64(6, 'UTC')} AND filed_at < {end:DateTime64(6, 'UTC')}
    GROUP BY day
    UNION ALL
    SELECT toDate(assumeNotNull(due_at), {zone:String}) AS day, 0, 0, count(), 0, 0, 0
    FROM cases
    WHERE status NOT IN ('reported', 'rejected', 'filed', 'void')
        AND due_at >= {start:DateTime64(6, 'UTC')} AND due_at < {end:DateTime64(6, 'UTC')}
    GROUP BY day
    UNION ALL
    SELECT toDate(assumeNotNull(closed_at), {zone:String}) AS day, 0, 0, 0, count(), 0, 0
    FROM cases
    WHERE status != 'void'
        AND closed_at >= {start:DateTime64(6, 'UTC')} AND closed_at < {end:DateTime64(6, 'UTC')}
    GROUP BY day
    UNION ALL
    SELECT toDate(occurred_at, {zone:String}) AS day, 0, 0, 0, 0,
        countIf(name = 'case.rework_ordered'), countIf(name = 'inspection.recorded')
    FROM events
    WHERE name IN ('case.rework_ordered', 'inspection.recorded')
        AND occurred_at >= {start:DateTime64(6, 'UTC')} AND occurred_at < {end:DateTime64(6, 'UTC')}
    GROUP BY day
)
GROUP BY day
ORDER BY day

-- name: latest
SELECT e.position AS position, e.name AS name, e.stream_id AS stream, e.version AS version,
    e.actor AS actor, e.unit AS unit, u.name AS unit_name, e.district AS district,
    e.occurred_at AS occurred_at, e.recorded_at AS recorded_at
FROM (
    SELECT position, name, stream_id, version, actor, unit, district, occurred_at, recorded_at
    FROM events
    WHERE position > {after:UInt64} AND stream_kind != 'access' -- who read is a log of its own
    ORDER BY position DESC
    LIMIT {limit:UInt32}
) AS e
LEFT JOIN units AS u ON u.unit_id = e.unit
ORDER BY position DESC

-- name: span
-- The first and last moment anything happened to a case or at a visit.
SELECT min(earliest) AS first, max(newest) AS last, sum(things) AS found
FROM (
    SELECT min(opened_at) AS earliest, max(changed_at) AS newest, count() AS things FROM cases
    UNION ALL
    SELECT min(occurred_at), max(occurred_at), count() FROM inspections
)
WHERE things > 0
