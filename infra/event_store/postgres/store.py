"""The event store of the domain's port, on a PostgreSQL that other processes write to as well."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Self

from domain.errors import Conflict
from domain.messages import Append, Appended, Envelope
from domain.ports import Clock, Moved
from domain.registry import Registry
from infra.event_store.codec import Codec, TypeNames
from infra.event_store.postgres.leading import leadership, one_at_a_time
from infra.event_store.postgres.log import PostgresLog
from infra.event_store.postgres.recorder import PostgresRecorder
from infra.event_store.store import NAMED
from streams.ports import RawEvent

_BATCH = 4096
_FOLLOWABLE = 100_000  # events: whoever is further behind begins anew

_COLUMNS = "pos, s.name, version, type, data, meta, recorded_at"
_READ = f"""
SELECT {_COLUMNS}
FROM (SELECT * FROM duban.events WHERE pos > %s ORDER BY pos LIMIT %s) AS e
JOIN duban.streams s ON s.id = stream ORDER BY pos
"""
_LOAD = f"""
SELECT {_COLUMNS}
FROM duban.streams s JOIN duban.events ON stream = s.id
WHERE s.name = %s AND version > %s ORDER BY version
"""
_LOAD_ALL = f"""
SELECT {_COLUMNS}
FROM duban.streams s JOIN duban.events ON stream = s.id
WHERE s.name = ANY(%s::text[]) ORDER BY s.id, version
"""
_LOAD_KIND = f"""
SELECT {_COLUMNS}
FROM duban.streams s JOIN duban.events ON stream = s.id
WHERE kind = %s ORDER BY pos
"""
_MOVED = """
SELECT s.name, e.version
FROM (
    SELECT stream, max(version) AS version FROM duban.events
    WHERE pos > %s AND pos <= %s GROUP BY stream LIMIT %s
) AS e JOIN duban.streams s ON s.id = e.stream
"""
_COMMANDS = """
SELECT command_id, first_pos, last_pos, digest
FROM duban.commands WHERE command_id = ANY(%s::text[])
"""


class PostgresEventStore:
    """``domain.ports.EventStore``; safe for any number of threads and of processes."""

    alone = False

    def __init__(self, log: PostgresLog, conninfo: str, registry: Registry) -> None:
        self.recorder = PostgresRecorder(log)
        self._log = log
        self._conninfo = conninfo
        self._codec = Codec(registry)
        self._type_names = TypeNames(lambda: log.rows("SELECT id, name FROM duban.types"))

    @classmethod
    def open(cls, conninfo: str, clock: Clock, registry: Registry) -> Self:
        """Raises ``Refused``: ``store.unavailable``, ``store.unprepared``, ``store.newer`` and
        what else PostgreSQL may have against it."""
        return cls(PostgresLog(conninfo, clock), conninfo, registry)

    @classmethod
    def open_read_only(cls, conninfo: str, registry: Registry) -> Self:
        """For tools that only look."""
        return cls(PostgresLog(conninfo, None), conninfo, registry)

    def close(self) -> None:
        self._log.close()

    def append(self, appends: Sequence[Append]) -> list[Appended | Conflict]:
        """As the port says. A failure (``store.full``, ``store.io``) leaves nothing stored, except
        ``store.unavailable``: the connection may have been lost after the commit. The same
        appends again are answered as ``repeated`` then."""
        return self._log.write([self._codec.write(append) for append in appends])

    def read(self, after: int, limit: int) -> list[Envelope]:
        envelopes: list[Envelope] = []
        while (left := limit - len(envelopes)) > 0:
            size = min(left, _BATCH)
            batch = self._envelopes(_READ, after, size)
            envelopes += batch
            if len(batch) < size:
                break
            after = batch[-1].position
        return envelopes

    def read_raw(self, after: int, limit: int) -> list[RawEvent]:
        """Like ``read`` without decoding: for projections that need few of the fields."""
        names = self._type_names
        return [
            (position, stream, version, names[type_id], data, meta, recorded_at)
            for position, stream, version, type_id, data, meta, recorded_at in self._log.rows(
                _READ, (after, limit)
            )
        ]

    def load(self, stream_id: str, after_version: int = 0) -> list[Envelope]:
        return self._envelopes(_LOAD, stream_id, after_version)

    def load_all(self, stream_ids: Sequence[str]) -> Mapping[str, list[Envelope]]:
        loaded: dict[str, list[Envelope]] = {}
        for envelope in self._envelopes(_LOAD_ALL, list(stream_ids)):
            loaded.setdefault(envelope.stream_id, []).append(envelope)
        return loaded

    def load_kind(self, kind: str) -> list[Envelope]:
        return self._envelopes(_LOAD_KIND, kind)

    def commands(self, command_ids: Sequence[str]) -> Mapping[str, Appended]:
        rows = self._log.rows(_COMMANDS, (list(command_ids),))
        return {row[0]: Appended(*row) for row in rows}

    def last_position(self) -> int:
        return self._log.last_position()

    def moved(self, after: int) -> Moved:
        position = self.last_position()
        if position <= after:
            return Moved(position, {})
        if position - after > _FOLLOWABLE:
            return Moved(position, None)
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
        return self._log.stored("id")

    def epoch(self) -> str:
        """Names this life of the store: another one begins when it was restored from a backup, and
        positions may have been given again."""
        return self._log.stored("epoch")

    @contextmanager
    def one_at_a_time(self, name: str) -> Iterator[None]:
        with one_at_a_time(self._conninfo, name):
            yield

    @contextmanager
    def leadership(self, name: str) -> Iterator[bool]:
        """True for one process at a time, as long as the block lasts and its connection holds: so
        it saves double work, and what must never happen twice needs a fence of its own."""
        with leadership(self._conninfo, name) as leads:
            yield leads

    def _envelopes(self, sql: str, *bindings: Any) -> list[Envelope]:
        return self._codec.envelopes_of(self._log.rows(sql, bindings), self._type_names)
