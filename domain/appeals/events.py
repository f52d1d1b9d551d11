"""What happens to appeals (申诉/复核): filed once, reviewed by somebody who had no part in it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from domain.messages import Event

Against = Literal["score_entry", "timeout", "list_entry", "money"]


@dataclass(frozen=True, slots=True)
class ContestedEntry:
    """A score entry as it stood when the appeal was filed; upheld, it is taken back."""

    position: int
    entry: int
    unit: str
    points: Decimal
    clause: str
    policy: str
    policy_id: str
    day: date
    occurred_at: datetime
    case_id: str = ""
    inspection_id: str = ""
    penalty_id: str = ""
    slip_id: str = ""
    accountability_id: str = ""
    reading_id: str = ""
    district: str = ""
    grid: str = ""
    veto: int = 0


class AppealFiled(Event, frozen=True):
    """``subject`` is what it is against: the event of a score entry (``<position>.<entry>``), a
    case and its missed deadline (``<case>@<due>``), a list entry, a deduction; ``stream`` is where
    that happened. ``entries`` are the score entries that fall if it is upheld. ``known_at`` is
    when the unit could know of it, ``due_at`` when the review must be done."""

    NAME = "appeal.filed"
    against: Against
    subject: str
    stream: str
    unit: str
    grounds: str
    authority: str
    known_at: datetime
    due_at: datetime
    policy: str
    entries: tuple[ContestedEntry, ...] = ()


class AppealUpheld(Event, frozen=True):
    """Statistics change from now on; what happened stays on record."""

    NAME = "appeal.upheld"
    reason: str


class AppealDismissed(Event, frozen=True):
    NAME = "appeal.dismissed"
    reason: str


EVENTS = (AppealFiled, AppealUpheld, AppealDismissed)
