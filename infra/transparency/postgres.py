"""Keeps the tree and the ledger of a city beside its events in PostgreSQL."""

from collections.abc import Iterator, Sequence

import msgspec

from domain.errors import Refused
from infra.event_store.postgres.connections import Connection, Connections
from projections.transparency.merkle import HASH_BYTES
from projections.transparency.tiles import WIDTH, levels_of
from projections.transparency.trust import KeyEntry
from streams.transparency import Cosignature, Issued

_READ = (
    "SELECT substr(hashes, %s::int, %s::int) FROM duban.tree_tiles WHERE level = %s AND tile = %s"
)
_WRITE = """
INSERT INTO duban.tree_tiles AS t VALUES (%s, %s, %s)
ON CONFLICT (level, tile) DO UPDATE SET hashes = substr(t.hashes, 1, %s::int) || excluded.hashes
"""
_ISSUED = "SELECT size, note, at FROM duban.checkpoints"


class PostgresTree:
    """``streams.transparency.TreeStore``. Any number of processes may add to it; who comes second
    is refused and looks again."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def size(self) -> int:
        return int(self._connections.rows("SELECT size FROM duban.tree")[0][0])

    def read(self, level: int, start: int, count: int) -> bytes:
        tile, first = divmod(start, WIDTH)
        wanted = (first * HASH_BYTES + 1, count * HASH_BYTES, level, tile)
        found = self._connections.rows(_READ, wanted)
        return bytes(found[0][0]) if found else b""

    def append(self, size: int, gains: Sequence[bytes]) -> None:
        """Raises ``Refused`` (``log.moved``)."""
        counts, leaves = levels_of(size), len(gains[0]) // HASH_BYTES
        with self._connections.borrowed() as connection, connection.transaction():
            moved = connection.execute(
                "UPDATE duban.tree SET size = %s WHERE size = %s", (size + leaves, size)
            )
            if moved.rowcount != 1:
                raise Refused("log.moved", "another process has just added to the tree: try again")
            for level, gain in enumerate(gains):
                start = counts[level] if level < len(counts) else 0
                _write(connection, level, start, gain)

    def sync(self, size: int, root: bytes) -> None:
        """Every transaction is durable by itself."""

    def clear(self) -> None:
        with self._connections.borrowed() as connection, connection.transaction():
            connection.execute("UPDATE duban.tree SET size = 0")
            connection.execute("DELETE FROM duban.tree_tiles")


def _write(connection: Connection, level: int, start: int, gain: bytes) -> None:
    rows = [(level, tile, part, first * HASH_BYTES) for tile, first, part in _by_tile(start, gain)]
    if rows:
        connection.cursor().executemany(_WRITE, rows)


def _by_tile(start: int, gain: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The tile, where in it, and what goes there."""
    while gain:
        tile, first = divmod(start, WIDTH)
        room = (WIDTH - first) * HASH_BYTES
        yield tile, first, gain[:room]
        start, gain = (tile + 1) * WIDTH, gain[room:]


class PostgresLedger:
    """``streams.transparency.Ledger``."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def newest(self) -> Issued | None:
        return self._one(f"{_ISSUED} ORDER BY id DESC LIMIT 1")

    def at(self, size: int) -> Issued | None:
        return self._one(f"{_ISSUED} WHERE size = %s ORDER BY id DESC LIMIT 1", (size,))

    def issued(self) -> Sequence[Issued]:
        return [Issued(*row) for row in self._connections.rows(f"{_ISSUED} ORDER BY id")]

    def keep(self, issued: Issued) -> None:
        self._add(
            "INSERT INTO duban.checkpoints (size, note, at) VALUES (%s, %s, %s)",
            (issued.size, issued.note, issued.at),
        )

    def cosignatures(self, size: int | None = None) -> Sequence[Cosignature]:
        where = "" if size is None else "WHERE size = %s"
        sql = f"SELECT size, line FROM duban.cosignatures {where} ORDER BY id"
        found = self._connections.rows(sql, () if size is None else (size,))
        return [Cosignature(*row) for row in found]

    def cosign(self, cosignature: Cosignature) -> None:
        self._add(
            "INSERT INTO duban.cosignatures (size, line) VALUES (%s, %s)",
            (cosignature.size, cosignature.line),
        )

    def key_list(self) -> Sequence[KeyEntry]:
        found = self._connections.rows("SELECT entry FROM duban.log_keys ORDER BY id")
        return [msgspec.json.decode(entry, type=KeyEntry) for (entry,) in found]

    def keep_key(self, entry: KeyEntry) -> None:
        text = msgspec.json.encode(entry).decode()
        self._add("INSERT INTO duban.log_keys (entry) VALUES (%s)", (text,))

    def _one(self, sql: str, bindings: tuple[int, ...] = ()) -> Issued | None:
        found = self._connections.rows(sql, bindings)
        return Issued(*found[0]) if found else None

    def _add(self, sql: str, bindings: tuple[object, ...]) -> None:
        with self._connections.borrowed() as connection:
            connection.execute(sql.encode(), bindings)
