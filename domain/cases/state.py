"""A case as its own rules see it: folded from its events, never stored."""

from datetime import datetime
from typing import Literal

import msgspec

from domain.cases import events as e
from domain.messages import Envelope

Status = Literal[
    "reported", "rejected", "filed", "dispatched", "claimed", "disputed", "rectified",
    "suspended", "closed", "void",
]  # fmt: skip


class Case(msgspec.Struct, frozen=True):
    """``last_at`` is when the last step happened.
    ``bound``: a ruling settled whose case it is. ``extensions`` counts approvals alone, over the
    whole life of the case. ``missed`` is the deadline that was last recorded as missed."""

    status: Status
    last_at: datetime
    unit: str = ""
    limit: e.Limit | None = None
    deadline: e.Deadline | None = None
    extensions: int = 0
    extension_asked_by: str = ""
    suspended_in: Status | None = None
    suspended_until: datetime | None = None
    suspensions: int = 0
    bound: bool = False
    rectified_by: str = ""
    verified: bool = False
    missed: datetime | None = None


def evolve(case: Case | None, envelope: Envelope) -> Case | None:
    at = envelope.occurred_at
    event = envelope.event
    if isinstance(event, e.CaseReported):
        return Case(status="reported", last_at=at)
    if case is None:
        return None
    # A missed deadline is recorded at its due time, which may lie before the last step.
    return _step(msgspec.structs.replace(case, last_at=max(at, case.last_at)), event, envelope)


def _step(case: Case, event: object, envelope: Envelope) -> Case:
    change = msgspec.structs.replace
    match event:
        case e.CaseFiled() | e.CaseReturned():
            return change(case, status="filed")
        case e.CaseRejected():
            return change(case, status="rejected")
        case e.CaseDispatched():
            return _given(case, event)
        case e.CaseRuled():
            return change(_given(case, event), bound=True)
        case e.CaseClaimed():
            return change(case, status="claimed")
        case e.CaseDisputed():
            return change(case, status="disputed")
        case e.CaseRectified():
            return change(
                case, status="rectified", rectified_by=envelope.actor, extension_asked_by=""
            )
        case e.CaseVerified():
            return change(case, status="rectified", verified=True, extension_asked_by="")
        case e.CaseReworkOrdered():
            return _again(case, event.limit, event.deadline)
        case e.CaseReopened():
            return _again(case, case.limit, event.deadline)
        case e.CaseClosed():
            return change(case, status="closed")
        case e.CaseVoided():
            return change(case, status="void")
        case e.CaseOverdue():
            return change(case, missed=event.due_at)
        case e.CaseExtensionRequested():
            return change(case, extension_asked_by=envelope.actor)
        case e.CaseExtensionRefused():
            return change(case, extension_asked_by="")
        case e.CaseExtensionApproved():
            return change(
                case,
                deadline=event.deadline,
                extensions=case.extensions + 1,
                extension_asked_by="",
            )
        case e.CaseSuspended():
            return change(
                case,
                status="suspended",
                suspended_in=case.status,
                suspended_until=event.until,
                suspensions=case.suspensions + 1,
            )
        case e.CaseResumed():
            return change(
                case,
                status=case.suspended_in or "dispatched",
                deadline=event.deadline,
                suspended_in=None,
                suspended_until=None,
            )
    return case


def _given(case: Case, event: e.CaseDispatched | e.CaseRuled) -> Case:
    """With a unit: whatever the unit before it asked for or answered is over."""
    return msgspec.structs.replace(
        case,
        status="dispatched",
        unit=event.unit,
        limit=event.limit,
        deadline=event.deadline,
        extension_asked_by="",
        rectified_by="",
        verified=False,
    )


def _again(case: Case, limit: e.Limit | None, deadline: e.Deadline | None) -> Case:
    """Back to the same unit; without a new deadline the one in force stands."""
    again = msgspec.structs.replace(
        case, status="dispatched", rectified_by="", verified=False, extension_asked_by=""
    )
    if deadline is None:
        return again
    return msgspec.structs.replace(again, limit=limit, deadline=deadline)
