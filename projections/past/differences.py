"""Two moments side by side: what differs, field by field, and what happened in between.

difference(store, KINDS["case"], "A1", Then(as_of=monday), Then(as_of=friday))
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from domain.messages import Envelope
from domain.moments import Then
from domain.ports import EventStore
from projections.histories import LATE, FieldChange, load, state
from projections.past.counting import counts, since
from projections.past.kinds import Kind


@dataclass(frozen=True, slots=True)
class Mark:
    """An event on the slider: by ``recorded_at`` for what was known, by ``since`` for what was
    so. ``late``: stored more than a day after it happened."""

    position: int
    version: int
    name: str
    actor: str
    recorded_at: datetime
    occurred_at: datetime
    since: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class Between:
    """An event that counts at one of two moments alone. ``added``: at the second one."""

    mark: Mark
    envelope: Envelope
    added: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """``before`` and ``after`` are the whole rows (``None``: not there yet, or not known);
    ``fields`` those that differ; ``between`` the events that make the difference."""

    before: Any
    after: Any
    fields: tuple[FieldChange, ...]
    between: tuple[Between, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """A thing at a moment, and every event of it on record by now."""

    state: Any
    version: int
    marks: tuple[Mark, ...]


def past(store: EventStore, kind: Kind, key: str, then: Then) -> Past:
    """Raises ``NotFound`` (``<kind>.unknown``)."""
    events = load(store, kind.snapshot, key)
    return Past(
        state(events, kind.snapshot, then), len(events), tuple(mark(e, events[0]) for e in events)
    )


def difference(store: EventStore, kind: Kind, key: str, first: Then, second: Then) -> Difference:
    """Raises ``NotFound`` (``<kind>.unknown``)."""
    events = load(store, kind.snapshot, key)
    before, after = (state(events, kind.snapshot, then) for then in (first, second))
    between = []
    for envelope in events:
        added = counts(second, envelope, events[0])
        if added != counts(first, envelope, events[0]):
            between.append(Between(mark(envelope, events[0]), envelope, added))
    return Difference(before, after, fields_that_differ(before, after), tuple(between))


def mark(envelope: Envelope, first: Envelope) -> Mark:
    return Mark(
        position=envelope.position,
        version=envelope.version,
        name=envelope.event.NAME,
        actor=envelope.actor,
        recorded_at=envelope.recorded_at,
        occurred_at=envelope.occurred_at,
        since=since(envelope, first),
        late=envelope.recorded_at - envelope.occurred_at > LATE,
    )


def fields_that_differ(
    before: msgspec.Struct | None, after: msgspec.Struct | None
) -> tuple[FieldChange, ...]:
    """All of them, bookkeeping too; against nothing, every field of what there is."""
    there = after if after is not None else before
    if there is None:
        return ()
    told = (
        FieldChange(name, getattr(before, name, None), getattr(after, name, None))
        for name in there.__struct_fields__
    )
    return tuple(change for change in told if change.before != change.after)
