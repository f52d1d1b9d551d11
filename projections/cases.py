"""Cases as they stand: where each is in the closed loop, with whom, until when."""

from datetime import datetime

import msgspec

from domain.cases import events as e
from domain.evidence import events as evidence
from domain.messages import Envelope, Event
from projections.projection import Snapshot


class CaseRow(msgspec.Struct, kw_only=True, gc=False):
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
    missed_at: datetime | None = None
    exempt: bool = False
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


def begin(event: e.CaseReported, envelope: Envelope) -> CaseRow:
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


def evolve(row: CaseRow, event: Event, envelope: Envelope) -> None:
    if isinstance(event, evidence.EVENTS):  # may come late and moves nothing on
        return
    at = envelope.occurred_at
    # A missed deadline is recorded at its due time, which may lie before the last step.
    if at > row.changed_at:
        row.changed_at = at
    match event:
        case e.CaseFiled():
            row.status, row.filed_at, row.standard = "filed", at, event.standard
        case e.CaseDispatched() | e.CaseRuled():
            _give(row, event, at)
        case e.CaseClaimed():
            row.status, row.claimed_at = "claimed", at
        case e.CaseRectified():
            _answer(row, at)
        case e.CaseVerified():
            _answer(row, row.rectified_at or at)
            row.verified_at = at
        case e.CaseClosed():
            row.status, row.closed_at, row.on_the_spot = "closed", at, event.on_the_spot
        case e.CaseReworkOrdered():
            row.reason, row.reworks = event.reason, row.reworks + 1
            _again(row, event.limit, event.deadline)
        case e.CaseReopened():
            row.reason, row.reopenings = event.reason, row.reopenings + 1
            row.closed_at, row.on_the_spot = None, False
            _again(row, None, event.deadline)
        case _:
            _send_back(row, event)
            _move_clock(row, event, at)


def _send_back(row: CaseRow, event: Event) -> None:
    match event:
        case e.CaseReturned():
            row.status, row.reason, row.bounces = "filed", event.reason, row.bounces + 1
        case e.CaseDisputed():
            row.status, row.reason, row.bounces = "disputed", event.reason, row.bounces + 1
        case e.CaseRejected():
            row.status, row.reason = "rejected", event.reason
        case e.CaseVoided():
            row.status, row.reason = "void", event.reason
            _end_suspension(row)


def _move_clock(row: CaseRow, event: Event, at: datetime) -> None:
    match event:
        case e.CaseOverdue():
            row.overdue, row.missed_at, row.exempt = True, event.due_at, False
        case e.CaseExempted():
            # Of several missed deadlines the last one is what counts of the case.
            row.exempt = row.exempt or row.missed_at == event.due_at
        case e.CaseExtensionRequested():
            row.extension_pending, row.reason = True, event.reason
        case e.CaseExtensionRefused():
            row.extension_pending, row.reason = False, event.reason
        case e.CaseExtensionApproved():
            row.extension_pending, row.extensions = False, row.extensions + 1
            _due(row, event.deadline)
        case e.CaseSuspended():
            row.suspended_in, row.status, row.reason = row.status, "suspended", event.reason
            row.suspended_at, row.suspended_until = at, event.until
        case e.CaseResumed():
            row.status = row.suspended_in or "dispatched"
            _end_suspension(row)
            _due(row, event.deadline)


def _end_suspension(row: CaseRow) -> None:
    row.suspended_in = ""
    row.suspended_at = row.suspended_until = None


def _give(row: CaseRow, event: e.CaseDispatched | e.CaseRuled, at: datetime) -> None:
    """With a unit: what the unit before it did about the case is over."""
    row.status, row.unit, row.assisting = "dispatched", event.unit, event.assisting
    row.district = event.district or row.district
    row.dispatched_at = at
    row.claimed_at = row.rectified_at = row.verified_at = None
    row.extension_pending = False
    row.started_at = row.changed_at
    _limit(row, event.limit)
    _due(row, event.deadline)


def _answer(row: CaseRow, at: datetime) -> None:
    row.status, row.rectified_at = "rectified", at
    row.extension_pending = False
    row.overdue = row.overdue or row.late


def _again(row: CaseRow, limit: e.Limit | None, deadline: e.Deadline | None) -> None:
    """Back to the same unit; without a new deadline the one in force stands."""
    row.status = "dispatched"
    row.rectified_at = row.verified_at = None
    row.extension_pending = False
    if deadline is not None:
        row.started_at = row.changed_at
        _due(row, deadline)
        if limit is not None:
            _limit(row, limit)


def _limit(row: CaseRow, limit: e.Limit | None) -> None:
    row.limit_amount = None if limit is None else limit.amount
    row.clock = "" if limit is None else limit.clock


def _due(row: CaseRow, deadline: e.Deadline | None) -> None:
    row.due_at = None if deadline is None else deadline.due_at
    row.warn_at = None if deadline is None else deadline.warn_at


CASES = Snapshot(table="cases", version=2, kind="case", row=CaseRow, begin=begin, evolve=evolve)
