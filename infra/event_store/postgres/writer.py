"""The one place that writes events: a group of appends as one call of one function."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from domain.errors import Conflict
from domain.messages import Appended
from domain.ports import Clock
from infra.event_store.plan import StreamRows, Write, moved, reused, taken
from infra.event_store.postgres.connections import Connections

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ANY = -1
_NEVER = -1  # no stream stands below this: such an append is always refused
_NOTHING = (1 << 63) - 1
_NONE: tuple[tuple[Any, ...], ...] = ((),) * 5
# Numbers go as the text of an array, which is quicker to make than any other form of it.
_NUMBERS, _TEXTS, _BYTES = "%s::bigint[]", "%s::text[]", "%s::bytea[]"
_KINDS = (
    "%s", _TEXTS, _TEXTS, _NUMBERS, _NUMBERS,
    _TEXTS, _NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS,
    _TEXTS, _NUMBERS, _NUMBERS, _NUMBERS, _BYTES, _BYTES,
)  # fmt: skip
APPEND = f"""
SELECT answer, first_position, last_position, at_stream, stands_at
FROM duban.append({", ".join(_KINDS)})
""".encode()


class Writer:
    """Keeps nothing in memory: others write too. Durable on return; raises ``Refused``
    (``store.*``), and after ``store.unavailable`` only the command ids tell what was stored."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock

    def now(self) -> int:
        """Microseconds since 1970."""
        return (self._clock.now() - _EPOCH) // _MICROSECOND

    def commit(self, writes: Sequence[Write]) -> list[Appended | Conflict]:
        if not writes:
            return []
        lists = Lists(writes)
        with self._connections.borrowed() as connection:
            answered = connection.cursor(binary=True).execute(
                APPEND, (self.now(), *lists.bindings()), prepare=True
            )
            rows = answered.fetchall()
        return [lists.answer(write, *row) for write, row in zip(writes, rows, strict=True)]


class Lists:
    """Appends as the parallel lists that ``append.sql`` describes."""

    def __init__(self, writes: Sequence[Write]) -> None:
        self._writes = writes
        self.streams: list[StreamRows] = []
        self._streams_to: list[int] = []
        self._same_as: list[int] = []
        self._stream_names: dict[str, int] = {}
        self._type_names: dict[str, int] = {}
        self._slots: list[int] = []
        self._first_versions: list[int] = []
        self._last_versions: list[int] = []
        self._rows_to: list[int] = []
        self._events: list[tuple[int, int, int, bytes, bytes]] = []
        first_use: dict[str, int] = {}
        for number, write in enumerate(writes, 1):
            known = write.command_id is not None
            self._same_as.append(first_use.setdefault(write.command_id or "", number) * known)
            for stream in write.streams:
                self._add(stream)
            self._streams_to.append(len(self.streams))

    def _add(self, stream: StreamRows) -> None:
        self.streams.append(stream)
        number, rows, types = len(self.streams), stream.rows, self._type_names
        self._slots.append(_number(self._stream_names, stream.name))
        versions = [row[0] for row in rows]
        rising = all(a < b for a, b in pairwise(versions))
        self._first_versions.append((versions[0] if rising else _NEVER) if rows else _NOTHING)
        self._last_versions.append(versions[-1] if rows else _NEVER)
        for version, type_name, data, meta in rows:
            self._events.append((number, version, _number(types, type_name), data, meta))
        self._rows_to.append(len(self._events))

    def bindings(self) -> tuple[list[Any] | str, ...]:
        of, versions, types, data, meta = zip(*self._events, strict=True) if self._events else _NONE
        return (
            [write.command_id for write in self._writes],
            [write.digest for write in self._writes],
            _array(self._same_as),
            _array(self._streams_to),
            list(self._stream_names),
            _array(self._slots),
            _array(_ANY if s.expected is None else s.expected for s in self.streams),
            _array(self._first_versions),
            _array(self._last_versions),
            _array(self._rows_to),
            list(self._type_names),
            _array(of),
            _array(versions),
            _array(types),
            list(data),
            list(meta),
        )

    def answer(
        self, write: Write, answer: str, first: int, last: int, stream: int, stands_at: int
    ) -> Appended | Conflict:
        command_id = write.command_id or ""
        match answer:
            case "appended":
                return Appended(command_id, first, last, write.digest)
            case "repeated":
                return Appended(command_id, first, last, write.digest, repeated=True)
            case "reused":
                return reused(command_id)
            case "moved":
                at = self.streams[stream - 1]
                return moved(at.name, stands_at, at.expected or 0)
            case _:
                at = self.streams[stream - 1]
                return taken(at.name, at.rows[0][0])


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def _number(numbers: dict[str, int], name: str) -> int:
    """A name's place in the list of all, counted from 1."""
    return numbers.setdefault(name, len(numbers) + 1)
