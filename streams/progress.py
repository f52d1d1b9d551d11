"""What a sink reads and tells: messages, how far it has come, what has just become visible."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from streams.dead_letters import Source


class Message(NamedTuple):
    """A record of a partition; ``at`` is its time in seconds since 1970."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    at: float


class Progress(NamedTuple):
    """The tables hold everything of a partition up to an offset; ``position`` is that of the
    newest event among it."""

    offset: int
    position: int


class ProgressBook(Protocol):
    """Where lines have come to. Every method may raise ``TablesUnavailable``."""

    def read(self, source: Source) -> Progress | None: ...

    def note(self, progress: Mapping[Source, Progress]) -> None:
        """Durable on return."""

    def rest(self, topic: str) -> str:
        """The name of a rest: whoever gives it needs tables that stay as they are for a moment.
        Empty: nobody does."""

    def resting(self, source: Source, rest: str) -> None:
        """That this line writes nothing until that rest is over."""


class Applied(NamedTuple):
    """What has just become visible of a partition: ``events`` from position ``first`` on; it holds
    everything up to ``offset`` and the position ``last``."""

    partition: int
    offset: int
    first: int
    last: int
    events: int
