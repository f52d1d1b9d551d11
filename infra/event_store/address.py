"""Where a store is: what a worker process needs to read it by itself."""

from collections.abc import Sequence
from typing import Protocol

from domain.messages import Envelope
from streams.ports import RawEvent


class Share(Protocol):
    """Every n-th stream of a log, up to a position."""

    def read_raw(self, after: int, limit: int) -> list[RawEvent]:
        """At most ``limit`` events with a position greater than ``after``."""

    def close(self) -> None: ...


class StoreAddress(Protocol):
    """Can be sent to another process; says where it is when it is shown."""

    def open_share(self, number: int, of: int, until: int) -> Share:
        """Share ``number`` of ``of`` of the log up to the position ``until``."""

    def load_kind(self, kind: str) -> Sequence[Envelope]:
        """The events of all streams of a kind in order of position."""

    def problems(self) -> list[str]:
        """What is wrong with the store, a sentence each; nothing: it is sound."""
