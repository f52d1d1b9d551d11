-- name: table
CREATE TABLE {table} (
    position UInt64 COMMENT 'Position in the log of the event that made the line',
    line UInt8 COMMENT 'Number of the line among those of its event, from 0',
    money_id String COMMENT 'Deduction or reward it is about',
    account String COMMENT 'city, or unit: and the id of the unit',
    side LowCardinality(String) COMMENT 'due (owed) or paid',
    unit String COMMENT 'Unit that pays or gets it',
    period LowCardinality(String) COMMENT 'Period of the ranking it follows from',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the amount',
    amount Decimal(18, 2) COMMENT 'Positive for what comes to the account, negative for what goes; the lines of an event add up to 0',
    event LowCardinality(String) COMMENT 'money.issued, money.settled or money.revoked',
    occurred_at DateTime64(6, 'UTC') COMMENT 'When it happened (UTC)',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When the log stored it (UTC)'
)
ENGINE = ReplacingMergeTree
ORDER BY (period, account, position, line)
SETTINGS {durable}
COMMENT 'Ledger of money between the city and its units; statutory fines never enter it'

-- name: balances
-- What is due and what is paid, per period, currency and unit, seen from the unit.
SELECT period, currency, unit,
    sumIf(amount, side = 'due' AND account != 'city') AS due,
    sumIf(amount, side = 'paid' AND account != 'city') AS paid,
    sum(amount) AS difference
FROM ledger
WHERE {period:String} IN ('', period)
GROUP BY period, currency, unit
ORDER BY period DESC, currency, unit
