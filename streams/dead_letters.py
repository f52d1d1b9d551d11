"""Events that could not be taken in, kept whole with the reason until somebody decides."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

import msgspec

from streams.ports import RawEvent

# parked: could not be taken in. held: could not follow a parked one of its stream. Both are open.
State = Literal["parked", "held", "replayed", "discarded"]
OPEN: tuple[State, ...] = ("parked", "held")
# What an operator has asked for; whoever takes in the source does it.
Wanted = Literal["", "replay", "discard"]


class Source(NamedTuple):
    """Where events come from in order: a partition of a topic, or the log of this process."""

    topic: str
    partition: int


LOG = Source("log", 0)  # its offsets are positions


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """``key``, ``value`` and ``headers`` are the record as it came. ``position`` and ``version``
    are 0 and ``stream_id`` is empty where the record does not say them. Of the same place the
    highest ``revision`` counts. ``note`` is who asked for what, and why."""

    topic: str
    partition: int
    offset: int
    position: int = 0
    stream_id: str = ""
    version: int = 0
    state: State
    reason: str = ""
    wanted: Wanted = ""
    note: str = ""
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    revision: int = 0
    parked_at: datetime | None = None  # stamped when it is first kept

    @property
    def source(self) -> Source:
        return Source(self.topic, self.partition)

    @property
    def place(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    def become(self, state: State, reason: str = "", note: str | None = None) -> "Letter":
        """The next revision, with nothing wanted any more."""
        return msgspec.structs.replace(
            self, state=state, reason=reason or self.reason, wanted="",
            note=self.note if note is None else note, revision=self.revision + 1,
        )  # fmt: skip

    def want(self, wanted: Wanted, note: str) -> "Letter":
        return msgspec.structs.replace(self, wanted=wanted, note=note, revision=self.revision + 1)


class Standing(NamedTuple):
    """What there is to know of a letter while its source is taken in."""

    offset: int
    stream_id: str
    version: int
    state: State


class LeftAside(NamedTuple):
    """What the tables do without for now: streams from a version on (parked, or held behind one
    that is), and for ever: single events, as stream and version."""

    held: Mapping[str, int]
    discarded: frozenset[tuple[str, int]]

    def keeps(self, event: RawEvent) -> bool:
        """Whether the tables are to hold what an event tells."""
        _, stream, version, *_ = event
        first = self.held.get(stream)
        return (first is None or version < first) and (stream, version) not in self.discarded


class LetterBox(Protocol):
    """Where letters are kept. Every method may raise ``TablesUnavailable``."""

    def put(self, letters: Sequence[Letter]) -> None:
        """All or none, durable on return; putting the same again changes nothing."""

    def standing(self, source: Source) -> Sequence[Standing]:
        """The open and the discarded letters of a source, in order of offset."""

    def wanted(self, source: Source, limit: int) -> Sequence[Letter]:
        """The open letters of a source that somebody has asked for, in order of offset."""

    def of_stream(self, source: Source, stream_id: str) -> Sequence[Letter]:
        """The open letters of a stream, in order of offset."""
