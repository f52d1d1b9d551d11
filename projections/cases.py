"""Cases as they stand: where each is in the closed loop, with whom, until when."""

from datetime import datetime
from typing import Any

import msgspec

from domain.cases import events as e
from domain.messages import Envelope
from projections.projection import Snapshot, moved


class CaseRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    case_id: str
    case_no: str
    status: str = "reported"
    source: str
    category: str
    severity: str
    unit: str = ""
    district: str
    grid: str
    opened_at: datetime
    due_at: datetime | None = None
    closed_at: datetime | None = None
    on_the_spot: bool = False
    reworks: int = 0
    extensions: int = 0
    bounces: int = 0
    text: str
    assisting: tuple[str, ...] = ()
    about: str
    inspection_id: str
    address: str
    latitude: float | None
    longitude: float | None
    standard: str = ""
    reason: str = ""
    filed_at: datetime | None = None
    dispatched_at: datetime | None = None
    claimed_at: datetime | None = None
    rectified_at: datetime | None = None
    verified_at: datetime | None = None
    limit_amount: float | None = None
    clock: str = ""
    started_at: datetime | None = None
    warn_at: datetime | None = None
    extension_pending: bool = False
    suspended_in: str = ""
    suspended_at: datetime | None = None
    suspended_until: datetime | None = None
    overdue: bool = False
    reopenings: int = 0
    changed_at: datetime
    recorded_at: datetime
    version: int
    position: int

    @property
    def late(self) -> bool:
        """The last answer (or the check that found it done without one) missed its deadline."""
        return (
            self.due_at is not None
            and self.rectified_at is not None
            and (self.rectified_at > self.due_at)
        )


def evolve(row: CaseRow | None, envelope: Envelope) -> CaseRow | None:
    event = envelope.event
    if isinstance(event, e.CaseReported):
        return _reported(event, envelope)
    if row is None:
        return None
    # A missed deadline is recorded at its due time, which may lie before the last step.
    changed_at = max(envelope.occurred_at, row.changed_at)
    return moved(row, envelope, changed_at=changed_at, **_changes(row, event, envelope))


def _reported(event: e.CaseReported, envelope: Envelope) -> CaseRow:
    return CaseRow(
        case_id=envelope.key,
        case_no=event.case_no,
        source=event.source,
        category=event.category,
        severity=event.severity,
        district=event.place.district,
        grid=event.place.grid,
        opened_at=envelope.occurred_at,
        text=event.text,
        about=event.about,
        inspection_id=event.inspection_id,
        address=event.place.address,
        latitude=event.place.latitude,
        longitude=event.place.longitude,
        changed_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        version=envelope.version,
        position=envelope.position,
    )


def _changes(row: CaseRow, event: object, envelope: Envelope) -> dict[str, Any]:
    at = envelope.occurred_at
    match event:
        case e.CaseFiled(standard=standard):
            return {"status": "filed", "filed_at": at, "standard": standard}
        case e.CaseDispatched() | e.CaseRuled():
            return _given(row, event, envelope)
        case e.CaseRectified():
            return {"status": "rectified", "rectified_at": at, "extension_pending": False,
                    "overdue": row.overdue or _missed(row, at)}  # fmt: skip
        case e.CaseVerified():
            answered = row.rectified_at or at
            return {"status": "rectified", "verified_at": at, "rectified_at": answered,
                    "extension_pending": False, "overdue": row.overdue or _missed(row, answered),
                    }  # fmt: skip
        case e.CaseClosed(on_the_spot=on_the_spot):
            return {"status": "closed", "closed_at": at, "on_the_spot": on_the_spot}
        case e.CaseReworkOrdered(reason=reason, limit=limit, deadline=deadline):
            return {"reason": reason, "reworks": row.reworks + 1,
                    **_again(limit, deadline, envelope, row)}  # fmt: skip
        case e.CaseReopened(reason=reason, deadline=deadline):
            return {"reason": reason, "reopenings": row.reopenings + 1, "closed_at": None,
                    "on_the_spot": False, **_again(None, deadline, envelope, row)}  # fmt: skip
        case e.CaseClaimed():
            return {"status": "claimed", "claimed_at": at}
        case e.CaseReturned(reason=reason):
            return {"status": "filed", "reason": reason, "bounces": row.bounces + 1}
        case e.CaseDisputed(reason=reason):
            return {"status": "disputed", "reason": reason, "bounces": row.bounces + 1}
        case e.CaseRejected(reason=reason):
            return {"status": "rejected", "reason": reason}
        case e.CaseVoided(reason=reason):
            return {"status": "void", "reason": reason}
    return _clock_changes(row, event, at)


def _clock_changes(row: CaseRow, event: object, at: datetime) -> dict[str, Any]:
    match event:
        case e.CaseOverdue():
            return {"overdue": True}
        case e.CaseExtensionRequested(reason=reason):
            return {"extension_pending": True, "reason": reason}
        case e.CaseExtensionRefused(reason=reason):
            return {"extension_pending": False, "reason": reason}
        case e.CaseExtensionApproved(deadline=deadline):
            return {"extension_pending": False, "extensions": row.extensions + 1,
                    **_due(deadline)}  # fmt: skip
        case e.CaseSuspended(reason=reason, until=until):
            return {"status": "suspended", "reason": reason, "suspended_in": row.status,
                    "suspended_at": at, "suspended_until": until}  # fmt: skip
        case e.CaseResumed(deadline=deadline):
            return {"status": row.suspended_in or "dispatched", "suspended_in": "",
                    "suspended_at": None, "suspended_until": None, **_due(deadline)}  # fmt: skip
    return {}


def _given(
    row: CaseRow, event: e.CaseDispatched | e.CaseRuled, envelope: Envelope
) -> dict[str, Any]:
    """With a unit: what the unit before it did about the case is over."""
    return {
        "status": "dispatched",
        "unit": event.unit,
        "assisting": event.assisting,
        "district": event.district or row.district,
        "dispatched_at": envelope.occurred_at,
        "claimed_at": None,
        "rectified_at": None,
        "verified_at": None,
        "extension_pending": False,
        **_limit(event.limit),
        **_due(event.deadline),
        "started_at": max(envelope.occurred_at, row.changed_at),
    }


def _again(
    limit: e.Limit | None, deadline: e.Deadline | None, envelope: Envelope, row: CaseRow
) -> dict[str, Any]:
    """Back to the same unit; without a new deadline the one in force stands."""
    back: dict[str, Any] = {
        "status": "dispatched",
        "rectified_at": None,
        "verified_at": None,
        "extension_pending": False,
    }
    if deadline is None:
        return back
    started_at = max(envelope.occurred_at, row.changed_at)
    given = {} if limit is None else _limit(limit)
    return {**back, **given, **_due(deadline), "started_at": started_at}


def _limit(limit: e.Limit | None) -> dict[str, Any]:
    if limit is None:
        return {"limit_amount": None, "clock": ""}
    return {"limit_amount": limit.amount, "clock": limit.clock}


def _due(deadline: e.Deadline | None) -> dict[str, Any]:
    if deadline is None:
        return {"due_at": None, "warn_at": None}
    return {"due_at": deadline.due_at, "warn_at": deadline.warn_at}


def _missed(row: CaseRow, answered_at: datetime) -> bool:
    return row.due_at is not None and answered_at > row.due_at


CASES = Snapshot(table="cases", version=1, kind="case", row=CaseRow, evolve=evolve)
