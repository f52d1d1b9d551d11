"""Reads every n-th stream of the log, for worker processes that divide the streams among them."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import apsw

from domain.messages import Envelope
from domain.registry import Registry
from infra.event_store.checking import problems
from infra.event_store.connections import Readers
from infra.event_store.failures import explain
from infra.event_store.store import RawEvent, SqliteEventStore

# Row by row, unlike the store's own readers: in a worker no other thread waits for the
# interpreter, and this takes half the time.
_SHARE = """
SELECT pos, streams.name, version, types.name, data, meta, recorded_at
FROM events CROSS JOIN streams ON streams.id = stream CROSS JOIN types ON types.id = type
WHERE pos > ? AND pos <= ? AND stream % ? = ? ORDER BY pos LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class SqliteAddress:
    """``StoreAddress`` of a file."""

    path: Path

    def open_share(self, number: int, of: int, until: int) -> "ShareLog":
        return ShareLog(self.path, number, of, until)

    def load_kind(self, kind: str) -> Sequence[Envelope]:
        with closing(SqliteEventStore.open_read_only(self.path, Registry())) as store:
            return store.load_kind(kind)

    def problems(self) -> list[str]:
        with closing(Readers(self.path)) as readers:
            damages = [said for (said,) in readers.rows("PRAGMA quick_check(3)") if said != "ok"]
            return [f"the file is damaged: {said}" for said in damages] + list(
                problems(readers.rows)
            )


class ShareLog:
    """Share ``number`` of ``of`` of the log at ``path`` up to a position."""

    def __init__(self, path: Path, number: int, of: int, until: int) -> None:
        self._path = path
        self._share = (until, of, number)
        with _explained(path):
            self._connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
            self._connection.set_busy_timeout(5000)
            self._connection.wal_autocheckpoint(0)

    def read_raw(self, after: int, limit: int) -> list[RawEvent]:
        with _explained(self._path):
            rows = self._connection.execute(_SHARE, (after, *self._share, limit)).fetchall()
        return cast(list[RawEvent], rows)

    def close(self) -> None:
        self._connection.close()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise explain(error, path) from error
