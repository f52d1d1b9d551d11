"""What running projections needs: a log to read and tables to fill."""

from collections.abc import Mapping, Sequence, Set
from typing import Any, Protocol

from projections.projection import Facts, Projection, Snapshot

# position, stream id, version, type name, data, metadata, recorded_at in microseconds since 1970
RawEvent = tuple[int, str, int, str, bytes, bytes, int]


class TablesUnavailable(Exception):
    """The tables cannot be read or written at the moment; trying again may help."""


class RawLog(Protocol):
    """The log as it is stored: in order of position, without gaps."""

    def read_raw(self, after: int, limit: int) -> Sequence[RawEvent]:
        """At most ``limit`` events with a position greater than ``after``."""

    def last_position(self) -> int:
        """The position of the newest event; 0 for an empty log."""

    def wait(self, after: int, timeout: float) -> bool:
        """Block until there is an event after ``after`` (True) or ``timeout`` seconds passed."""


class Tables(Protocol):
    """The read tables. Every method may raise ``TablesUnavailable``; safe for several threads."""

    def current(self, snapshot: Snapshot[Any], keys: Sequence[str]) -> Mapping[str, Any]:
        """The rows of those keys that have one, by key."""

    def insert(self, projection: Projection, rows: Sequence[Any], token: str) -> None:
        """All rows or none, durable on return. A token used before on this table inserts nothing.
        Raises ``ValueError`` for a row that does not fit the table: trying again is useless."""

    def newest(self, facts: Facts[Any]) -> int:
        """The highest position among the rows of the table; 0 if it is empty."""

    def stored(self, facts: Facts[Any], positions: Sequence[int]) -> Set[int]:
        """Those of the positions that have rows in the table."""

    def checkpoint(self) -> int:
        """The position up to which every table holds everything; 0 at the beginning."""

    def save_checkpoint(self, position: int) -> None: ...
