"""Reads every n-th stream of the log in PostgreSQL, for processes that divide the streams."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import cast

import psycopg

from domain.messages import Envelope
from domain.registry import Registry
from infra.event_store.postgres.checking import problems
from infra.event_store.postgres.connections import careful
from infra.event_store.postgres.failures import explained, place
from infra.event_store.postgres.store import PostgresEventStore
from streams.ports import RawEvent

_SHARE = """
SELECT pos, s.name, version, t.name, data, meta, recorded_at
FROM (
    SELECT * FROM duban.events
    WHERE pos > %s AND pos <= %s AND stream %% %s = %s ORDER BY pos LIMIT %s
) AS e
JOIN duban.streams s ON s.id = stream
JOIN duban.types t ON t.id = type
ORDER BY pos
"""


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """``StoreAddress`` of a database; the connection's words may hold a password."""

    conninfo: str = field(repr=False)

    def __str__(self) -> str:
        return place(self.conninfo)

    def open_share(self, number: int, of: int, until: int) -> "ShareLog":
        return ShareLog(self.conninfo, number, of, until)

    def load_kind(self, kind: str) -> Sequence[Envelope]:
        with closing(PostgresEventStore.open_read_only(self.conninfo, Registry())) as store:
            return store.load_kind(kind)

    def problems(self) -> list[str]:
        return problems(self.conninfo)


class ShareLog:
    """Share ``number`` of ``of`` of the log up to a position, over a connection of its own."""

    def __init__(self, conninfo: str, number: int, of: int, until: int) -> None:
        self._conninfo = conninfo
        self._share = (until, of, number)
        with explained(conninfo):
            self._connection = psycopg.connect(conninfo, autocommit=True, **careful(conninfo))
            self._connection.execute("SET enable_hashjoin = off; SET enable_mergejoin = off")

    def read_raw(self, after: int, limit: int) -> list[RawEvent]:
        with explained(self._conninfo):
            cursor = self._connection.cursor(binary=True)
            rows = cursor.execute(_SHARE, (after, *self._share, limit)).fetchall()
        return cast(list[RawEvent], rows)

    def close(self) -> None:
        self._connection.close()
