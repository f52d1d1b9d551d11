"""A supervision slip as its own rules see it: folded from its events, never stored."""

from datetime import datetime
from typing import Literal

import msgspec

from domain.cases.events import Deadline, Limit
from domain.messages import Envelope, Event
from domain.supervision import events as e

Status = Literal["proposed", "issued", "served", "answered", "failed", "lifted", "withdrawn"]

# The next slip about the same matter may follow.
OVER: tuple[Status, ...] = ("failed", "lifted", "withdrawn")


class Slip(msgspec.Struct, frozen=True):
    """``last_at`` is when the last step happened; ``deadline`` runs from service on; ``excused``:
    a good reason for not meeting it is on record."""

    status: Status
    last_at: datetime
    matter: str
    unit: str
    ladder: str
    colour: str
    limit: Limit
    authority: str
    case_id: str = ""
    deadline: Deadline | None = None
    answered_by: str = ""
    excused: bool = False


def evolve(slip: Slip | None, envelope: Envelope) -> Slip | None:
    event, at = envelope.event, envelope.occurred_at
    if isinstance(event, e.SlipProposed):
        return Slip(
            "proposed", at, event.matter, event.unit, event.ladder, event.colour, event.limit,
            event.authority, event.case_id,
        )  # fmt: skip
    if slip is None:
        return None
    # A failure is recorded at its due time, which may lie before the last step.
    return _step(
        msgspec.structs.replace(slip, last_at=max(at, slip.last_at)), event, envelope.actor
    )


def _step(slip: Slip, event: Event, actor: str) -> Slip:
    change = msgspec.structs.replace
    match event:
        case e.SlipIssued():
            return change(slip, status="issued", authority=event.authority)
        case e.SlipServed():
            return change(slip, status="served", deadline=event.deadline)
        case e.SlipAnswered():
            return change(slip, status="answered", answered_by=actor)
        case e.SlipAnswerRejected():
            return change(slip, status="served", answered_by="")
        case e.SlipExcused():
            return change(slip, excused=True)
        case e.SlipFailed():
            return change(slip, status="failed")
        case e.SlipLifted():
            return change(slip, status="lifted")
        case e.SlipWithdrawn():
            return change(slip, status="withdrawn")
    return slip
