"""Statutory penalties as they stand."""

from datetime import datetime
from decimal import Decimal

import msgspec

from domain.messages import Envelope
from domain.penalties.events import (
    PenaltyDecided,
    PenaltyOpened,
    PenaltySettled,
    PenaltyWithdrawn,
)
from projections.projection import Snapshot, moved


class PenaltyRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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


def evolve(row: PenaltyRow | None, envelope: Envelope) -> PenaltyRow | None:
    event = envelope.event
    if isinstance(event, PenaltyOpened):
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
    if row is None:
        return None
    match event:
        case PenaltyDecided(decision=decision, amount=amount, note=note):
            return moved(
                row,
                envelope,
                status="decided",
                decision=decision,
                amount=row.amount if amount is None else amount,
                decided_at=envelope.occurred_at,
                note=note,
            )
        case PenaltyWithdrawn(reason=reason):
            return moved(
                row, envelope, status="withdrawn", ended_at=envelope.occurred_at, note=reason
            )
        case PenaltySettled(note=note):
            return moved(
                row,
                envelope,
                status="settled",
                ended_at=envelope.occurred_at,
                note=note or row.note,
            )
    return moved(row, envelope)


PENALTIES = Snapshot(table="penalties", version=1, kind="penalty", row=PenaltyRow, evolve=evolve)
