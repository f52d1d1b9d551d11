"""What a thing went through: its row folded again from its own events, as known at any moment.

    history(store, CASES, "A1")                          everything recorded so far
    history(store, CASES, "A1", as_of=moment)            as it was known then
    history(store, CASES, "A1", up_to=position)          as of that place in the log
    history(store, CASES, "A1", at=moment)               as it was then, by all that is known

``CASES`` may be any snapshot: ``UNITS``, ``INSPECTIONS``, ``PENALTIES``. The tables are filled by
the very same fold, so a history never tells another story than the boards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec

from domain.errors import NotFound
from domain.messages import Envelope
from domain.moments import Then
from domain.ports import EventStore
from projections.past.counting import counts, since
from projections.projection import Snapshot

R = TypeVar("R", bound=msgspec.Struct)

LATE = timedelta(hours=24)
# Bookkeeping that every event changes says nothing to a reader.
UNSAID = frozenset({"version", "position", "recorded_at", "changed_at"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One event and what it changed. ``late``: stored more than a day after it happened.
    ``known``: it counts at the moment the history is told for. ``since``: what it says holds from
    then on (a correction: since what it puts right)."""

    envelope: Envelope
    changes: tuple[FieldChange, ...]
    late: bool
    known: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class History(Generic[R]):
    """``row`` is what was known (``None``: nothing yet); ``steps`` are all events so far, also
    those that were stored later, so that a reader can move on through time."""

    row: R | None
    steps: tuple[HistoryStep, ...]

    @property
    def version(self) -> int:
        return len(self.steps)


def history(
    store: EventStore,
    snapshot: Snapshot[R],
    key: str,
    as_of: datetime | None = None,
    up_to: int | None = None,
    at: datetime | None = None,
) -> History[R]:
    """Raises ``NotFound`` (``case.unknown``, ``unit.unknown``, …)."""
    return told(load(store, snapshot, key), snapshot, Then(as_of, at, up_to))


def load(store: EventStore, snapshot: Snapshot[R], key: str) -> list[Envelope]:
    """Raises ``NotFound`` (``case.unknown``, ``unit.unknown``, …)."""
    events = store.load(f"{snapshot.kind}-{key}")
    if not events:
        raise NotFound(f"{snapshot.kind}.unknown", f"there is no {snapshot.kind} {key}")
    return events


def told(events: list[Envelope], snapshot: Snapshot[R], then: Then) -> History[R]:
    """The history of a stream by its events."""
    row: R | None = None
    steps: list[HistoryStep] = []
    for envelope in events:
        before, row = row, snapshot.fold(row, envelope)
        late = envelope.recorded_at - envelope.occurred_at > LATE
        known = counts(then, envelope, events[0])
        holds = since(envelope, events[0])
        steps.append(HistoryStep(envelope, changes(before, row), late, known, holds))
    return History(state(events, snapshot, then), tuple(steps))


def state(events: list[Envelope], snapshot: Snapshot[R], then: Then) -> R | None:
    """The row that those of a stream's events make which count at a moment, in the order of the
    stream; ``None``: it was not there yet, or nobody knew of it."""
    return _folded(snapshot, (e for e in events if counts(then, e, events[0])), events[0])


def _folded(snapshot: Snapshot[R], counted: Iterable[Envelope], first: Envelope) -> R | None:
    row: R | None = None
    for envelope in counted:
        # What a thing began with may have been recorded as later than what came of it.
        if row is not None or type(envelope.event) is type(first.event):
            row = snapshot.fold(row, envelope)
    return row


def changes(before: msgspec.Struct | None, after: msgspec.Struct | None) -> tuple[FieldChange, ...]:
    """The fields that differ. Of a row that has just begun, those that say something."""
    if after is None:
        return ()
    told = []
    for field in after.__struct_fields__:
        new = getattr(after, field)
        old = getattr(before, field) if before is not None else None
        silent = before is None and new in ("", (), None, False, 0)
        if field not in UNSAID and new != old and not silent:
            told.append(FieldChange(field, old, new))
    return tuple(told)
