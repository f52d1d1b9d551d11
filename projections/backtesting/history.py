"""The log, read once: what each side would have given for it, and how things stood meanwhile."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from domain.appeals.events import AppealFiled
from domain.messages import Envelope
from domain.periods import Period
from domain.policies.scoring import ARITHMETIC, Entry, Fact
from domain.ports import EventStore
from domain.rankings.composing import UnitTotal
from projections.backtesting.sides import Side
from projections.catalogue import PROJECTIONS
from projections.past.counting import CORRECTIONS
from projections.projection import Snapshot, Step
from projections.rules import Judge
from projections.scores import FACTS, scored_at
from projections.units import UnitRow

Listener = Callable[[Step], None]

Contested = frozenset[tuple[int, str]]  # position of an event and unit
Boards = list[tuple["Tally", str]]  # the tallies to add to, and the board's name in each

BATCH = 8_192
ONE_DAY = timedelta(days=1)


class Sum:
    """Points and entries of a unit on a day; ``vetoes`` counts those of each clause."""

    __slots__ = ("entries", "points", "vetoes")

    def __init__(self) -> None:
        self.points = Decimal(0)
        self.entries = 0
        self.vetoes: dict[str, int] = {}


class Tally:
    """The score entries of one side, added up by board, day and unit."""

    def __init__(self) -> None:
        self._days: dict[str, dict[date, dict[str, Sum]]] = {}

    def add(self, board: str, day: date, entry: Entry) -> None:
        units = self._days.setdefault(board, {}).setdefault(day, {})
        kept = units.get(entry.unit)
        if kept is None:
            kept = units[entry.unit] = Sum()
        kept.points = ARITHMETIC.add(kept.points, entry.points)
        kept.entries += 1
        if entry.veto:
            kept.vetoes[entry.clause] = kept.vetoes.get(entry.clause, 0) + entry.veto

    def totals(self, board: str, period: Period) -> list[UnitTotal]:
        """Of every unit with an entry in the period."""
        days = self._days.get(board, {})
        sums: dict[str, Sum] = {}
        for day in _days(period):
            for unit, more in days.get(day, {}).items():
                kept = sums.setdefault(unit, Sum())
                kept.points = ARITHMETIC.add(kept.points, more.points)
                kept.entries += more.entries
                for clause, count in more.vetoes.items():
                    kept.vetoes[clause] = kept.vetoes.get(clause, 0) + count
        return [
            UnitTotal(unit, kept.points, kept.entries, _veto(kept.vetoes))
            for unit, kept in sums.items()
        ]


class Units:
    """The units as they stood at any moment, as far as is known now."""

    def __init__(self) -> None:
        self._versions: dict[str, list[tuple[datetime, UnitRow]]] = {}
        self._at: dict[datetime, Mapping[str, UnitRow]] = {}

    def take(self, step: Step) -> None:
        self._versions.setdefault(step.key, []).append((step.envelope.occurred_at, step.after))

    def at(self, end: datetime) -> Mapping[str, UnitRow]:
        """Every unit before this moment; one registered later stands as it began."""
        known = self._at.get(end)
        if known is None:
            known = {unit: _version(found, end) for unit, found in self._versions.items()}
            self._at[end] = known
        return known

    def name(self, unit: str) -> str:
        versions = self._versions.get(unit)
        return versions[-1][1].name if versions else unit


class History:
    """Folds the log. ``listeners`` are shown every step of the kinds they name, folded."""

    def __init__(self, sides: Sequence[Side], earliest: date, contested: Contested) -> None:
        self._sides = sides
        self._earliest = earliest
        self._contested = contested
        self._snapshots = {p.kind: p for p in PROJECTIONS if isinstance(p, Snapshot)}
        self._rows: dict[str, dict[str, Any]] = {kind: {} for kind in self._snapshots}
        self.tallies = [Tally() for _ in sides]
        self.units = Units()
        self.events = 0
        self._panels: dict[tuple[str, ...], list[tuple[Judge, Boards]]] = {}
        self._listeners: list[tuple[frozenset[str], Listener]] = []

    def listen(self, kinds: frozenset[str], listener: Listener) -> None:
        self._listeners.append((kinds, listener))

    def rows(self, kind: str) -> Mapping[str, Any]:
        """The rows of a kind of stream as they stand after the last event taken."""
        return self._rows.get(kind, {})

    def take(self, envelope: Envelope) -> None:
        self.events += 1
        kind, _, key = envelope.stream_id.partition("-")
        snapshot = self._snapshots.get(kind)
        if snapshot is None:
            return
        rows = self._rows[kind]
        step = Step(envelope, kind, key, "", b"", b"", 0, rows.get(key))
        step.after = rows[key] = snapshot.fold(step.before, envelope)
        if kind == "unit":
            self.units.take(step)
        elif kind in FACTS:
            self._score(step)
        for kinds, listener in self._listeners:
            if kind in kinds:
                listener(step)

    def _score(self, step: Step) -> None:
        event = step.envelope.event
        corrected = isinstance(event, CORRECTIONS)
        digests = step.before.policies if corrected else step.envelope.metadata.policies
        fact: Fact | None = None
        for judge, boards in self._panel(digests):
            if event.NAME in judge.events or corrected:
                fact = fact or FACTS[step.kind](step)
                self._add(step, judge, boards, fact)

    def _add(self, step: Step, judge: Judge, boards: Boards, fact: Fact) -> None:
        day = _day(scored_at(step), judge.policy.timezone)
        if day < self._earliest:
            return
        for entry in judge.scorer.score(fact):
            if (step.envelope.position, entry.unit) not in self._contested:
                for tally, board in boards:
                    tally.add(board, day, entry)

    def _panel(self, digests: tuple[str, ...]) -> list[tuple[Judge, Boards]]:
        """Who judges where the policies with these digests judged, each once, with the sides (and
        the name of the board there) that it judges for."""
        known = self._panels.get(digests)
        if known is None:
            found: dict[str, tuple[Judge, Boards]] = {}
            for side, tally in zip(self._sides, self.tallies, strict=True):
                for judge in side.judges(digests):
                    _, boards = found.setdefault(judge.policy.digest, (judge, []))
                    boards.append((tally, side.name_of(judge.policy)))
            known = self._panels[digests] = list(found.values())
        return known


def read(store: EventStore, until: int, report: Callable[[int, int], None]) -> Iterator[Envelope]:
    """The log up to a position, a batch at a time."""
    position = 0
    while position < until:
        batch = store.read(position, min(BATCH, until - position))
        if not batch:
            return
        yield from batch
        position = batch[-1].position
        report(position, until)


def contested(appeals: Sequence[Envelope]) -> Contested:
    """Events (by position) whose entries of a unit fell because an appeal was upheld: as is known
    now, they do not count, whichever policy judges."""
    filed = {e.stream_id: e.event for e in appeals if isinstance(e.event, AppealFiled)}
    upheld = [e.stream_id for e in appeals if e.event.NAME == "appeal.upheld"]
    entries = (entry for stream in upheld if stream in filed for entry in filed[stream].entries)
    return frozenset((entry.position, entry.unit) for entry in entries)


@lru_cache(maxsize=10_000)
def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def _days(period: Period) -> Iterator[date]:
    day = period.first
    while day < period.end:
        yield day
        day += ONE_DAY


def _veto(vetoes: Mapping[str, int]) -> str:
    return min((clause for clause, count in vetoes.items() if count > 0), default="")


def _version(versions: Sequence[tuple[datetime, UnitRow]], end: datetime) -> UnitRow:
    found = versions[0][1]
    for at, row in versions[1:]:
        if at < end:
            found = row
    return found
