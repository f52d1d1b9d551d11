"""The slips that a side's ladders would have given, and how long each would have stood.

A slip is taken as issued and served at the moment that starts it, and as answered when its case
was. Whether there would have been a good reason for not meeting it is not in any log.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from domain.calendar import Calendars
from domain.messages import Event
from domain.policies.header import When
from domain.policies.scoring import Fact, holds
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
    ladder: Ladder
    grade: int
    unit: str
    issued: datetime
    due: datetime


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
        standing = self._open.get(step.key)
        if event.NAME in ANSWERS:
            self._end(step.key, at)
        elif standing is None and unit and (step.envelope.position, unit) not in self._contested:
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
                found = _begun(policy, fact)
                if found is not None:
                    ladder, grade = found
                    self._issue(step.key, ladder, grade, unit, at)
                    return

    def _issue(self, matter: str, ladder: Ladder, grade: int, unit: str, at: datetime) -> None:
        due = self._calendars.due(at, ladder.steps[grade].limit).due_at
        self._open[matter] = _Open(ladder, grade, unit, at, due)

    def _run_to(self, matter: str, at: datetime) -> None:
        """Slips that were not met by then fail, and lead to the next colour if there is one."""
        while (slip := self._open.get(matter)) is not None and slip.due < at:
            self._end(matter, slip.due)
            if slip.ladder.escalate != "never" and slip.grade + 1 < len(slip.ladder.steps):
                self._issue(matter, slip.ladder, slip.grade + 1, slip.unit, slip.due)

    def _end(self, matter: str, at: datetime) -> None:
        slip = self._open.pop(matter, None)
        if slip is not None:
            self._over.append(_slip(slip, at))


def _slip(slip: _Open, ended: datetime | None) -> Slip:
    colour = slip.ladder.steps[slip.grade].colour
    return Slip(slip.unit, colour, slip.grade, slip.issued, ended)


def _begun(policy: SupervisionPolicy, fact: Fact) -> tuple[Ladder, int] | None:
    """The ladder the case belongs to, and the gravest step that this event starts."""
    ladder = next((each for each in policy.ladders if _all_hold(each.when, fact)), None)
    if ladder is None:
        return None
    grades: Mapping[str, int] = {step.colour: grade for grade, step in enumerate(ladder.steps)}
    begun = [
        grades[start.colour]
        for start in ladder.starts
        if fact.event in start.on and start.colour in grades and _all_hold(start.when, fact)
    ]
    return (ladder, max(begun)) if begun else None


def _all_hold(when: When, fact: Fact) -> bool:
    return all(holds(condition, getattr(fact, word)) for word, condition in when.items())
