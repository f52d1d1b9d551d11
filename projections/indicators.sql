-- name: counted
-- What of each count a case is by the moment ``at``; in the order of the names of the counts.
    SELECT case_id, unit, source, category, district, opened_at, position,
        cases.status = 'void' AS is_void, cases.status = 'rejected' AS is_rejected,
        NOT is_void AND NOT is_rejected AS is_on,
        is_on AND cases.status = 'suspended' AS is_suspended,
        is_on AND ifNull(filed_at < at, false) AS is_filed,
        is_on AND ifNull(dispatched_at < at, false) AND cases.status != 'filed' AS is_given,
        is_given AND ifNull(rectified_at < at, false) AS is_handled,
        is_filed AND ifNull(closed_at < at, false) AS is_closed,
        ifNull(due_at < at, false) AND NOT is_suspended AS is_past,
        ifNull(rectified_at > due_at, false) AS is_late,
        exempt OR NOT is_late AS is_in_time,
        (cases.overdue AND ifNull(missed_at < at, true))
            OR (is_past AND (is_late OR ifNull(rectified_at >= at, true))) AS is_missed,
        [
            1, toUInt32(is_filed), toUInt32(is_rejected), toUInt32(is_void), toUInt32(is_given),
            toUInt32(is_given AND (is_past OR is_handled OR is_suspended)), toUInt32(is_handled),
            toUInt32(is_handled AND is_in_time), toUInt32(is_given AND is_missed AND NOT exempt),
            toUInt32(is_given AND NOT is_handled AND NOT is_suspended),
            toUInt32(is_on AND cases.reworks > 0), if(is_on, toUInt32(cases.reworks), 0),
            toUInt32(is_suspended), toUInt32(is_on AND extensions > 0),
            toUInt32(is_on AND bounces > 0),
            toUInt32(is_filed AND (is_past OR is_closed OR is_suspended)), toUInt32(is_closed),
            toUInt32(is_closed AND is_in_time), toUInt32(is_on AND reopenings > 0)
        ] AS counts

-- name: of_the_cohort
    FROM cases
    WHERE multiIf({cohort:String} = 'reported', opened_at, {cohort:String} = 'filed', filed_at,
            {cohort:String} = 'dispatched', dispatched_at, due_at)
            >= {start:DateTime64(6, 'UTC')}
        AND multiIf({cohort:String} = 'reported', opened_at, {cohort:String} = 'filed', filed_at,
            {cohort:String} = 'dispatched', dispatched_at, due_at) < {end:DateTime64(6, 'UTC')}
        AND position <= {up_to:UInt64} AND recorded_at <= {as_of:DateTime64(6, 'UTC')}
        AND changed_at <= {so:DateTime64(6, 'UTC')}
        AND (empty({units:Array(String)}) OR has({units:Array(String)}, unit))
        AND ({source:String} = '' OR source = {source:String})
        AND ({category:String} = '' OR category = {category:String})
        AND ({district:String} = '' OR district = {district:String})
        AND ({part:String} = '' OR {part:String} = if(arrayExists(
            thing -> startsWith(lowerUTF8(category), lowerUTF8(thing)),
            {components:Array(String)}), 'component', 'event'))

-- name: view
CREATE OR REPLACE VIEW indicators (
    day Date COMMENT 'Day on which the cases were reported, in the time zone of the city',
    unit String COMMENT 'Unit that answers for them (the lead); empty before the first dispatch',
    district String COMMENT 'District where the unit stood when it got them; before that, of the place',
    source String COMMENT 'Who found them',
    category String COMMENT 'What kind of problem they are',
    indicator String
        COMMENT 'What is counted of them, as they stand now: reported, filed, rejected, voided, dispatched, due_to_handle (the deadline is over, or handled, or suspended), handled, handled_in_time, overdue, pending (with a unit, neither answered nor suspended), reworked_cases, reworks, suspended, extended, bounced, due_to_close, closed, closed_in_time or reopened. Void cases are in reported and voided alone, rejected ones in reported and rejected',
    value UInt64 COMMENT 'How many; what is 0 has no row'
) AS
SELECT day, unit, district, source, category, pair.1 AS indicator, sum(pair.2) AS value
FROM (
    WITH now64(6, 'UTC') AS at
    -- include: counted
        , toDate(toTimeZone(opened_at, ifNull(
            (SELECT if(any(timezone) = '', 'UTC', any(timezone)) FROM units WHERE kind = 'city'),
            'UTC'))) AS day
    FROM cases
)
ARRAY JOIN arrayZip([
        'reported', 'filed', 'rejected', 'voided', 'dispatched', 'due_to_handle', 'handled',
        'handled_in_time', 'overdue', 'pending', 'reworked_cases', 'reworks', 'suspended',
        'extended', 'bounced', 'due_to_close', 'closed', 'closed_in_time', 'reopened'
    ], counts) AS pair
WHERE pair.2 > 0
GROUP BY day, unit, district, source, category, indicator
COMMENT 'Counts of cases by the day they were reported: sum them up and divide them as a policy says'

-- name: by_day
SELECT day, unit, district, source, category, indicator, value FROM indicators
ORDER BY day, indicator, unit, district, source, category

-- name: counts
-- Every count of the cases of a period by one of their properties, in the order of the names.
SELECT multiIf({by:String} = 'unit', unit, {by:String} = 'district', district,
        {by:String} = 'source', source, {by:String} = 'category', category,
        {by:String} = 'part', if(arrayExists(
            thing -> startsWith(lowerUTF8(category), lowerUTF8(thing)),
            {components:Array(String)}), 'component', 'event'), '') AS name,
    sumForEach(counts) AS counts, max(position) AS position
FROM (
    WITH {at:DateTime64(6, 'UTC')} AS at
    -- include: counted
    -- include: of_the_cohort
)
GROUP BY name
ORDER BY name

-- name: drill
-- The cases behind one number, the newest last.
SELECT case_id, arrayElement(counts, {count:UInt8}) AS times
FROM (
    WITH {at:DateTime64(6, 'UTC')} AS at
    -- include: counted
    -- include: of_the_cohort
)
WHERE times > 0
ORDER BY opened_at, case_id
LIMIT {limit:UInt32} OFFSET {offset:UInt32}

-- name: later
-- The events, as far as known, of cases to which more has happened since.
SELECT stream_id, version, position, name, event_version, payload, occurred_at, recorded_at
FROM events
WHERE stream_kind = 'case' AND position <= {up_to:UInt64}
    AND recorded_at <= {as_of:DateTime64(6, 'UTC')}
    AND occurred_at <= {so:DateTime64(6, 'UTC')}
    AND stream_id IN (
        SELECT concat('case-', case_id) FROM cases
        WHERE (position > {up_to:UInt64} OR recorded_at > {as_of:DateTime64(6, 'UTC')}
                OR changed_at > {so:DateTime64(6, 'UTC')})
            AND opened_at < {end:DateTime64(6, 'UTC')}
    )
ORDER BY stream_id, version

-- name: tree
SELECT unit_id, parent, line FROM units

-- name: readings
-- What was read of each unit under a name, corrections applied, as far as known.
SELECT stream_id,
    anyIf(JSONExtractString(payload, 'unit'), name = 'reading.recorded') AS unit,
    anyIf(JSONExtractString(payload, 'period'), name = 'reading.recorded') AS period,
    anyIf(JSONExtractString(payload, 'indicator'), name = 'reading.recorded') AS indicator,
    argMax(JSONExtractString(payload, 'value'), version) AS value, max(position) AS position
FROM events
WHERE stream_id >= 'reading-' AND stream_id < 'reading.' AND events.position <= {up_to:UInt64}
    AND recorded_at <= {as_of:DateTime64(6, 'UTC')}
GROUP BY stream_id
HAVING indicator = {indicator:String}
    AND minIf(occurred_at, name = 'reading.recorded') <= {so:DateTime64(6, 'UTC')}
ORDER BY stream_id
