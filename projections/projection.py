"""What a projection is: the fold of one stream into one row, or rows made of one event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import msgspec

from domain.messages import Envelope
from projections.rules import Rules

R = TypeVar("R", bound=msgspec.Struct)


class Step(msgspec.Struct, gc=False):
    """A stored event on its way into the tables: its topic (``name/version``), body and metadata
    as they are stored, the kind and key of its stream, and recorded_at in microseconds.

    ``before`` and ``after`` are the rows of its own stream around it, filled in when it is folded:
    both ``None`` for kinds of streams without a snapshot, ``before`` also for a first event.
    """

    envelope: Envelope
    kind: str
    key: str
    topic: str
    data: bytes
    meta: bytes
    recorded_us: int
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[R]):
    """One row per stream of a kind, as it stands now.

    ``row`` is a struct whose fields are the stored columns of the table, the first one the id
    inside the kind. ``begin`` makes the row of a stream's first event; ``evolve`` gets a copy of
    the whole row and changes in it what a later event changes.
    """

    table: str
    version: int
    kind: str
    row: type[R]
    begin: Callable[[Any, Envelope], R]
    evolve: Callable[[R, Any, Envelope], None]

    @property
    def key(self) -> str:
        return self.row.__struct_fields__[0]

    def fold(self, row: R | None, envelope: Envelope) -> R:
        """The whole row after the event. What the row has seen already changes nothing; the row
        given is never changed."""
        if row is None:
            return self.begin(envelope.event, envelope)
        after: Any = row
        if envelope.position <= after.position:
            return row
        # Neither ``replace`` nor ``copy.copy``: with forty columns they take five times as long.
        after = after.__copy__()
        after.position = envelope.position
        after.version = envelope.version
        after.recorded_at = envelope.recorded_at
        self.evolve(after, envelope.event, envelope)
        return cast(R, after)


@dataclass(frozen=True, slots=True)
class Facts(Generic[R]):
    """Any number of rows per event, never changed afterwards. ``kinds`` names the kinds of
    streams whose events can give rows (empty: all)."""

    table: str
    version: int
    row: type[R]
    rows: Callable[[Step, Rules], Sequence[R]]
    kinds: tuple[str, ...] = ()


Projection = Snapshot[Any] | Facts[Any]


@dataclass(frozen=True, slots=True)
class View:
    """A public table that is computed from others when it is read."""

    table: str
