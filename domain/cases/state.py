"""A case as its own rules see it: folded from its events, never stored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from domain.cases import events as e
from domain.evidence.events import EvidenceAttached, EvidenceCorrected, EvidenceWithdrawn
from domain.messages import Envelope, Event

Status = Literal[
    "reported", "rejected", "filed", "dispatched", "claimed", "disputed", "rectified",
    "suspended", "closed", "void",
]  # fmt: skip


class Case(msgspec.Struct, frozen=True):
    """``last_at`` is when the last step happened.
    ``bound``: a ruling settled whose case it is. ``extensions`` counts approvals alone, over the
    whole life of the case. ``misses`` are the deadlines recorded as missed, ``exempted`` those of
    them that no longer count. ``evidence`` are the digests of what is attached and stands."""

    status: Status
    last_at: datetime
    unit: str = ""
    limit: e.Limit | None = None
    deadline: e.Deadline | None = None
    extensions: int = 0
    extension_asked_by: str = ""
    suspended_in: Status | None = None
    suspended_at: datetime | None = None
    suspended_until: datetime | None = None
    suspensions: int = 0
    bound: bool = False
    rectified_by: str = ""
    verified: bool = False
    misses: tuple[datetime, ...] = ()
    exempted: tuple[datetime, ...] = ()
    source: str = ""
    evidence: frozenset[str] = frozenset()

    @property
    def missed(self) -> datetime | None:
        return self.misses[-1] if self.misses else None


def evolve(case: Case | None, envelope: Envelope) -> Case | None:
    at = envelope.occurred_at
    event = envelope.event
    if isinstance(event, e.CaseReported):
        return Case(status="reported", last_at=at, source=event.source)
    if case is None:
        return None
    match event:  # evidence may come late and moves nothing on
        case EvidenceAttached():
            return msgspec.structs.replace(case, evidence=case.evidence | {event.digest})
        case EvidenceWithdrawn():
            return msgspec.structs.replace(case, evidence=case.evidence - {event.digest})
        case EvidenceCorrected():
            return case
    # A missed deadline is recorded at its due time, which may lie before the last step.
    return _step(msgspec.structs.replace(case, last_at=max(at, case.last_at)), event, envelope)


# Events that only move the case on.
STATUS_AFTER: Mapping[type[Event], Status] = {
    e.CaseFiled: "filed",
    e.CaseReturned: "filed",
    e.CaseRejected: "rejected",
    e.CaseClaimed: "claimed",
    e.CaseDisputed: "disputed",
    e.CaseClosed: "closed",
    e.CaseVoided: "void",
}


def _step(case: Case, event: Event, envelope: Envelope) -> Case:
    change = msgspec.structs.replace
    status = STATUS_AFTER.get(type(event))
    if status is not None:
        return change(case, status=status)
    match event:
        case e.CaseDispatched():
            return _given(case, event)
        case e.CaseRuled():
            return change(_given(case, event), bound=True)
        case e.CaseRectified():
            return _answered(change(case, rectified_by=envelope.actor))
        case e.CaseVerified():
            return _answered(change(case, verified=True))
        case e.CaseReworkOrdered():
            return _again(case, event.limit, event.deadline)
        case e.CaseReopened():
            return _again(case, case.limit, event.deadline)
        case e.CaseOverdue():
            return change(case, misses=(*case.misses, event.due_at))
        case e.CaseExempted():
            return change(case, exempted=(*case.exempted, event.due_at))
        case e.CaseSuspended():
            return _suspended(case, event, envelope.occurred_at)
        case e.CaseResumed():
            status = case.suspended_in or "dispatched"
            return change(case, status=status, deadline=event.deadline, suspended_in=None)
    return _extended(case, event, envelope)


def _extended(case: Case, event: Event, envelope: Envelope) -> Case:
    match event:
        case e.CaseExtensionRequested():
            return msgspec.structs.replace(case, extension_asked_by=envelope.actor)
        case e.CaseExtensionRefused():
            return msgspec.structs.replace(case, extension_asked_by="")
        case e.CaseExtensionApproved(deadline=deadline):
            extensions = case.extensions + 1
            return msgspec.structs.replace(
                case, deadline=deadline, extensions=extensions, extension_asked_by=""
            )
    return case


def _suspended(case: Case, event: e.CaseSuspended, at: datetime) -> Case:
    return msgspec.structs.replace(
        case,
        status="suspended",
        suspended_in=case.status,
        suspended_at=at,
        suspended_until=event.until,
        suspensions=case.suspensions + 1,
    )


def _answered(case: Case) -> Case:
    return msgspec.structs.replace(case, status="rectified", extension_asked_by="")


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
