"""A vault's database beside the events of a city in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

import psycopg

from infra.event_store.postgres.connections import Connection, Connections
from infra.vault.rows import Counted, Found, Row
from infra.vault.sqlite import exists

_FILL = "UPDATE duban.vault_persons SET sealed = %s WHERE person_id = %s AND NOT erased"
_FOUND_BY = "INSERT INTO duban.vault_found_by VALUES (%s, %s, %s)"
_NOT_FOUND_BY = "DELETE FROM duban.vault_found_by WHERE person_id = %s"
_ERASE = """
INSERT INTO duban.vault_persons AS v (person_id, erased) VALUES (%s, TRUE)
ON CONFLICT (person_id) DO UPDATE SET wrapped = NULL, sealed = NULL, erased = TRUE
WHERE NOT v.erased
"""
_REWRAP = "UPDATE duban.vault_persons SET wrapped = %s WHERE person_id = %s AND NOT erased"


class PostgresRows:
    """``infra.vault.rows.Rows``. What is erased lies in the database's old rows until its next
    vacuum, under a wrapping that ``duban persons rotate-key`` ends."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def get(self, person_id: str) -> Row | None:
        found = self._connections.rows(
            "SELECT wrapped, sealed, erased FROM duban.vault_persons WHERE person_id = %s",
            (person_id,),
        )
        return Row(*found[0]) if found else None

    def begin(self, person_id: str, key: bytes) -> Row:
        self._write(
            "INSERT INTO duban.vault_persons (person_id, wrapped) VALUES (%s, %s) "
            "ON CONFLICT DO NOTHING",
            (person_id, key),
        )
        row = self.get(person_id)
        assert row is not None
        return row

    def fill(self, person_id: str, sealed: bytes, found_by: Sequence[Found]) -> bool:
        with self._connections.borrowed() as connection, connection.transaction():
            if not _changed(connection, _FILL, (sealed, person_id)):
                return False
            _changed(connection, _NOT_FOUND_BY, (person_id,))
            for kind, digest in found_by:
                try:
                    _changed(connection, _FOUND_BY, (kind, digest, person_id))
                except psycopg.errors.UniqueViolation:
                    raise exists(kind) from None
        return True

    def find(self, kind: str, digest: str) -> str | None:
        found = self._connections.rows(
            "SELECT person_id FROM duban.vault_found_by WHERE kind = %s AND digest = %s",
            (kind, digest),
        )
        return str(found[0][0]) if found else None

    def erase(self, person_id: str) -> bool:
        with self._connections.borrowed() as connection, connection.transaction():
            done = _changed(connection, _ERASE, (person_id,)) > 0
            _changed(connection, _NOT_FOUND_BY, (person_id,))
        return done

    def wrapped(self) -> list[tuple[str, bytes]]:
        return self._connections.rows(
            "SELECT person_id, wrapped FROM duban.vault_persons WHERE NOT erased"
        )

    def rewrap(self, keys: Sequence[tuple[str, bytes]], mark: str) -> None:
        with self._connections.borrowed() as connection, connection.transaction():
            connection.cursor().executemany(_REWRAP, [(key, person) for person, key in keys])
            connection.execute(
                "UPDATE duban.vault_marks SET value = %s WHERE name = 'wrapping'", (mark,)
            )

    def mark(self, name: str, value: str = "") -> str:
        if value and not self.mark(name):
            self._write(
                "INSERT INTO duban.vault_marks VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (name, value),
            )
        found = self._connections.rows(
            "SELECT value FROM duban.vault_marks WHERE name = %s", (name,)
        )
        return str(found[0][0]) if found else ""

    def counted(self) -> Counted:
        sql = "SELECT count(*), count(*) FILTER (WHERE erased) FROM duban.vault_persons"
        return Counted(*self._connections.rows(sql)[0])

    def close(self) -> None:
        self._connections.close()

    def _write(self, sql: str, bindings: Sequence[Any]) -> None:
        with self._connections.borrowed() as connection:
            _changed(connection, sql, bindings)


def _changed(connection: Connection, sql: str, bindings: Sequence[Any]) -> int:
    return connection.execute(sql.encode(), bindings).rowcount
