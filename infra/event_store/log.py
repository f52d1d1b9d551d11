"""The log in one SQLite file: one writer with group commit, many readers, and a bell."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Condition
from typing import Any

from domain.errors import Refused
from domain.ports import Clock
from infra.event_store.connections import Readers
from infra.event_store.group_commit import Answers, GroupCommit
from infra.event_store.lock import DirectoryLock
from infra.event_store.plan import Write
from infra.event_store.writer import Writer

_POLL_SECONDS = 0.05


class SqliteLog:
    """Opened for writing it holds the lock of the file's directory; opened without a clock it
    only looks, also while another process writes."""

    def __init__(self, path: Path, clock: Clock | None) -> None:
        self._bell = Condition()
        self._closed = False
        self._writer: Writer | None = None
        with ExitStack() as opened:
            if clock is not None:
                opened.callback(DirectoryLock(path.parent).release)
                self._writer = Writer(path, clock)
                self._group = GroupCommit(self._commit)
                opened.callback(self._writer.close)
            self._readers = Readers(path)
            opened.callback(self._readers.close)
            self._opened = opened.pop_all()

    def write(self, writes: Sequence[Write]) -> Answers:
        """Each append as in ``EventStore.append``; raises ``Refused`` (``store.*``)."""
        if self._writer is None:
            raise Refused("store.read_only", "the event store was opened only to look")
        return self._group.submit(writes)

    def rows(self, sql: str, bindings: Any = ()) -> list[Any]:
        return self._readers.rows(sql, bindings)

    def last_position(self) -> int:
        if self._writer is not None:
            return self._writer.position
        return int(self.rows("SELECT coalesce(max(pos), 0) FROM events")[0][0])

    def wait(
        self, after: int, timeout: float, interrupted: Callable[[], bool] = lambda: False
    ) -> bool:
        """Until there is something after ``after`` (True) or ``timeout`` seconds passed, and no
        longer than the log is open; ``interrupted`` is asked again whenever the bell is rung."""
        if self._writer is None:
            return self._poll(after, timeout)
        writer = self._writer
        with self._bell:
            self._bell.wait_for(
                lambda: writer.position > after or self._closed or interrupted(), timeout
            )
        return writer.position > after

    def ring(self) -> None:
        with self._bell:
            self._bell.notify_all()

    def clock_behind(self) -> timedelta:
        return self._writer.clock_behind() if self._writer is not None else timedelta(0)

    def store_id(self) -> str:
        return str(self.rows("SELECT value FROM store WHERE key = 'id'")[0][0])

    def close(self) -> None:
        if self._writer is not None:
            self._group.close()
        self._closed = True
        self.ring()
        self._opened.close()

    def _commit(self, writes: Sequence[Write]) -> Answers:
        assert self._writer is not None
        answers = self._writer.commit(writes)
        self.ring()
        return answers

    def _poll(self, after: int, timeout: float) -> bool:
        ends = time.monotonic() + timeout
        while self.last_position() <= after:
            if time.monotonic() >= ends:
                return False
            time.sleep(_POLL_SECONDS)
        return True
