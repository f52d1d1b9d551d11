"""A vault's database in a file of its own, beside the events of an embedded city."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import apsw

from domain.errors import Conflict, Refused
from infra.vault.rows import Counted, Found, Row

_BUSY_MS = 5000


class SqliteRows:
    """``infra.vault.rows.Rows``. What is erased is overwritten in the file, and the write-ahead log
    is emptied."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = RLock()
        with self._told():
            self._connection = apsw.Connection(str(path))
            path.chmod(0o600)
            self._connection.set_busy_timeout(_BUSY_MS)
            for setting in ("secure_delete = ON", "synchronous = FULL", "journal_mode = WAL"):
                self._connection.execute(f"PRAGMA {setting}")
            self._connection.execute(Path(__file__).with_name("vault.sql").read_text("utf-8"))

    def get(self, person_id: str) -> Row | None:
        found = self._rows(
            "SELECT wrapped, sealed, erased FROM persons WHERE person_id = ?", (person_id,)
        )
        return Row(found[0][0], found[0][1], bool(found[0][2])) if found else None

    def begin(self, person_id: str, key: bytes) -> Row:
        with self._writing():
            self._connection.execute(
                "INSERT OR IGNORE INTO persons (person_id, wrapped) VALUES (?, ?)",
                (person_id, key),
            )
            row = self.get(person_id)
        assert row is not None
        return row

    def fill(self, person_id: str, sealed: bytes, found_by: Sequence[Found]) -> bool:
        with self._writing():
            self._connection.execute(
                "UPDATE persons SET sealed = ? WHERE person_id = ? AND NOT erased",
                (sealed, person_id),
            )
            if self._connection.changes() == 0:
                return False
            self._connection.execute("DELETE FROM found_by WHERE person_id = ?", (person_id,))
            for kind, digest in found_by:
                if self.find(kind, digest) is not None:
                    raise exists(kind)
                self._connection.execute(
                    "INSERT INTO found_by VALUES (?, ?, ?)", (kind, digest, person_id)
                )
        return True

    def find(self, kind: str, digest: str) -> str | None:
        found = self._rows(
            "SELECT person_id FROM found_by WHERE kind = ? AND digest = ?", (kind, digest)
        )
        return str(found[0][0]) if found else None

    def erase(self, person_id: str) -> bool:
        with self._writing():
            before = self.get(person_id)
            if before is not None and before.erased:
                return False
            self._connection.execute(
                "INSERT INTO persons (person_id, erased) VALUES (?, 1) ON CONFLICT (person_id) "
                "DO UPDATE SET wrapped = NULL, sealed = NULL, erased = 1",
                (person_id,),
            )
            self._connection.execute("DELETE FROM found_by WHERE person_id = ?", (person_id,))
        with self._told():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return True

    def wrapped(self) -> list[tuple[str, bytes]]:
        return self._rows("SELECT person_id, wrapped FROM persons WHERE NOT erased")

    def rewrap(self, keys: Sequence[tuple[str, bytes]], mark: str) -> None:
        with self._writing():
            self._connection.executemany(
                "UPDATE persons SET wrapped = ? WHERE person_id = ? AND NOT erased",
                [(key, person_id) for person_id, key in keys],
            )
            self._connection.execute("INSERT OR REPLACE INTO marks VALUES ('wrapping', ?)", (mark,))
        with self._told():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def mark(self, name: str, value: str = "") -> str:
        if value and not self.mark(name):
            with self._writing():
                self._connection.execute("INSERT OR IGNORE INTO marks VALUES (?, ?)", (name, value))
        found = self._rows("SELECT value FROM marks WHERE name = ?", (name,))
        return str(found[0][0]) if found else ""

    def counted(self) -> Counted:
        return Counted(*self._rows("SELECT count(*), ifnull(sum(erased), 0) FROM persons")[0])

    def close(self) -> None:
        with self._turn:
            self._connection.close()

    def _rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        with self._turn, self._told():
            return self._connection.execute(sql, bindings).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Takes its turn at the file at once, so that what is looked at cannot change meanwhile."""
        with self._turn, self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (apsw.Error, OSError) as error:
            raise Refused(
                "vault.io", f"the vault {self._path} cannot be read or written ({error})"
            ) from error


def exists(kind: str) -> Conflict:
    return Conflict(
        "person.exists",
        f"another person is registered with the same {kind}: find them by it instead",
    )
