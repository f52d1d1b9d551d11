"""The event store of the domain's port, over the recorder's log."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Self

import msgspec

from domain.errors import Conflict
from domain.messages import Append, Appended, Envelope
from domain.ports import Clock, Moved
from domain.registry import Registry
from infra.event_store.codec import Codec, TypeNames, decode_raw_rows
from infra.event_store.log import SqliteLog
from infra.event_store.recorder import SQLiteRecorder

# position, stream id, version, type name, data, metadata, recorded_at in microseconds since 1970
RawEvent = tuple[int, str, int, str, bytes, bytes, int]

EVENTS_FILE = "events.sqlite"  # its name in a data directory

_BATCH = 4096
NAMED = 10_000  # streams that ``moved`` names at most

# One row for the whole batch: SQLite gives the interpreter lock away at every row, and a busy
# thread beside the reader would make each row wait 5 ms.
_AS_JSON = """
SELECT CAST('[' || group_concat(
    '[' || pos || ',' || json_quote(name) || ',' || version || ',' || type || ','
    || data || ',' || meta || ',' || recorded_at || ']'
) || ']' AS BLOB) FROM ({})
"""
_READ = _AS_JSON.format("""
    SELECT pos, name, version, type, data, meta, recorded_at
    FROM events CROSS JOIN streams ON streams.id = stream
    WHERE pos > ? ORDER BY pos LIMIT ?
""")
_LOAD = _AS_JSON.format("""
    SELECT pos, name, version, type, data, meta, recorded_at
    FROM streams CROSS JOIN events ON stream = streams.id
    WHERE name = ? AND version > ? ORDER BY version
""")
_LOAD_ALL = _AS_JSON.format("""
    SELECT pos, name, version, type, data, meta, recorded_at
    FROM streams CROSS JOIN events ON stream = streams.id
    WHERE name IN (SELECT value FROM json_each(?)) ORDER BY streams.id, version
""")
_LOAD_KIND = _AS_JSON.format("""
    SELECT pos, name, version, type, data, meta, recorded_at
    FROM streams CROSS JOIN events ON stream = streams.id
    WHERE kind = ? ORDER BY pos
""")
_MOVED = """
SELECT name, max(version) FROM events CROSS JOIN streams ON streams.id = stream
WHERE pos > ? AND pos <= ? GROUP BY stream LIMIT ?
"""
_COMMANDS = """
SELECT command_id, first_pos, last_pos, digest
FROM commands WHERE command_id IN (SELECT value FROM json_each(?))
"""


class SqliteEventStore:
    """``domain.ports.EventStore``; safe for any number of threads of one process."""

    alone = True

    def __init__(self, log: SqliteLog, registry: Registry) -> None:
        self.recorder = SQLiteRecorder(log)
        self._log = log
        self._codec = Codec(registry)
        self._turns: dict[str, Lock] = defaultdict(Lock)
        self._type_names = TypeNames(lambda: log.rows("SELECT id, name FROM types"))

    @classmethod
    def open(cls, path: Path, clock: Clock, registry: Registry) -> Self:
        """Creates the store if it is new. Raises ``Refused``: ``data.in_use``, ``store.corrupt``,
        ``store.newer`` and what else may be wrong with the place."""
        return cls(SqliteLog(path, clock), registry)

    @classmethod
    def open_read_only(cls, path: Path, registry: Registry) -> Self:
        """For tools that only look, also while another process has it open for writing."""
        return cls(SqliteLog(path, None), registry)

    def close(self) -> None:
        self._log.close()

    def append(self, appends: Sequence[Append]) -> list[Appended | Conflict]:
        """As the port says; a failure (``store.full``, ``store.io``) leaves nothing stored."""
        return self._log.write([self._codec.write(append) for append in appends])

    def read(self, after: int, limit: int) -> list[Envelope]:
        envelopes: list[Envelope] = []
        while (left := limit - len(envelopes)) > 0:
            size = min(left, _BATCH)
            batch = self._envelopes(_READ, (after, size))
            envelopes += batch
            if len(batch) < size:
                break
            after = batch[-1].position
        return envelopes

    def read_raw(self, after: int, limit: int) -> list[RawEvent]:
        """Like ``read`` without decoding: for projections that need few of the fields."""
        names = self._type_names
        return [
            (position, stream, version, names[type_id], bytes(data), bytes(meta), recorded_at)
            for position, stream, version, type_id, data, meta, recorded_at in decode_raw_rows(
                self._batch(_READ, (after, limit))
            )
        ]

    def load(self, stream_id: str, after_version: int = 0) -> list[Envelope]:
        return self._envelopes(_LOAD, (stream_id, after_version))

    def load_all(self, stream_ids: Sequence[str]) -> Mapping[str, list[Envelope]]:
        loaded: dict[str, list[Envelope]] = {}
        for envelope in self._envelopes(_LOAD_ALL, (_json(stream_ids),)):
            loaded.setdefault(envelope.stream_id, []).append(envelope)
        return loaded

    def load_kind(self, kind: str) -> list[Envelope]:
        return self._envelopes(_LOAD_KIND, (kind,))

    def commands(self, command_ids: Sequence[str]) -> Mapping[str, Appended]:
        rows = self._log.rows(_COMMANDS, (_json(command_ids),))
        return {row[0]: Appended(*row) for row in rows}

    def last_position(self) -> int:
        return self._log.last_position()

    @contextmanager
    def one_at_a_time(self, name: str) -> Iterator[None]:
        with self._turns[name]:
            yield

    def moved(self, after: int) -> Moved:
        position = self.last_position()
        if position == after:
            return Moved(position, {})
        versions = dict(self._log.rows(_MOVED, (after, position, NAMED + 1)))
        return Moved(position, versions if len(versions) <= NAMED else None)

    def wait(self, after: int, timeout: float) -> bool:
        return self._log.wait(after, timeout)

    def clock_behind(self) -> timedelta:
        """How far the clock is behind the newest event (zero: it is not). Until it has caught up,
        events are recorded at the time of the newest one."""
        return self._log.clock_behind()

    def store_id(self) -> str:
        """Names this store for ever, so that a reader's position is never used on another one."""
        return self._log.store_id()

    def epoch(self) -> str:
        """A file knows of no life before a restore: whoever reads on compares the events."""
        return ""

    def _envelopes(self, sql: str, bindings: tuple[str | int, ...]) -> list[Envelope]:
        return self._codec.envelopes(self._batch(sql, bindings), self._type_names)

    def _batch(self, sql: str, bindings: tuple[str | int, ...]) -> bytes:
        return self._log.rows(sql, bindings)[0][0] or b"[]"


def _json(names: Sequence[str]) -> str:
    return msgspec.json.encode(names).decode()
