"""The slips that a side's ladders would have given, and how long each would have stood.

A slip is taken as issued and served at the moment that starts it, and as answered when its case
was. Whether there would have been a good reason for not meeting it is not in any log.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from domain.calendar import Calendars
from domain.consequences.ladders import begun
from domain.messages import Event
from domain.policies.scoring import Fact
from domain.policies.supervision import Ladder, SupervisionPolicy
from projections.backtesting.history import Contested
from projections.backtesting.sides import Side
from projections.projection import Step
from projections.scores import FACTS

# What ends a slip: its case was answered, found in order, closed or struck out.
ANSWERS = frozenset({"case.rectified", "case.verified", "case.closed", "case.voided"})


class Slip(NamedTuple):
    """``ended`` is ``None`` while it stands; ``grade`` counts from the mildest colour, 0."""

    unit: str
    colour: str
    grade: int
    issued: datetime
    ended: datetime | None


class _Open(NamedTuple):
    """``due`` is ``None`` once it has failed and nothing graver follows: it stands on, unlifted,
    but its matter may get another slip."""

    ladder: Ladder
    grade: int
    unit: str
    issued: datetime
    due: datetime | None


class Supervision:
    """Follows the cases as they pass by and remembers every slip, also those that ended."""

    def __init__(self, side: Side, calendars: Calendars, contested: Contested) -> None:
        self._side = side
        self._calendars = calendars
        self._contested = contested
        self._open: dict[str, _Open] = {}
        self._over: list[Slip] = []

    def take(self, step: Step) -> None:
        """A step of a case."""
        at, unit = step.envelope.occurred_at, step.after.unit
        self._run_to(step.key, at)
        event: Event = step.envelope.event
        if event.NAME in ANSWERS:
            self._end(step.key, at)
        elif unit and (step.envelope.position, unit) not in self._contested:
            standing = self._open.get(step.key)
            if standing is None or standing.due is None:
                self._start(step, unit, at)

    def slips(self, until: datetime) -> Iterator[Slip]:
        """All of them, as they would stand at a moment when nothing more has happened."""
        for matter in list(self._open):
            self._run_to(matter, until)
        yield from (slip for slip in self._over if slip.issued < until)
        for slip in self._open.values():
            if slip.issued < until:
                yield _slip(slip, None)

    def _start(self, step: Step, unit: str, at: datetime) -> None:
        digests = step.envelope.metadata.policies
        fact: Fact | None = None
        for policy in self._side.files(digests):
            if isinstance(policy, SupervisionPolicy):
                fact = fact or FACTS["case"](step)
                found = begun(policy, fact)
                if found is not None:
                    ladder, grade = found
                    self._issue(step.key, ladder, grade, unit, at)
                    return

    def _issue(self, matter: str, ladder: Ladder, grade: int, unit: str, at: datetime) -> None:
        self._end(matter, at)
        due = self._calendars.due(at, ladder.steps[grade].limit).due_at
        self._open[matter] = _Open(ladder, grade, unit, at, due)

    def _run_to(self, matter: str, at: datetime) -> None:
        """Slips that were not met by then fail, and lead to the next colour if there is one."""
        while (slip := self._open.get(matter)) is not None and slip.due and slip.due < at:
            if slip.ladder.escalate != "never" and slip.grade + 1 < len(slip.ladder.steps):
                self._issue(matter, slip.ladder, slip.grade + 1, slip.unit, slip.due)
            else:
                self._open[matter] = slip._replace(due=None)

    def _end(self, matter: str, at: datetime) -> None:
        slip = self._open.pop(matter, None)
        if slip is not None:
            self._over.append(_slip(slip, at))


def _slip(slip: _Open, ended: datetime | None) -> Slip:
    colour = slip.ladder.steps[slip.grade].colour
    return Slip(slip.unit, colour, slip.grade, slip.issued, ended)
