"""What a projection is: the fold of one stream into one row, or rows made of one event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import msgspec

from domain.messages import Envelope
from projections.rules import Rules

R = TypeVar("R", bound=msgspec.Struct)


class Record(msgspec.Struct, frozen=True, gc=False):
    """A stored event with what it is stored as: the kind and key of its stream, its topic
    (``name/version``), the bytes of body and metadata, and recorded_at in microseconds."""

    envelope: Envelope
    kind: str
    key: str
    topic: str
    data: bytes
    meta: bytes
    recorded_us: int


class Step(msgspec.Struct, frozen=True, gc=False):
    """A stored event with the row of its own stream before and after it. Both are ``None`` for
    kinds of streams that no snapshot folds, ``before`` also for the first event of a stream."""

    record: Record
    before: Any
    after: Any

    @property
    def envelope(self) -> Envelope:
        return self.record.envelope


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[R]):
    """One row per stream of a kind, as it stands now.

    ``row`` is a frozen struct whose fields are the stored columns of the table, the first one the
    id inside the kind. ``evolve`` gets a whole row (``None``: there is none yet) and returns a
    whole row, made for the first event and with ``moved`` from then on.
    """

    table: str
    version: int
    kind: str
    row: type[R]
    evolve: Callable[[R | None, Envelope], R | None]

    @property
    def key(self) -> str:
        return self.row.__struct_fields__[0]

    def fold(self, row: R | None, envelope: Envelope) -> R | None:
        """The row after the event. What the row has seen already changes nothing."""
        if has_seen(row, envelope.position):
            return row
        folded: Any = self.evolve(row, envelope)
        if folded is None or folded.position != envelope.position:
            raise ValueError(f"{self.table} made no row of {type(envelope.event).__name__}")
        return cast(R, folded)


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


def moved(row: R, envelope: Envelope, **changes: Any) -> R:
    """The whole row after an event that changes these columns: the event's place in log and
    stream comes with it."""
    return msgspec.structs.replace(
        row,
        position=envelope.position,
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        **changes,
    )


def has_seen(row: Any, position: int) -> bool:
    return row is not None and position <= row.position
