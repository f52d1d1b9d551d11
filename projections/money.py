"""Deductions and rewards as they stand."""

from datetime import datetime
from decimal import Decimal

import msgspec

from domain.messages import Envelope, Event
from domain.money import events as e
from projections.projection import Snapshot
from projections.proposing import proposed

ZERO = Decimal(0)


class MoneyRow(msgspec.Struct, kw_only=True, gc=False):
    money_id: str
    unit: str
    direction: str
    amount: Decimal
    currency: str
    period: str
    ranking: str
    status: str = "proposed"
    settled: Decimal = ZERO
    number: str = ""
    authority: str
    approved_for: str = ""
    reason: str
    reason_en: str
    policy: str
    clause: str
    because: tuple[int, ...]
    proposed_by: str
    reviewed_by: str = ""
    approved_by: str = ""
    proposed_at: datetime
    reviewed_at: datetime | None = None
    approved_at: datetime | None = None
    issued_at: datetime | None = None
    ended_at: datetime | None = None
    note: str = ""
    recorded_at: datetime
    version: int
    position: int


def begin(event: e.MoneyProposed, envelope: Envelope) -> MoneyRow:
    return MoneyRow(
        money_id=envelope.key,
        unit=event.unit,
        direction=event.direction,
        amount=event.amount,
        currency=event.currency,
        period=event.period,
        ranking=event.ranking,
        authority=event.authority,
        **proposed(event.reason, envelope),
    )


def evolve(row: MoneyRow, event: Event, envelope: Envelope) -> None:
    at = envelope.occurred_at
    match event:
        case e.MoneyReviewed():
            row.status, row.reviewed_at, row.reviewed_by = "reviewed", at, envelope.actor
            row.note = event.note
        case e.MoneyApproved():
            row.status, row.approved_at, row.approved_by = "approved", at, envelope.actor
            row.approved_for, row.note = event.authority, event.note
        case e.MoneyDeclined():
            row.status, row.ended_at, row.note = "declined", at, event.reason
        case e.MoneyIssued():
            row.status, row.issued_at, row.number = "issued", at, event.number
        case e.MoneySettled():
            row.settled, row.note = row.settled + event.amount, event.note
            if row.settled == row.amount:
                row.status, row.ended_at = "settled", at
        case e.MoneyRevoked():
            row.status, row.ended_at, row.note = "revoked", at, event.reason


MONEY = Snapshot(table="money", version=1, kind="money", row=MoneyRow, begin=begin, evolve=evolve)
