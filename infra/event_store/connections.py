"""Connections to the store's file: the one that writes and the many that read."""

from collections import deque
from pathlib import Path
from typing import Any
from uuid import uuid4

import apsw

from domain.errors import Refused
from infra.event_store.failures import explain

SCHEMA_VERSION = 1

# The first release without the defect that lets two connections corrupt a WAL being reset.
_SOUND_SQLITE = (3, 51, 3)
_BUSY_MS = 5000
_CHECKPOINT_PAGES = 4000
_WRITER_STATEMENTS = 512


def require_sound_sqlite(version: str) -> None:
    if tuple(int(part) for part in version.split(".")[:3]) < _SOUND_SQLITE:
        wanted = ".".join(map(str, _SOUND_SQLITE))
        raise Refused(
            "store.sqlite_too_old",
            f"SQLite {version} can corrupt the event store: install apsw with SQLite {wanted} "
            "or newer",
        )


def open_writer(path: Path) -> apsw.Connection:
    """The only connection that writes and makes checkpoints; creates the store if it is new."""
    require_sound_sqlite(apsw.sqlite_lib_version())
    try:
        connection = apsw.Connection(str(path), statementcachesize=_WRITER_STATEMENTS)
        try:
            _prepare_writer(connection, path)
        except BaseException:
            connection.close()
            raise
    except apsw.Error as error:
        raise explain(error, path) from error
    return connection


def _prepare_writer(connection: apsw.Connection, path: Path) -> None:
    connection.set_busy_timeout(_BUSY_MS)
    connection.execute("PRAGMA synchronous = FULL")
    if connection.pragma("schema_version") == 0:
        _create(connection)
    # Only now: a file that is not ours must be refused as it is.
    _check(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA cache_size = -32000")
    connection.wal_autocheckpoint(_CHECKPOINT_PAGES)


def _create(connection: apsw.Connection) -> None:
    schema = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
    with connection:
        connection.execute(schema)
        connection.executemany(
            "INSERT INTO store VALUES (?, ?)",
            [("id", uuid4().hex), ("schema", str(SCHEMA_VERSION))],
        )


def _check(connection: apsw.Connection, path: Path) -> None:
    try:
        written = int(connection.execute("SELECT value FROM store WHERE key = 'schema'").get)
    except (apsw.SQLError, TypeError) as error:
        raise Refused("store.corrupt", f"{path} is not an event store of this program") from error
    if written > SCHEMA_VERSION:
        raise Refused(
            "store.newer",
            f"{path} was written by a newer version of this program (its schema is {written}, "
            f"this program knows {SCHEMA_VERSION}): upgrade the program",
        )


class Readers:
    """Read-only connections, each used by one thread at a time and then kept for the next."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: deque[apsw.Connection] = deque()
        self._closed = False
        if not path.is_file():
            raise Refused("store.missing", f"there is no event store at {path}")
        try:
            connection = self._take()
            _check(connection, path)
        except apsw.Error as error:
            raise explain(error, path) from error
        self._idle.append(connection)

    def rows(self, sql: str, bindings: Any = ()) -> list[Any]:
        try:
            connection = self._take()
            try:
                return connection.execute(sql, bindings).fetchall()
            finally:
                self._give_back(connection)
        except apsw.Error as error:
            raise explain(error, self._path) from error

    def close(self) -> None:
        """A connection in use at this moment is closed when its reader is done with it."""
        self._closed = True
        while True:
            try:
                self._idle.pop().close()
            except IndexError:
                return

    def _take(self) -> apsw.Connection:
        if self._closed:
            raise Refused("store.closed", "the event store is closed")
        try:
            return self._idle.pop()
        except IndexError:
            connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
            connection.set_busy_timeout(_BUSY_MS)
            connection.wal_autocheckpoint(0)
            return connection

    def _give_back(self, connection: apsw.Connection) -> None:
        self._idle.append(connection)
        if self._closed:
            self.close()
