-- name: wanted
    AND ({period:String} = '' OR {of_period:Identifier} = {period:String})
    AND ({which:String} = '' OR {of_which:Identifier} = {which:String})
    AND ({about:String} = '' OR {of_about:Identifier} = {about:String})
    AND {begun:Identifier} >= {start:DateTime64(6, 'UTC')}
    AND {begun:Identifier} < {end:DateTime64(6, 'UTC')}

-- name: units_under
WITH RECURSIVE below AS (
    SELECT unit_id FROM units WHERE unit_id = {unit:String}
    UNION ALL
    SELECT u.unit_id FROM below INNER JOIN units AS u ON u.parent = below.unit_id
)

-- name: page
-- The newest first. The table, its key and the columns that filters look at come from the kind.
-- include: units_under
SELECT * FROM {table:Identifier}
WHERE (empty({statuses:Array(String)}) OR has({statuses:Array(String)}, status))
    AND ({unit:String} = '' OR unit IN (SELECT unit_id FROM below))
    -- include: wanted
    AND ({begun:Identifier}, {key:Identifier})
        < ({before:DateTime64(6, 'UTC')}, {before_key:String})
ORDER BY {begun:Identifier} DESC, {key:Identifier} DESC
LIMIT {limit:UInt32}

-- name: counts
-- The same filters as the page, but for the status.
-- include: units_under
SELECT status, count() AS found FROM {table:Identifier}
WHERE ({unit:String} = '' OR unit IN (SELECT unit_id FROM below))
    -- include: wanted
GROUP BY status
ORDER BY status

-- name: ledger
SELECT position, line, money_id, account, side, unit, period, currency, amount, event, occurred_at,
    recorded_at
FROM ledger
WHERE {period:String} IN ('', period)
    AND {unit:String} IN ('', unit)
    AND position < {before:UInt64}
ORDER BY position DESC, line
LIMIT {limit:UInt32}

-- name: readings
SELECT * FROM readings
WHERE {indicator:String} IN ('', indicator)
    AND {unit:String} IN ('', unit)
    AND {period:String} IN ('', period)
    AND (occurred_at, reading_id)
        < ({before:DateTime64(6, 'UTC')}, {before_key:String})
ORDER BY occurred_at DESC, reading_id DESC
LIMIT {limit:UInt32}

-- name: listed
-- What a reader of the lists must know: what stands, and what was taken back after it stood.
SELECT * FROM listings
WHERE status IN ('published', 'withdrawn') AND published_at IS NOT NULL
    AND {list:String} IN ('', list)
ORDER BY coalesce(ended_at, published_at) DESC, listing_id DESC
LIMIT {limit:UInt32}

-- name: cases
SELECT c.case_id AS case_id, c.case_no AS case_no, c.status AS status, c.text AS text,
    c.unit AS unit, u.name AS unit_name, c.opened_at AS opened_at, c.due_at AS due_at,
    c.closed_at AS closed_at
FROM (SELECT * FROM cases WHERE has({ids:Array(String)}, case_id)) AS c
LEFT JOIN units AS u ON u.unit_id = c.unit
