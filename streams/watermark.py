"""Up to where the tables hold everything, when several lines fill them, each at its own pace."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple


class Advance(NamedTuple):
    """A stretch of the log that has become visible as a whole, and the streams it touches."""

    first: int
    last: int
    streams: frozenset[str]


class Watermark:
    """``partition_of`` tells by which line a stream's events come. Positions rise within a line
    but not across lines: one that has taken in position 9 says nothing about 8 of another."""

    def __init__(
        self, partition_of: Callable[[str], int], applied: Mapping[int, int], known: int
    ) -> None:
        """``applied``: the newest position each line has taken in. ``known``: the log from the
        beginning up to here is in the tables already."""
        self._partition_of = partition_of
        self._applied = dict(applied)
        self._unseen: deque[tuple[int, str, int]] = deque()
        self._position = self._read = known

    @property
    def position(self) -> int:
        """The tables hold everything up to here."""
        return self._position

    @property
    def read(self) -> int:
        """The log is known up to here."""
        return self._read

    @property
    def waiting(self) -> int:
        return len(self._unseen)

    def extend(self, events: Iterable[tuple[int, str]]) -> None:
        """The next events of the log, as position and stream."""
        for position, stream in events:
            self._unseen.append((position, stream, self._partition_of(stream)))
            self._read = position

    def hear(self, partition: int, position: int) -> None:
        """The line of a partition has come to a position. An older word changes nothing."""
        if position > self._applied.get(partition, 0):
            self._applied[partition] = position

    def advance(self) -> Advance | None:
        """What has become visible since it was asked last."""
        first, streams = self._position + 1, set()
        while self._unseen and self._unseen[0][0] <= self._applied.get(self._unseen[0][2], 0):
            self._position, stream, _ = self._unseen.popleft()
            streams.add(stream)
        return Advance(first, self._position, frozenset(streams)) if streams else None
