"""What happens to cases: the whole closed loop from report to strike-off."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.messages import Event

ClockKind = Literal["urgent_hours", "working_hours", "working_days", "natural_days"]
Source = Literal[
    "patrol", "open_check", "covert_check", "third_party", "expert", "morning_round",
    "night_round", "hotline", "citizen_snap", "media", "supervisor",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: so many hours or days on one of the four clocks (minutes for part hours)."""

    amount: float
    clock: ClockKind


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the limit ends, and when four fifths of it are used (the light turns yellow); UTC."""

    due_at: datetime
    warn_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """A photo or document by its SHA-256, never by its content."""

    sha256: str
    media_type: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is, and which territory that was at the time."""

    grid: str = ""
    district: str = ""
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None


class CaseReported(Event, frozen=True):
    """``about`` is the unit the report is about, if it names one; who must answer is decided by
    the dispatch. ``inspection_id`` is the visit that found the problem."""

    NAME = "case.reported"
    case_no: str
    source: Source
    category: str
    text: str
    severity: str = ""
    about: str = ""
    place: Place = Place()
    inspection_id: str = ""
    reporter: str = ""
    evidence: tuple[Evidence, ...] = ()


class CaseFiled(Event, frozen=True):
    """``standard`` is the filing standard (立案标准) that the report meets."""

    NAME = "case.filed"
    standard: str


class CaseRejected(Event, frozen=True):
    NAME = "case.rejected"
    reason: str


class CaseDispatched(Event, frozen=True):
    """``unit`` leads and ``assisting`` help (排序第一为牵头). ``district`` is where the lead unit
    stood at the time."""

    NAME = "case.dispatched"
    unit: str
    assisting: tuple[str, ...] = ()
    limit: Limit | None = None
    deadline: Deadline | None = None
    district: str = ""
    instructions: str = ""


class CaseClaimed(Event, frozen=True):
    NAME = "case.claimed"


class CaseReturned(Event, frozen=True):
    """Sent back by the unit: a bounce (推诿), counted."""

    NAME = "case.returned"
    reason: str


class CaseDisputed(Event, frozen=True):
    """ "Not mine" (权属争议): ``owner`` is who the unit says it belongs to."""

    NAME = "case.disputed"
    reason: str
    owner: str = ""


class CaseRuled(Event, frozen=True):
    """The ruling (裁定) on a dispute: binds, so it can be neither returned nor disputed again."""

    NAME = "case.ruled"
    unit: str
    basis: str
    assisting: tuple[str, ...] = ()
    limit: Limit | None = None
    deadline: Deadline | None = None
    district: str = ""


class CaseRectified(Event, frozen=True):
    NAME = "case.rectified"
    note: str
    evidence: tuple[Evidence, ...] = ()


class CaseVerified(Event, frozen=True):
    """The check on site found the problem gone."""

    NAME = "case.verified"
    note: str = ""
    inspection_id: str = ""
    evidence: tuple[Evidence, ...] = ()


class CaseReworkOrdered(Event, frozen=True):
    """The check on site found the problem still there: back to the same unit (返工). Without a
    ``limit`` the deadline in force stands."""

    NAME = "case.rework_ordered"
    reason: str
    inspection_id: str = ""
    limit: Limit | None = None
    deadline: Deadline | None = None
    evidence: tuple[Evidence, ...] = ()


class CaseExtensionRequested(Event, frozen=True):
    NAME = "case.extension_requested"
    reason: str


class CaseExtensionApproved(Event, frozen=True):
    """One original limit added to the deadline in force."""

    NAME = "case.extension_approved"
    deadline: Deadline


class CaseExtensionRefused(Event, frozen=True):
    NAME = "case.extension_refused"
    reason: str


class CaseSuspended(Event, frozen=True):
    """The clock stands (挂账) until ``until`` at the latest."""

    NAME = "case.suspended"
    reason: str
    until: datetime


class CaseResumed(Event, frozen=True):
    """The clock runs on with exactly what was left of the limit."""

    NAME = "case.resumed"
    deadline: Deadline | None = None


class CaseOverdue(Event, frozen=True):
    """The deadline passed without an answer; ``due_at`` names the deadline that was missed.
    ``detected_late``: noticed more than a minute after it had passed."""

    NAME = "case.overdue"
    VERSION = 2
    due_at: datetime
    detected_late: bool = False


class CaseExempted(Event, frozen=True):
    """An upheld appeal: the missed deadline ``due_at`` no longer counts against the unit. That it
    was missed stays on record."""

    NAME = "case.exempted"
    due_at: datetime
    appeal: str


class CaseClosed(Event, frozen=True):
    """Struck off (结案销号). ``on_the_spot``: put right before the inspector left."""

    NAME = "case.closed"
    on_the_spot: bool = False
    note: str = ""


class CaseReopened(Event, frozen=True):
    """The problem came back (回潮)."""

    NAME = "case.reopened"
    reason: str
    deadline: Deadline | None = None


class CaseVoided(Event, frozen=True):
    NAME = "case.voided"
    reason: str


EVENTS = (
    CaseReported, CaseFiled, CaseRejected, CaseDispatched, CaseClaimed, CaseReturned,
    CaseDisputed, CaseRuled, CaseRectified, CaseVerified, CaseReworkOrdered,
    CaseExtensionRequested, CaseExtensionApproved, CaseExtensionRefused, CaseSuspended,
    CaseResumed, CaseOverdue, CaseExempted, CaseClosed, CaseReopened, CaseVoided,
)  # fmt: skip
