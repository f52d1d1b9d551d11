"""Records what is due when it is due: missed deadlines, ends of suspensions, slips and lists."""

import heapq
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from domain.cases.commands import MarkOverdue, ResumeCase
from domain.cases.events import CaseReworkOrdered
from domain.deciding import Desk
from domain.errors import Refused
from domain.listings.commands import ExpireListing
from domain.listings.events import ListingObjectionDismissed
from domain.messages import Appended, Command, Envelope
from domain.ports import Clock, EventLog
from domain.requests import Group, Request
from domain.supervision.commands import FailSlip
from domain.supervision.events import SlipAnswerRejected
from projections.due_times import Due, due, next_due
from projections.reading import Reader

CLOCK = "system:clock"
BATCH = 2_000
SWEPT = 100_000
PATIENCE = 60.0
# An older deadline is in force again, which may have passed.
AT_ONCE = (CaseReworkOrdered, SlipAnswerRejected, ListingObjectionDismissed)

Answers = Callable[[Sequence[Group]], Sequence[Appended | Refused]]
Keep = Callable[[str, Refused], None]


class WaitFor(Protocol):
    def __call__(self, position: int, timeout: float, /) -> bool: ...


class DueTimes:
    """An alarm set to the earliest due time: read from the tables once, then lowered by the events
    that bring earlier ones, so that nobody looks at the tables before something is due.

    ``answers`` has the desk decide groups, ``keep`` keeps what was refused with its cause;
    ``wait_for`` blocks until the tables hold a position.
    """

    def __init__(
        self, log: EventLog, desk: Desk, clock: Clock, reader: Reader, wait_for: WaitFor,
        answers: Answers, keep: Keep,
    ) -> None:  # fmt: skip
        self._log, self._desk, self._clock, self._reader = log, desk, clock, reader
        self._wait_for, self._answers, self._keep = wait_for, answers, keep
        self._looked = False
        self.alarm: datetime | None = None

    def look(self) -> None:
        """The next sweep looks at the tables, whatever the alarm says."""
        self._looked = False

    def hear(self, envelopes: Iterable[Envelope]) -> None:
        """Events that have not been heard before."""
        for envelope in envelopes:
            event = envelope.event
            at: datetime | None = getattr(event, "until", None)
            if (deadline := getattr(event, "deadline", None)) is not None:
                at = deadline.due_at
            elif isinstance(event, AT_ONCE):
                at = envelope.occurred_at
            if at is not None and (self.alarm is None or at < self.alarm):
                self.alarm = at.astimezone(UTC)

    def sweep(self) -> bool:
        """Records all that is due by now, in order of due times; True when there was something.
        Raises ``Refused`` (``tables.behind``) while the tables lag behind."""
        now = self._clock.now()
        if self._looked and (self.alarm is None or now < self.alarm):
            return False
        before = last = self._log.last_position()
        while True:
            if not self._wait_for(last, PATIENCE):
                raise Refused(
                    "tables.behind", "the read tables lag behind: due times wait for them"
                )
            found = due(self._reader, now, SWEPT)
            self._record(found, now)
            if len(found) < SWEPT or last == (last := self._log.last_position()):
                break
        self.alarm, self._looked = next_due(self._reader, now), True
        return self._log.last_position() > before

    def _record(self, waiting: list[Due], now: datetime) -> None:
        """In order, also of what becomes due by recording."""
        heapq.heapify(waiting)
        while waiting:
            chunk = _in_order(waiting)
            groups = [_recorded(each, each.due_at) for each in chunk]
            for each, group, answer in zip(chunk, groups, self._answers(groups), strict=True):
                if isinstance(answer, Refused):
                    self._once_more(each, group[1], answer)
                if each.what == "case.resume":
                    self._add_resumed(each, now, waiting)

    def _once_more(self, each: Due, cause: str, refusal: Refused) -> None:
        """A suspension whose end was noticed only after a later step ends with that step."""
        _, case = self._desk.state(f"case-{each.key}")
        if each.what == "case.resume" and refusal.code == "time.before_previous":
            (again,) = self._answers([_recorded(each, case.last_at)])
            if isinstance(again, Appended):
                return
            refusal = again
        self._keep(cause, refusal)

    def _add_resumed(self, each: Due, now: datetime, waiting: list[Due]) -> None:
        """The deadline of a case whose suspension has ended may lie in the past already."""
        _, case = self._desk.state(f"case-{each.key}")
        deadline = None if case is None else case.deadline
        if deadline is not None and deadline.due_at <= now:
            heapq.heappush(waiting, Due(deadline.due_at, "case.overdue", each.key))


def _in_order(waiting: list[Due]) -> list[Due]:
    """The next ones, up to and with one that may bring a new due time between them."""
    chunk: list[Due] = []
    while waiting and len(chunk) < BATCH:
        chunk.append(heapq.heappop(waiting))
        if chunk[-1].what == "case.resume":
            break
    return chunk


def _recorded(each: Due, at: datetime) -> tuple[Sequence[Request], str, str]:
    """At its due time, once for each due time."""
    cause = f"{each.what.partition('.')[2]}:{each.key}:{each.due_at.isoformat()}"
    return [Request(_command(each), CLOCK, at, cause)], cause, cause


def _command(each: Due) -> Command:
    match each.what:
        case "case.overdue":
            return MarkOverdue(case_id=each.key, due_at=each.due_at)
        case "case.resume":
            return ResumeCase(case_id=each.key)
        case "slip.fail":
            return FailSlip(slip_id=each.key, due_at=each.due_at)
        case "listing.expire":
            return ExpireListing(listing_id=each.key, until=each.due_at)
