"""Drives reactions and due times in this process: by a thread of its own, or tick by tick."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, NamedTuple, Protocol, get_args

from domain.deciding import Desk
from domain.errors import Refused
from domain.messages import Appended, Envelope
from domain.policies.supervision import StartEvent
from domain.ports import Clock, EventStore
from domain.requests import Group, Request
from projections.reading import Reader
from streams.due_times import DueTimes, WaitFor
from streams.ports import RawLog
from streams.reactions import ACTOR, Reaction, Reactions
from streams.remembering import REMEMBERED
from streams.wire import Decoding

BATCH = 2_000
# A thread looks at the clock this often: somebody may have set it.
GLANCE = timedelta(seconds=0.2)
PAUSE = 1.0

State = Literal["stopped", "running", "retrying", "failed"]

# Names of the events of cases that anything follows from, or that bring a due time.
OF_CASES = frozenset(
    (*get_args(StartEvent), "case.extension_approved", "case.suspended", "case.resumed")
)
# Somebody else, or an earlier run, was first: what was to follow is there.
MADE_ALREADY = ("slip.exists", "slip.running", "money.exists", "listing.exists",
                "accountability.exists")  # fmt: skip


class Refusal(NamedTuple):
    """A reaction that was refused: what caused it (``position`` of the event; 0: time passed),
    and why."""

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
    """``failed``: something that nobody foresaw; ``retrying``: the store or the tables cannot be
    reached. ``problem`` says what is wrong in both."""

    state: State
    position: int
    refused: int
    problem: str


class Log(EventStore, RawLog, Protocol):
    """The store, and its events as they are stored."""


class Reactor:
    """``wait_for`` blocks until the read tables hold a position. Every command has an id made of
    its cause, so doing it again after a crash changes nothing."""

    def __init__(
        self, log: Log, decoding: Decoding, desk: Desk, clock: Clock, reader: Reader, marks: Marks,
        reactions: Reactions, wait_for: WaitFor,
    ) -> None:  # fmt: skip
        self._log, self._decoding, self._desk = log, decoding, desk
        self._marks, self._reactions = marks, reactions
        self._due = DueTimes(
            log, desk, clock, reader, wait_for, self._answers,
            lambda cause, refusal: self._keep(cause, 0, refusal),
        )  # fmt: skip
        self._position = self._saved = 0
        self._remembered = False
        self._postponed: list[Reaction] = []
        self.resume()
        self._working = threading.Lock()
        self._stop = threading.Event()
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

    @property
    def position(self) -> int:
        """What follows from the events up to here is stored, or waits for its time."""
        return self._position

    def resume(self) -> None:
        """Goes on from the marks, which somebody else may have moved; not during a tick."""
        self._position = self._saved = min(self._marks.position(), self._log.last_position())
        self._remembered, self._postponed = False, []
        self._due.look()

    def health(self) -> Health:
        return Health(self._state, self._position, len(self._marks.refused()), self._problem)

    def refused(self) -> list[Refusal]:
        return self._marks.refused()

    def tick(self) -> None:
        """Everything that follows from the events so far, and all that is due by now. Raises
        ``Refused`` when the store or the tables cannot be reached."""
        with self._working:
            if not self._remembered:
                self._reactions.remember(self._position)
                self._remembered = True
            postponed, self._postponed = self._postponed, []
            self._send(postponed)
            while self._follow() or self._due.sweep():
                pass

    def look(self) -> None:
        """The next tick asks the tables what is due, whatever the alarm says."""
        self._due.look()

    def again(self) -> int:
        """Reacts again to the events whose consequences were refused; how many there were. What
        is refused once more is kept once more; what was due is due still."""
        with self._working:
            refused = self._marks.refused()
            self._marks.forget()
            for position in sorted({each.position for each in refused if each.position}):
                self._reactions.remember(position - 1)
                self._send(self._asked(self._log.read(position - 1, 1)))
            self._remembered = False
            self._due.look()
        self.tick()
        return len(refused)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.tick()
                self._state, self._problem = "running", ""
                self._log.wait(self._position, GLANCE.total_seconds())
            except Refused as refusal:  # the store or the tables: they come back, and we go on
                self._state, self._problem = "retrying", refusal.message
                self._stop.wait(PAUSE)
            except Exception as error:  # nobody above this thread could tell it to anybody
                self._state, self._problem = "failed", f"reactions: {error or repr(error)}"
                return

    def _follow(self) -> bool:
        """True when there were events to react to."""
        raw = self._log.read_raw(self._position, BATCH)
        if not raw:
            return False
        self._desk.catch_up()  # others may have adopted the policies that these events name
        wanted = [stored for stored in raw if _matters(stored[1], stored[3])]
        envelopes = [step.envelope for step in self._decoding.steps(wanted)]
        self._send(self._asked(envelopes))
        self._due.hear(envelopes)
        self._position = raw[-1][0]
        self._save()
        return True

    def _save(self) -> None:
        """Not past a reaction that waits: it is asked for again after a restart."""
        safe = min((r.position - 1 for r in self._postponed), default=self._position)
        if safe != self._saved:
            self._marks.save(safe)
            self._saved = safe

    def _asked(self, envelopes: Sequence[Envelope]) -> list[Reaction]:
        asked: list[Reaction] = []
        for envelope in envelopes:
            for follows in self._reactions.follow(envelope):
                if isinstance(follows, Reaction):
                    asked.append(follows)
                else:
                    self._keep(follows.cause, follows.position, follows.refusal)
        return asked

    def _send(self, asked: Sequence[Reaction]) -> None:
        """While the clock is behind the log (somebody set it back), what follows waits for it."""
        groups: list[Group] = [
            ([Request(r.command, ACTOR, r.occurred_at, r.cause)], r.cause, r.cause) for r in asked
        ]
        for reaction, answer in zip(asked, self._answers(groups), strict=True):
            if not isinstance(answer, Refused) or answer.code in MADE_ALREADY:
                continue
            if answer.code == "time.in_future":
                self._postponed.append(reaction)
            else:
                self._keep(reaction.cause, reaction.position, answer)

    def _answers(self, groups: Sequence[Group]) -> Sequence[Appended | Refused]:
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

    def _keep(self, cause: str, position: int, refusal: Refused) -> None:
        known = {each.cause for each in self._marks.refused()}
        if cause not in known:
            self._marks.refuse(Refusal(cause, position, refusal.code, refusal.message))


def _matters(stream: str, topic: str) -> bool:
    """Most events of a city are read over without being decoded."""
    kind = stream.partition("-")[0]
    return topic.partition("/")[0] in OF_CASES if kind == "case" else kind in REMEMBERED
