"""The log in PostgreSQL: written with group commit by this process and by others, and read."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from domain.errors import Refused
from domain.ports import Clock
from infra.event_store.group_commit import Answers, GroupCommit
from infra.event_store.plan import Write
from infra.event_store.postgres.bell import Bell, Hints
from infra.event_store.postgres.connections import Connection, Connections
from infra.event_store.postgres.writer import Writer

_NEWEST = "SELECT pos, recorded_at FROM duban.events ORDER BY pos DESC LIMIT 1"


class PostgresLog:
    """Opened without a clock it only looks. No lock is held: any number of processes may write."""

    def __init__(self, conninfo: str, clock: Clock | None) -> None:
        self._writer: Writer | None = None
        self._closed = False
        with ExitStack() as opened:
            self._connections = Connections(conninfo)
            opened.callback(self._connections.close)
            self._bell = Bell(conninfo, _last_position)
            opened.callback(self._bell.close)
            if clock is not None:
                self._writer = Writer(self._connections, clock)
                self._group = GroupCommit(self._commit)
                self._hints = Hints(self._connections)
                opened.callback(self._hints.close)
            self._opened = opened.pop_all()

    def write(self, writes: Sequence[Write]) -> Answers:
        """Each append as in ``EventStore.append``; raises ``Refused`` (``store.*``)."""
        if self._writer is None:
            raise Refused("store.read_only", "the event store was opened only to look")
        return self._group.submit(writes)

    def rows(self, sql: str, bindings: Any = ()) -> list[Any]:
        return self._connections.rows(sql, bindings)

    def last_position(self) -> int:
        newest = self.rows(_NEWEST)
        return int(newest[0][0]) if newest else 0

    def wait(
        self, after: int, timeout: float, interrupted: Callable[[], bool] = lambda: False
    ) -> bool:
        """Until there is something after ``after`` (True) or ``timeout`` seconds passed, and no
        longer than the log is open; ``interrupted`` is asked again whenever the bell is rung.
        What others append is heard of within half a second, even without a connection for it."""
        if self._bell.heard > after:
            return True
        ends = time.monotonic() + timeout
        self._bell.ring(self.last_position())
        return self._bell.wait(after, max(0.0, ends - time.monotonic()), interrupted)

    def ring(self) -> None:
        self._bell.ring()

    def clock_behind(self) -> timedelta:
        newest = self.rows(_NEWEST)
        if self._writer is None or not newest:
            return timedelta(0)
        return max(timedelta(0), timedelta(microseconds=newest[0][1] - self._writer.now()))

    def stored(self, key: str) -> str:
        """What the store says of itself: ``id``, ``epoch`` or ``schema``."""
        return str(self.rows("SELECT value FROM duban.store WHERE key = %s", (key,))[0][0])

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._writer is not None:
            self._group.close()
        self._opened.close()

    def _commit(self, writes: Sequence[Write]) -> Answers:
        assert self._writer is not None
        answers = self._writer.commit(writes)
        newest = max((a.last_position for a in answers if not isinstance(a, Refused)), default=0)
        if newest > self._bell.heard:
            self._bell.ring(newest)
            self._hints.send(newest)
        return answers


def _last_position(connection: Connection) -> int:
    newest = connection.execute(_NEWEST).fetchone()
    return int(newest[0]) if newest else 0
