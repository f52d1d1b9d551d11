"""Drives reactions and due times in this process: by a thread of its own, or tick by tick."""

import heapq
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from domain.cases.commands import MarkOverdue, ResumeCase
from domain.deciding import Desk, Group, Request
from domain.errors import Refused
from domain.listings.commands import ExpireListing
from domain.messages import Appended, Command, Envelope
from domain.ports import Clock, EventStore
from domain.supervision.commands import FailSlip
from projections.due_times import Due, due, next_due
from projections.reading import Reader
from streams.reactions import ACTOR, Reaction, Reactions

CLOCK = "system:clock"
BATCH = 2_000
SWEPT = 100_000
# How long a thread that waits may miss that the clock of the machine was set.
LONGEST_WAIT = timedelta(seconds=30)
PATIENCE = 60.0
PAUSE = 1.0

State = Literal["stopped", "running", "retrying"]


class Refusal(NamedTuple):
    """A reaction that was refused: what caused it (``position`` of the event), and why."""

    cause: str
    position: int
    code: str
    message: str


class Marks(Protocol):
    """Where the reactions have come to, and what was refused; both survive a restart."""

    def position(self) -> int: ...

    def save(self, position: int) -> None: ...

    def refuse(self, refusal: Refusal) -> None: ...

    def refused(self) -> list[Refusal]: ...

    def forget(self) -> None:
        """Nothing is refused any more."""


class Health(NamedTuple):
    state: State
    position: int
    refused: int
    problem: str


class Reactor:
    """``wait_for`` blocks until the read tables hold a position. Every command has an id made of
    its cause, so doing it again after a crash changes nothing."""

    def __init__(
        self, store: EventStore, desk: Desk, clock: Clock, reader: Reader, marks: Marks,
        reactions: Reactions, wait_for: "WaitFor",
    ) -> None:  # fmt: skip
        self._store, self._desk, self._clock, self._reader = store, desk, clock, reader
        self._marks, self._reactions, self._wait_for = marks, reactions, wait_for
        self._position = min(marks.position(), store.last_position())
        reactions.remember(self._position)
        self._alarm: datetime | None = None  # None: look at the tables
        self._working = threading.Lock()
        self._stop, self._resting = threading.Event(), threading.Event()
        self._state: State = "stopped"
        self._problem = ""
        self._thread = threading.Thread(target=self._run, name="reactor", daemon=True)

    def start(self) -> None:
        self._state = "running"
        self._thread.start()

    def stop(self) -> None:
        """Returns when what is at work is done; does nothing if not started."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._state = "stopped"

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Meanwhile nothing follows from anything, as during an import: afterwards it does."""
        self._resting.set()
        try:
            with self._working:
                yield
        finally:
            self._resting.clear()

    def health(self) -> Health:
        return Health(self._state, self._position, len(self._marks.refused()), self._problem)

    def refused(self) -> list[Refusal]:
        return self._marks.refused()

    def tick(self) -> None:
        """Everything that follows from the events so far, and all that is due by now. Raises
        ``Refused`` when the store or the tables cannot be reached."""
        with self._working:
            while self._follow() or self._sweep():
                pass

    def again(self) -> int:
        """Reacts again to the events whose consequences were refused; how many there were. What
        is refused once more is kept once more."""
        with self._working:
            refused = self._marks.refused()
            self._marks.forget()
            for position in sorted({refusal.position for refusal in refused}):
                self._reactions.remember(position - 1)
                self._send(self._asked(self._store.read(position - 1, 1)))
            self._reactions.remember(self._position)
            return len(refused)

    def _run(self) -> None:
        while not self._stop.is_set():
            if self._resting.is_set():
                self._stop.wait(0.05)
                continue
            try:
                self.tick()
                self._state, self._problem = "running", ""
                self._store.wait(self._position, self._patience())
            except Refused as refusal:  # the store or the tables: they come back, and we go on
                self._state, self._problem = "retrying", refusal.message
                self._stop.wait(PAUSE)

    def _patience(self) -> float:
        """Seconds until the alarm; short enough to notice that it is time to stop."""
        left = (self._alarm - self._clock.now()) if self._alarm else LONGEST_WAIT
        return max(0.0, min(left, LONGEST_WAIT, timedelta(seconds=0.2)).total_seconds())

    def _follow(self) -> bool:
        """True when there were events to react to."""
        envelopes = self._store.read(self._position, BATCH)
        if not envelopes:
            return False
        self._send(self._asked(envelopes))
        self._alarm = None if any(map(_sets_alarm, envelopes)) else self._alarm
        self._position = envelopes[-1].position
        self._marks.save(self._position)
        return True

    def _asked(self, envelopes: Sequence[Envelope]) -> list[Reaction]:
        asked: list[Reaction] = []
        for envelope in envelopes:
            for follows in self._reactions.follow(envelope):
                if isinstance(follows, Reaction):
                    asked.append(follows)
                else:
                    cause, refusal = f"event:{follows.position}", follows.refusal
                    self._keep(cause, follows.position, refusal)
        return asked

    def _send(self, asked: Sequence[Reaction]) -> None:
        groups: list[Group] = [
            ([Request(r.command, ACTOR, r.occurred_at, r.cause)], r.cause, r.cause) for r in asked
        ]
        for reaction, answer in zip(asked, self._answers(groups), strict=True):
            if isinstance(answer, Refused) and not answer.code.endswith(MADE_ALREADY):
                self._keep(reaction.cause, reaction.position, answer)

    def _answers(self, groups: Sequence[Group]) -> list[Appended | Refused]:
        """A race that was lost is run again alone."""
        answers = self._desk.handle_all(groups) if groups else []
        for index, answer in enumerate(answers):
            if isinstance(answer, Refused) and answer.code == "stream.moved":
                requests, command_id, digest = (*groups[index], "")[:3]
                try:
                    answers[index] = self._desk.handle(requests, command_id, digest)
                except Refused as refusal:
                    answers[index] = refusal
        return answers

    def _sweep(self) -> bool:
        """Records what is due, in order of due times; True when there was something to record."""
        now = self._clock.now()
        if self._alarm is not None and now < self._alarm:
            return False
        if not self._wait_for(self._store.last_position(), PATIENCE):
            raise Refused("tables.behind", "the read tables lag behind: due times wait for them")
        waiting = due(self._reader, now, SWEPT)
        before = self._store.last_position()
        heapq.heapify(waiting)
        while waiting:
            chunk = _in_order(waiting)
            self._answers([_recorded(each) for each in chunk])
            for each in chunk:
                self._add_resumed(each, now, waiting)
        self._alarm = next_due(self._reader, now)
        return self._store.last_position() > before

    def _add_resumed(self, each: Due, now: datetime, waiting: list[Due]) -> None:
        """The deadline of a case whose suspension has ended may lie in the past already."""
        if each.what == "case.resume":
            _, case = self._desk.state(f"case-{each.key}")
            deadline = None if case is None else case.deadline
            if deadline is not None and deadline.due_at <= now:
                heapq.heappush(waiting, Due(deadline.due_at, "case.overdue", each.key))

    def _keep(self, cause: str, position: int, refusal: Refused) -> None:
        known = {each.cause for each in self._marks.refused()}
        if cause not in known:
            self._marks.refuse(Refusal(cause, position, refusal.code, refusal.message))


class WaitFor(Protocol):
    def __call__(self, position: int, timeout: float, /) -> bool: ...


# Somebody else, or an earlier run, was first.
MADE_ALREADY = (".exists", ".matter_open")


def _in_order(waiting: list[Due]) -> list[Due]:
    """The next ones, up to and with one that may bring a new due time between them."""
    chunk: list[Due] = []
    while waiting and len(chunk) < BATCH:
        chunk.append(heapq.heappop(waiting))
        if chunk[-1].what == "case.resume":
            break
    return chunk


def _recorded(each: Due) -> Group:
    """At its due time, once for each due time."""
    cause = f"{each.what}:{each.key}:{each.due_at.isoformat()}"
    return [Request(_command(each), CLOCK, each.due_at, cause)], cause, cause


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


def _sets_alarm(envelope: Envelope) -> bool:
    return any(hasattr(envelope.event, field) for field in ("deadline", "until"))
