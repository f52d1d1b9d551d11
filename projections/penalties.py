"""Statutory penalties as they stand."""

from datetime import datetime
from decimal import Decimal

import msgspec

from domain.messages import Envelope, Event
from domain.penalties.events import (
    PenaltyDecided,
    PenaltyOpened,
    PenaltySettled,
    PenaltyWithdrawn,
)
from projections.projection import Snapshot


class PenaltyRow(msgspec.Struct, kw_only=True, gc=False):
    penalty_id: str
    unit: str
    kind: str
    status: str = "open"
    amount: Decimal | None
    currency: str
    opened_at: datetime
    decided_at: datetime | None = None
    decision: str = ""
    ended_at: datetime | None = None
    grounds: str
    note: str = ""
    inspection_id: str
    case_id: str
    recorded_at: datetime
    version: int
    position: int


def begin(event: PenaltyOpened, envelope: Envelope) -> PenaltyRow:
    return PenaltyRow(
        penalty_id=envelope.key,
        unit=event.unit,
        kind=event.kind,
        amount=event.amount,
        currency=event.currency,
        opened_at=envelope.occurred_at,
        grounds=event.grounds,
        inspection_id=event.inspection_id,
        case_id=event.case_id,
        recorded_at=envelope.recorded_at,
        version=envelope.version,
        position=envelope.position,
    )


def evolve(row: PenaltyRow, event: Event, envelope: Envelope) -> None:
    match event:
        case PenaltyDecided():
            row.status = "decided"
            row.decision = event.decision
            row.decided_at = envelope.occurred_at
            row.amount = row.amount if event.amount is None else event.amount
            row.note = event.note
        case PenaltyWithdrawn():
            row.status = "withdrawn"
            row.ended_at = envelope.occurred_at
            row.note = event.reason
        case PenaltySettled():
            row.status = "settled"
            row.ended_at = envelope.occurred_at
            row.note = event.note or row.note


PENALTIES = Snapshot(
    table="penalties", version=1, kind="penalty", row=PenaltyRow, begin=begin, evolve=evolve
)
