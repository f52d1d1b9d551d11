"""The one place that writes events: a group of appends in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import apsw
import msgspec

from domain.errors import Conflict
from domain.messages import Appended
from domain.ports import Clock
from infra.event_store.connections import open_writer
from infra.event_store.failures import explain
from infra.event_store.plan import Head, Plan, Write

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HEADS_KEPT = 100_000

# What is known of the command ids and of the streams named, in one statement: at each statement
# SQLite gives the interpreter lock away, and with many callers it takes long to get it back.
_LOOK_UP = """
SELECT TRUE, command_id, first_pos, last_pos, digest
FROM commands WHERE command_id IN (SELECT value FROM json_each(?))
UNION ALL
SELECT FALSE, name, id, (SELECT max(version) FROM events WHERE stream = streams.id), NULL
FROM streams WHERE name IN (SELECT value FROM json_each(?))
"""


class Writer:
    """Knows in memory where the log and its lately used streams stand. That holds because it is
    the only writer; after a failure it forgets and reads again. Not for two threads at once."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._connection = open_writer(path)
        self._execute = self._connection.execute
        self._position: int
        self._recorded_at: int
        self._streams: int
        self._types: dict[str, int]
        self._heads: dict[str, Head]
        self._unsure: bool
        self._recover()

    @property
    def position(self) -> int:
        return self._position

    def clock_behind(self) -> timedelta:
        """By how much the clock is earlier than the newest event; zero if it is not."""
        return max(timedelta(0), (self._recorded_at - self._now()) * _MICROSECOND)

    def commit(self, writes: Sequence[Write]) -> list[Appended | Conflict]:
        """Durable on return; raises ``Refused`` (``store.*``) with nothing stored at all."""
        try:
            return self._transaction(writes)
        except apsw.Error as error:
            raise explain(error, self._path) from error

    def _transaction(self, writes: Sequence[Write]) -> list[Appended | Conflict]:
        try:
            self._execute("BEGIN IMMEDIATE")
            if self._unsure:
                self._recover()
            plan = self._plan(writes)
            answers = [plan.admit(write) for write in writes]
            recorded_at = max(self._now(), self._recorded_at) if plan.events else self._recorded_at
            self._insert(plan, recorded_at)
            self._execute("COMMIT")
            self._remember(plan, recorded_at)
        except BaseException:
            self._unsure = True
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
            raise
        return answers

    def close(self) -> None:
        self._connection.close()

    def _now(self) -> int:
        return (self._clock.now() - _EPOCH) // _MICROSECOND

    def _recover(self) -> None:
        newest = self._rows("SELECT pos, recorded_at FROM events ORDER BY pos DESC LIMIT 1")
        self._position, self._recorded_at = newest[0] if newest else (0, 0)
        self._streams = self._rows("SELECT coalesce(max(id), 0) FROM streams")[0][0]
        self._types = dict(self._rows("SELECT name, id FROM types"))
        self._heads = {}
        self._unsure = False

    def _plan(self, writes: Sequence[Write]) -> Plan:
        heads = {
            stream.name: self._heads.get(stream.name)
            for write in writes
            for stream in write.streams
        }
        known: dict[str, Appended] = {}
        for is_command, name, first, last, digest in self._rows(
            _LOOK_UP,
            _json([write.command_id for write in writes if write.command_id is not None]),
            _json([name for name, head in heads.items() if head is None]),
        ):
            if is_command:
                known[name] = Appended(name, first, last, digest)
            else:
                heads[name] = Head(first, last)
        return Plan(self._position, self._streams, heads, self._types, known)

    def _remember(self, plan: Plan, recorded_at: int) -> None:
        self._position, self._streams = plan.position, plan.stream_count
        self._recorded_at = recorded_at
        self._types |= plan.new_types
        if len(self._heads) > _HEADS_KEPT:
            self._heads.clear()
        self._heads |= {name: head for name, head in plan.heads.items() if head is not None}

    def _rows(self, sql: str, *bindings: str) -> list[Any]:
        return self._execute(sql, bindings).fetchall()

    def _insert(self, plan: Plan, recorded_at: int) -> None:
        self._insert_rows("types", 2, [(i, name) for name, i in plan.new_types.items()])
        self._insert_rows("streams", 3, plan.streams)
        self._insert_rows("events", 7, [(*event, recorded_at) for event in plan.events])
        self._insert_rows("commands", 4, plan.commands)

    def _insert_rows(self, table: str, width: int, rows: Sequence[tuple[Any, ...]]) -> None:
        """Many rows per statement, in sizes that stay prepared: SQLite gives the interpreter lock
        away at every step, and a busy thread beside us would make each step wait 5 ms."""
        start = 0
        while left := len(rows) - start:
            size = left if left <= 64 else min(512, 1 << (left.bit_length() - 1))
            self._execute(_insert_statement(table, width, size), _flat(rows[start : start + size]))
            start += size


@cache
def _insert_statement(table: str, width: int, size: int) -> str:
    row = f"({', '.join('?' * width)})"
    return f"INSERT INTO {table} VALUES {', '.join([row] * size)}"


def _flat(rows: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(rows))


def _json(names: Sequence[str]) -> str:
    return msgspec.json.encode(names).decode()
