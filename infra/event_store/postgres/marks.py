"""Where the reactions of a city have come to and what was refused, beside its events."""

from infra.event_store.postgres.connections import connected
from streams.reacting import Refusal

_REACTIONS = "reactions"


class PostgresMarks:
    """``streams.reacting.Marks``. Whoever leads the reactions reads and writes them."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo

    def position(self) -> int:
        with connected(self._conninfo) as connection:
            found = connection.execute(
                "SELECT position FROM duban.reactions WHERE name = %s", (_REACTIONS,)
            ).fetchone()
        return int(found[0]) if found else 0

    def save(self, position: int) -> None:
        with connected(self._conninfo) as connection:
            connection.execute(
                "INSERT INTO duban.reactions VALUES (%s, %s) "
                "ON CONFLICT (name) DO UPDATE SET position = excluded.position",
                (_REACTIONS, position),
            )

    def refuse(self, refusal: Refusal) -> None:
        with connected(self._conninfo) as connection:
            connection.execute(
                "INSERT INTO duban.refused_reactions (cause, position, code, message) "
                "VALUES (%s, %s, %s, %s) ON CONFLICT (cause) DO NOTHING",
                tuple(refusal),
            )

    def refused(self) -> list[Refusal]:
        with connected(self._conninfo) as connection:
            found = connection.execute(
                "SELECT cause, position, code, message FROM duban.refused_reactions ORDER BY id"
            ).fetchall()
        return [Refusal(*row) for row in found]

    def forget(self) -> None:
        with connected(self._conninfo) as connection:
            connection.execute("DELETE FROM duban.refused_reactions")
