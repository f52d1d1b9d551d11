"""Makes the schema of the event store in PostgreSQL, and brings it up to date."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg

from infra.event_store.postgres.connections import (
    APPEND_LOCK,
    SCHEMA_VERSION,
    Connection,
    connected,
    require_no_newer,
    schema_version,
)

# The step at place n makes version n out of the one before it.
_STEPS = ("schema.sql", "transparency.sql", "vault.sql")
assert len(_STEPS) == SCHEMA_VERSION
# Replaced whenever the schema is made or brought up to date.
_FUNCTIONS = ("append.sql",)


def migrate(conninfo: str) -> tuple[int, int]:
    """All or nothing, while nobody appends. Answers with the version that was there (0: none) and
    the one that is there now. Raises ``Refused`` (``store.newer``, ``store.unavailable``)."""
    with connected(conninfo) as connection, connection.transaction():
        # Two at once must not both find nothing; and no append may be under way.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
        before = _present(connection)
        require_no_newer(before, conninfo)
        for text in statements(before):
            connection.execute(text.encode())
        if before == 0:
            _insert(connection, "id", uuid4().hex)
            _insert(connection, "epoch", uuid4().hex)
        connection.execute("DELETE FROM duban.store WHERE key = 'schema'")
        _insert(connection, "schema", str(SCHEMA_VERSION))
    return before, SCHEMA_VERSION


def begin_epoch(conninfo: str) -> str:
    """After a restore: readers that know events the store has lost must notice. Answers with the
    epoch's name."""
    with connected(conninfo) as connection:
        epoch = uuid4().hex
        connection.execute("UPDATE duban.store SET value = %s WHERE key = 'epoch'", (epoch,))
    return epoch


def statements(before: int = 0) -> Iterator[str]:
    """The SQL that leads from a version (0: nothing is there) to this program's."""
    folder = Path(__file__).parent
    for name in (*_STEPS[before:], *_FUNCTIONS):
        text = (folder / name).read_text(encoding="utf-8")
        yield text.replace("{lock}", str(APPEND_LOCK))


def _present(connection: Connection) -> int:
    (found,) = connection.execute("SELECT to_regclass('duban.store') IS NOT NULL").fetchall()[0]
    return schema_version(connection) if found else 0


def _insert(connection: psycopg.Connection[tuple[object, ...]], key: str, value: str) -> None:
    connection.execute("INSERT INTO duban.store VALUES (%s, %s)", (key, value))
