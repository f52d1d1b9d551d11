"""Supervision slips as they stand."""

from datetime import datetime

import msgspec

from domain.messages import Envelope, Event
from domain.supervision import events as e
from projections.projection import Snapshot
from projections.proposing import proposed


class SlipRow(msgspec.Struct, kw_only=True, gc=False):
    slip_id: str
    matter: str
    ordinal: int
    case_id: str
    unit: str
    district: str
    ladder: str
    colour: str
    status: str = "proposed"
    number: str = ""
    authority: str
    demand: str = ""
    excused: bool = False
    limit_amount: float
    clock: str
    proposed_at: datetime
    issued_at: datetime | None = None
    served_at: datetime | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    answered_at: datetime | None = None
    failed_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str
    reason_en: str
    policy: str
    clause: str
    because: tuple[int, ...]
    proposed_by: str
    issued_by: str = ""
    receiver: str = ""
    note: str = ""
    recorded_at: datetime
    version: int
    position: int


def begin(event: e.SlipProposed, envelope: Envelope) -> SlipRow:
    return SlipRow(
        slip_id=envelope.key,
        matter=event.matter,
        ordinal=int(envelope.key.rpartition(".")[2]),
        case_id=event.case_id,
        unit=event.unit,
        district=event.district,
        ladder=event.ladder,
        colour=event.colour,
        authority=event.authority,
        limit_amount=event.limit.amount,
        clock=event.limit.clock,
        **proposed(event.reason, envelope),
    )


def evolve(row: SlipRow, event: Event, envelope: Envelope) -> None:
    at = envelope.occurred_at
    match event:
        case e.SlipIssued():
            row.status, row.issued_at, row.issued_by = "issued", at, envelope.actor
            row.number, row.authority, row.demand = event.number, event.authority, event.demand
        case e.SlipServed():
            row.status, row.served_at, row.receiver = "served", at, event.receiver
            row.due_at, row.warn_at = event.deadline.due_at, event.deadline.warn_at
        case e.SlipAnswered():
            row.status, row.answered_at, row.note = "answered", at, event.note
        case e.SlipAnswerRejected():
            row.status, row.answered_at, row.note = "served", None, event.reason
        case e.SlipExcused():
            row.excused, row.note = True, event.reason
        case e.SlipFailed():
            row.status, row.failed_at = "failed", event.deadline.due_at
        case e.SlipLifted():
            row.status, row.ended_at, row.note = "lifted", at, event.reason
        case e.SlipWithdrawn():
            row.status, row.ended_at, row.note = "withdrawn", at, event.reason


SLIPS = Snapshot(table="slips", version=1, kind="slip", row=SlipRow, begin=begin, evolve=evolve)
