-- name: table
CREATE TABLE {table} (
    person_id String COMMENT 'Pseudonym of the person; who that is lies in the vault alone',
    category LowCardinality(String) COMMENT 'What the person is here: reporter, witness, official, …; says how long the data is kept',
    status LowCardinality(String) COMMENT 'registered or forgotten',
    basis String COMMENT 'Legal ground on which the data is kept',
    fields Array(String) COMMENT 'Names of the fields that the vault holds; empty once forgotten',
    corrections UInt32 COMMENT 'How often the data was put right',
    reason String COMMENT 'Why it was put right, the last time; empty if it was not',
    registered_by String COMMENT 'Who registered the person',
    registered_at DateTime64(6, 'UTC') COMMENT 'When (UTC)',
    renewed_at DateTime64(6, 'UTC') COMMENT 'When the data was registered or last put right (UTC)',
    forgotten_by String COMMENT 'Who had the data destroyed; empty while it is kept',
    forgotten_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was destroyed (UTC)',
    forgotten_for String COMMENT 'Legal ground on which it was destroyed; empty while it is kept',
    rule String COMMENT 'Line of the retention schedule that asked for it; empty if a person did',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored its last event (UTC)',
    version UInt32 COMMENT 'Number of events of this record',
    position UInt64 COMMENT 'Position of its last event in the log'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY person_id
SETTINGS {durable}
COMMENT 'Register of persons by pseudonym: no name, number or address is in any table'

-- name: listed
SELECT person_id, category, status, basis, fields, corrections, reason, registered_by,
    registered_at, renewed_at, forgotten_by, forgotten_at, forgotten_for, rule, recorded_at,
    version, position
FROM persons
WHERE ({category:String} = '' OR category = {category:String})
    AND ({status:String} = '' OR status = {status:String})
    AND person_id > {after:String}
    AND ({only:String} = '' OR person_id = {only:String})
ORDER BY person_id
LIMIT {limit:UInt32}

-- name: due
-- A person is named where a stream's first event says so; what is open keeps them.
WITH named AS (
    SELECT JSONExtractString(payload, 'reporter') AS person, stream_id FROM events
    WHERE name = 'case.reported' AND person != ''
    UNION ALL
    SELECT JSONExtractString(payload, 'person') AS person, stream_id FROM events
    WHERE name IN ('accountability.proposed', 'case.evidence_attached')
        AND person != ''
    UNION ALL
    SELECT JSONExtractString(payload, 'subject') AS person, stream_id FROM events
    WHERE name = 'listing.proposed' AND person != ''
),
held AS (
    SELECT concat('case-', case_id) AS stream_id FROM cases
    WHERE status NOT IN ('closed', 'void', 'rejected')
    UNION ALL
    SELECT concat('accountability-', accountability_id) AS stream_id FROM accountability
    WHERE status IN ('proposed', 'reviewed', 'ordered', 'packed', 'receipted')
    UNION ALL
    SELECT concat('listing-', listing_id) AS stream_id FROM listings
    WHERE status NOT IN ('declined', 'withdrawn', 'expired')
),
last_named AS (
    SELECT n.person AS person_id, max(e.last_at) AS last_at,
        countIf(n.stream_id IN (SELECT stream_id FROM held)) AS open
    FROM named AS n
    INNER JOIN (
        SELECT stream_id, max(recorded_at) AS last_at FROM events
        WHERE stream_id IN (SELECT stream_id FROM named)
        GROUP BY stream_id
    ) AS e ON e.stream_id = n.stream_id
    GROUP BY n.person
)
SELECT p.person_id AS person_id, greatest(p.renewed_at, l.last_at) AS since
FROM (
    SELECT person_id, renewed_at FROM persons
    WHERE category = {category:String} AND status = 'registered'
        AND renewed_at < {before:DateTime64(6, 'UTC')} AND person_id > {after:String}
) AS p
LEFT JOIN last_named AS l ON l.person_id = p.person_id
WHERE l.open = 0 AND since < {before:DateTime64(6, 'UTC')}
ORDER BY person_id
LIMIT {limit:UInt32}
