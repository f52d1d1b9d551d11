"""Connections to the database: a pool that every thread borrows from, and single ones."""

import logging
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import Int8BinaryDumper
from psycopg.types.string import StrBinaryDumper
from psycopg_pool import ConnectionPool, PoolTimeout

from domain.errors import Refused
from infra.event_store.postgres.failures import explained, place

Connection = psycopg.Connection[tuple[Any, ...]]

SCHEMA_VERSION = 3
# One of the database's advisory locks: whoever gives positions holds it.
APPEND_LOCK = int.from_bytes(b"duban", "big")

_MOST = 16
_PATIENCE_SECONDS = 3.0
# The pool tries again for new callers alone, and for old ones at ever longer intervals: so let it
# give up at once, and come as a new caller.
_TRY_SECONDS = 0.3
# A server that is gone without a word is noticed within half a minute.
_CAREFUL = {
    "application_name": "duban",
    "client_encoding": "utf8",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
# All questions are for few rows by their keys, on tables that grow faster than their statistics.
_BY_KEY = "SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off"


def careful(conninfo: str) -> dict[str, Any]:
    """What the operator did not say about the connection."""
    said = conninfo_to_dict(conninfo)
    return {name: value for name, value in _CAREFUL.items() if name not in said}


@contextmanager
def connected(conninfo: str) -> Iterator[Connection]:
    """A connection of one's own, each statement a transaction; its errors become ``Refused``."""
    with explained(conninfo):
        connection = psycopg.connect(conninfo, autocommit=True, **careful(conninfo))
        try:
            yield connection
        finally:
            connection.close()


class Connections:
    """Safe for any number of threads; what it raises is ``Refused`` (``store.*``)."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        with connected(conninfo) as connection:  # the pool would only say that it waited in vain
            require_store(connection, conninfo)
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # refusals say it already
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            conninfo,
            kwargs={"autocommit": True, **careful(conninfo)},
            min_size=1,
            max_size=_MOST,
            timeout=_TRY_SECONDS,
            reconnect_timeout=_TRY_SECONDS / 2,
            configure=_configure,
            check=self._check,
            open=True,
        )

    def rows(self, sql: str, bindings: Any = ()) -> list[Any]:
        with self.borrowed() as connection:
            return connection.cursor(binary=True).execute(sql.encode(), bindings).fetchall()

    @contextmanager
    def borrowed(self) -> Iterator[Connection]:
        with explained(self._conninfo):
            connection = self._taken()
            try:
                with connection:
                    yield connection
            finally:
                self._pool.putconn(connection)

    def close(self) -> None:
        self._pool.close()

    def _taken(self) -> Connection:
        patient_until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return self._pool.getconn()
            except PoolTimeout as error:
                if time.monotonic() > patient_until:
                    raise psycopg.OperationalError("there is no connection to be had") from error

    def _check(self, connection: Connection) -> None:
        """A server that speaks without being asked has said goodbye. All idle connections are
        looked at then, or each would fail one caller."""
        asked = select.poll()
        asked.register(connection.fileno(), select.POLLIN)
        if asked.poll(0):
            connection.close()
            self._pool.check()
            raise psycopg.OperationalError("the connection was lost while it was idle")


def _configure(connection: Connection) -> None:
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    connection.adapters.register_dumper(str, StrBinaryDumper)
    connection.execute(_BY_KEY)


def require_store(connection: Connection, conninfo: str) -> None:
    """Raises ``Refused``: ``store.unprepared``, ``store.older``, ``store.newer``."""
    with explained(conninfo):
        version = schema_version(connection)
    if version < SCHEMA_VERSION:
        raise Refused(
            "store.older",
            f"the schema in {place(conninfo)} is {version}, and this program needs "
            f"{SCHEMA_VERSION}: run duban migrate",
        )
    require_no_newer(version, conninfo)


def require_no_newer(version: int, conninfo: str) -> None:
    if version > SCHEMA_VERSION:
        raise Refused(
            "store.newer",
            f"the event store in {place(conninfo)} was made by a newer version of this program "
            f"(its schema is {version}, this program knows {SCHEMA_VERSION}): upgrade the program",
        )


def schema_version(connection: Connection) -> int:
    row = connection.execute("SELECT value FROM duban.store WHERE key = 'schema'").fetchone()
    return int(row[0]) if row else 0
