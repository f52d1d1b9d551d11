"""What the domain and its callers need from the outside, named by need."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.errors import Conflict
from domain.messages import Append, Appended, Envelope


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class NewId(Protocol):
    def __call__(self) -> str:
        """A fresh id that no other call returns, sortable by time of making."""


class EventLog(Protocol):
    """The log as its readers see it: in order of position, without gaps."""

    def read(self, after: int, limit: int) -> list[Envelope]:
        """At most ``limit`` events with a position greater than ``after``."""

    def last_position(self) -> int:
        """The position of the newest event; 0 for an empty log."""

    def wait(self, after: int, timeout: float) -> bool:
        """Block until there is an event after ``after`` (True) or ``timeout`` seconds passed."""


class Moved(NamedTuple):
    """``versions`` are the newest of the streams that have moved on, by stream; ``None``: more
    streams than are worth naming."""

    position: int
    versions: Mapping[str, int] | None


class EventStore(EventLog, Protocol):
    """The system of record: optimistic concurrency per stream, idempotent by command id."""

    @property
    def alone(self) -> bool:
        """Nobody else writes to it while it is open: what was read of a stream stays true until
        one's own next append to it."""

    def one_at_a_time(self, name: str) -> AbstractContextManager[None]:
        """While the block lasts nobody else who writes to the store is in one of that name. Raises
        ``Refused`` (``store.busy``) when the others take too long."""

    def moved(self, after: int) -> Moved:
        """What has been stored after a position, by anybody."""

    def append(self, appends: Sequence[Append]) -> list[Appended | Conflict]:
        """Store each append atomically, in order, and return only when all are durable.

        The answers stand in the order of the appends. A stream that has moved on since it was
        read gives a ``Conflict`` with code ``stream.moved`` for that append alone; a command id
        already used with another digest gives ``command.reused``; with the same digest the
        first answer again, marked ``repeated``.
        """

    def load(self, stream_id: str, after_version: int = 0) -> list[Envelope]:
        """A stream's events with a version greater than ``after_version``, oldest first."""

    def load_all(self, stream_ids: Sequence[str]) -> Mapping[str, list[Envelope]]:
        """The events of many streams at once, each oldest first; streams that do not exist are
        left out."""

    def load_kind(self, kind: str) -> list[Envelope]:
        """The events of all streams of a kind in order of position (for kinds that are few)."""

    def commands(self, command_ids: Sequence[str]) -> Mapping[str, Appended]:
        """Those of the command ids that have been stored, with where."""
