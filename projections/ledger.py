"""The ledger of money between the city and its units: the lines of every event add up to 0."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from domain.money.events import MoneyIssued, MoneyRevoked, MoneySettled
from projections.money import MoneyRow
from projections.projection import Facts, Step
from projections.rules import Rules


class LedgerRow(msgspec.Struct, frozen=True, gc=False):
    position: int
    line: int
    money_id: str
    account: str
    side: str
    unit: str
    period: str
    currency: str
    amount: Decimal
    event: str
    occurred_at: datetime
    recorded_at: datetime


def rows(step: Step, rules: Rules) -> Sequence[LedgerRow]:
    """Issued, the amount is due; settled, it is paid; revoked, nothing is due any more, and what
    was paid is owed back."""
    event, money = step.envelope.event, step.after
    match event:
        case MoneyIssued():
            return _lines(step, money, "due", money.amount)
        case MoneySettled(amount=amount):
            return _lines(step, money, "paid", amount)
        case MoneyRevoked() if money.issued_at is not None:
            return _lines(step, money, "due", -money.amount)
    return ()


def _lines(step: Step, money: MoneyRow, side: str, amount: Decimal) -> Sequence[LedgerRow]:
    """From the unit to the city, or the other way round for a reward."""
    to_city = amount if money.direction == "deduction" else -amount
    accounts = ((f"unit:{money.unit}", -to_city), ("city", to_city))
    return [
        LedgerRow(
            position=step.envelope.position,
            line=line,
            money_id=money.money_id,
            account=account,
            side=side,
            unit=money.unit,
            period=money.period,
            currency=money.currency,
            amount=signed,
            event=step.envelope.event.NAME,
            occurred_at=step.envelope.occurred_at,
            recorded_at=step.envelope.recorded_at,
        )
        for line, (account, signed) in enumerate(accounts)
    ]


LEDGER = Facts(table="ledger", version=1, row=LedgerRow, rows=rows, kinds=("money",))
