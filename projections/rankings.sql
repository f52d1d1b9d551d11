-- name: view
CREATE OR REPLACE VIEW rankings (
    period String
        COMMENT 'Period ranked: week 2012-W15, fortnight 2012-F08 (two ISO weeks), month 2012-04, quarter 2012-Q2 or year 2012',
    peer_group String COMMENT 'Group of units compared with each other; empty: all in one',
    unit String COMMENT 'Unit ranked',
    place UInt32 COMMENT 'Its place; units with equal points share one',
    points Decimal(18, 4) COMMENT 'Its points: base and entries, kept between floor and ceiling, rounded',
    published Bool COMMENT 'true: as it was published and frozen; false: as the entries stand now',
    position UInt64 COMMENT 'Position of the publication, or of the newest entry counted for the unit (0: none)',
    entries UInt32 COMMENT 'Number of score entries counted',
    policy_id String COMMENT 'Policy that judges',
    veto Bool COMMENT 'Stands last whatever its points (一票否决): by a clause, or below the standard',
    correction UInt16 COMMENT 'Of what is published: 0 as it was first, 1, 2, … the corrections beside it'
) AS
WITH
    -- every period with an entry, by policy and day, with the first day after it
    days AS (
        SELECT policy_id, day,
            arrayJoin([
                (concat(week_year, '-W', leftPad(toString(week), 2, '0')), monday + 7),
                (concat(week_year, '-F', leftPad(toString(intDiv(week + 1, 2)), 2, '0')),
                    if(week = 53, monday + 7, monday - 7 * (1 - week % 2) + 14)),
                (formatDateTime(day, '%Y-%m'), toStartOfMonth(day) + INTERVAL 1 MONTH),
                (concat(toString(toYear(day)), '-Q', toString(toQuarter(day))),
                    toStartOfQuarter(day) + INTERVAL 1 QUARTER),
                (toString(toYear(day)), toStartOfYear(day) + INTERVAL 1 YEAR)
            ]) AS span,
            span.1 AS period, span.2 AS end,
            toISOWeek(day) AS week, toString(toISOYear(day)) AS week_year, toMonday(day) AS monday
        FROM (SELECT DISTINCT policy_id, day FROM scores)
    ),
    -- the version in force at the last moment of the period, or now while it is running
    governing AS (
        SELECT days.period AS period, days.policy_id AS policy_id,
            argMax((base, floor, ceiling, decimals, rounding, ties, eligibility, peers_by, kinds,
                order, standard, vetoed), revision) AS rule
        FROM days INNER JOIN policies ON policies.policy_id = days.policy_id
        WHERE policies.kind = 'scoring' AND policies.effective_day < days.end
            AND policies.effective_from <= now64(6, 'UTC')
        GROUP BY period, policy_id
    ),
    totals AS (
        SELECT period, policy_id, unit, sum(points) AS total, sum(entries) AS entries,
            max(position) AS position,
            arrayExists(times -> times > 0, (sumMap(vetoes.1, vetoes.2) AS net).2) AS veto
        FROM (
            SELECT days.period AS period, daily.policy_id AS policy_id, daily.unit AS unit,
                daily.points AS points, daily.entries AS entries, daily.position AS position,
                daily.vetoes AS vetoes
            FROM (
                SELECT day, policy_id, unit,
                    sum(points) AS points, count() AS entries, max(position) AS position,
                    sumMapIf([toString(clause)], [toInt64(veto)], veto != 0) AS vetoes
                FROM scores GROUP BY day, policy_id, unit
            ) AS daily
            INNER JOIN days ON days.policy_id = daily.policy_id AND days.day = daily.day
            UNION ALL
            SELECT period, policy_id, unit_id, 0, 0, 0,
                CAST(([], []), 'Tuple(Array(String), Array(Int64))')
            FROM governing CROSS JOIN (SELECT unit_id FROM units WHERE NOT retired) AS everybody
            WHERE rule.7 = 'all'
        )
        GROUP BY period, policy_id, unit
    ),
    places AS (
        SELECT u.unit_id AS unit_id, u.kind AS kind, u.peer_group AS peer_group,
            u.parent AS parent,
            multiIf(u.kind = 'district', u.unit_id, a.kind = 'district', a.unit_id,
                b.kind = 'district', b.unit_id, c.kind = 'district', c.unit_id,
                d.kind = 'district', d.unit_id, '') AS district
        FROM units AS u
        LEFT JOIN units AS a ON a.unit_id = u.parent
        LEFT JOIN units AS b ON b.unit_id = a.parent
        LEFT JOIN units AS c ON c.unit_id = b.parent
        LEFT JOIN units AS d ON d.unit_id = c.parent
    ),
    reached AS (
        SELECT totals.period AS period, totals.policy_id AS policy_id, totals.unit AS unit,
            totals.entries AS entries, totals.position AS position, governing.rule AS rule,
            multiIf(rule.8 = 'peer_group', places.peer_group, rule.8 = 'kind', places.kind,
                rule.8 = 'district', places.district, rule.8 = 'parent', places.parent, '')
                AS peers,
            -- in ten-thousandths, so that rounding is exact
            toInt64((ifNull(rule.1, 0) + totals.total) * 10000) AS unbounded,
            greatest(unbounded, ifNull(toInt64(rule.2 * 10000), unbounded)) AS raised,
            least(raised, ifNull(toInt64(rule.3 * 10000), raised)) AS bounded,
            [10000, 1000, 100, 10, 1][ifNull(rule.4, 0) + 1] AS smallest,
            intDiv(abs(bounded), smallest) AS whole,
            2 * (abs(bounded) % smallest) AS twice,
            sign(bounded) * smallest * (whole + (twice > smallest OR (twice = smallest
                AND (rule.5 = 'half_up' OR whole % 2 = 1)))) AS final,
            totals.veto OR ifNull(final < toInt64(rule.11 * 10000), false) AS vetoed,
            if(vetoed, 0, if(rule.10 = 'low_first', final, -final)) AS upward
        FROM totals
        INNER JOIN governing
            ON governing.period = totals.period AND governing.policy_id = totals.policy_id
        INNER JOIN places ON places.unit_id = totals.unit
        WHERE empty(rule.9) OR has(rule.9, places.kind)
    )
SELECT period, peers AS peer_group, unit,
    if(rule.6 = 'dense',
        dense_rank() OVER (PARTITION BY policy_id, period, peers ORDER BY vetoed, upward),
        rank() OVER (PARTITION BY policy_id, period, peers ORDER BY vetoed, upward)) AS place,
    toDecimal64(toDecimal128(final, 4) / 10000, 4) AS points,
    false AS published, position, entries, policy_id, vetoed AS veto, 0 AS correction
FROM reached
WHERE NOT vetoed OR rule.12 = 'last'
UNION ALL
SELECT period, peer_group, unit, place, points, true AS published, position, entries, policy_id,
    publications.veto != '' AS veto, correction
FROM publications
WHERE ranking_id NOT IN (SELECT ranking_id FROM bulletins WHERE status = 'withdrawn')
COMMENT 'Rankings: as published (withdrawn ones left out), and as the score entries stand now, for every period'

-- name: of_period
SELECT peer_group, place, unit, points, published, entries, position, policy_id, veto
FROM rankings
WHERE period = {period:String}
ORDER BY published DESC, policy_id, peer_group, place, unit
