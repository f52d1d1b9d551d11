-- name: due
-- What the clock has to record, oldest first.
SELECT due_at, what, key
FROM (
    SELECT assumeNotNull(cases.due_at) AS due_at, 'case.overdue' AS what, case_id AS key
    FROM cases
    WHERE cases.due_at <= {until:DateTime64(6, 'UTC')} AND status IN ('dispatched', 'claimed')
        AND (missed_at IS NULL OR missed_at != cases.due_at)
    UNION ALL
    SELECT assumeNotNull(suspended_until) AS due_at, 'case.resume' AS what, case_id AS key
    FROM cases
    WHERE status = 'suspended' AND suspended_until <= {until:DateTime64(6, 'UTC')}
    UNION ALL
    SELECT assumeNotNull(slips.due_at) AS due_at, 'slip.fail' AS what, slip_id AS key
    FROM slips
    WHERE status = 'served' AND slips.due_at <= {until:DateTime64(6, 'UTC')}
    UNION ALL
    SELECT assumeNotNull(until) AS due_at, 'listing.expire' AS what, listing_id AS key
    FROM listings
    WHERE status = 'published' AND until <= {until:DateTime64(6, 'UTC')}
)
ORDER BY due_at, what, key
LIMIT {limit:UInt32}

-- name: next_due
-- When the clock has to look again.
SELECT min(due_at) AS due_at, count() > 0 AS found
FROM (
    SELECT min(assumeNotNull(cases.due_at)) AS due_at
    FROM cases
    WHERE cases.due_at > {after:DateTime64(6, 'UTC')} AND status IN ('dispatched', 'claimed')
    HAVING count() > 0
    UNION ALL
    SELECT min(assumeNotNull(suspended_until)) AS due_at
    FROM cases
    WHERE status = 'suspended' AND suspended_until > {after:DateTime64(6, 'UTC')}
    HAVING count() > 0
    UNION ALL
    SELECT min(assumeNotNull(slips.due_at)) AS due_at
    FROM slips
    WHERE status = 'served' AND slips.due_at > {after:DateTime64(6, 'UTC')}
    HAVING count() > 0
    UNION ALL
    SELECT min(assumeNotNull(until)) AS due_at
    FROM listings
    WHERE status = 'published' AND until > {after:DateTime64(6, 'UTC')}
    HAVING count() > 0
)
