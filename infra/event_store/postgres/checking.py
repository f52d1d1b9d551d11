"""Whether the store in PostgreSQL is sound, and the server fit to keep it."""

from collections.abc import Iterator

from domain.errors import Refused
from infra.event_store import checking
from infra.event_store.checking import Ask
from infra.event_store.postgres.connections import connected, require_store
from infra.event_store.postgres.failures import place
from infra.settings import Settings

_ORPHANS = "SELECT pos FROM events LEFT JOIN {0}s o ON o.id = {0} WHERE o.id IS NULL LIMIT 3"
_UNKEPT = (
    "SELECT command_id FROM commands "
    "WHERE first_pos < 1 OR last_pos > (SELECT coalesce(max(pos), 0) FROM events) LIMIT 3"
)
# Without these, what was acknowledged may be gone after the power was.
_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


def problems(conninfo: str) -> list[str]:
    """What is wrong with the store, a sentence each; nothing: it is sound."""
    with connected(conninfo) as connection:
        connection.execute("SET search_path = duban")

        def ask(sql: str) -> list[tuple[object, ...]]:
            return connection.execute(sql.encode()).fetchall()

        return [*checking.problems(ask), *_own_problems(ask)]


def _own_problems(ask: Ask) -> Iterator[str]:
    for what in ("stream", "type"):
        for (position,) in ask(_ORPHANS.format(what)):
            yield f"event {position} is of a {what} that is not there"
    for (command_id,) in ask(_UNKEPT):
        yield f"the command {command_id} led to events that are not there"


def server(settings: Settings) -> str:
    """One line about the server and its store. Raises ``Refused`` with what to do."""
    if not settings.postgres:
        return "not used: DUBAN_POSTGRES names none"
    with connected(settings.postgres) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}".encode()).fetchall()[0][0]
            for name in ("server_version", "server_encoding", *_DURABLE)
        }
        require_store(connection, settings.postgres)
        last = connection.execute("SELECT coalesce(max(pos), 0) FROM duban.events").fetchall()
    if off := [name for name in _DURABLE if shown[name] in ("off", "local")]:
        raise Refused(
            "doctor.postgres",
            f"PostgreSQL at {place(settings.postgres)} may lose what it has acknowledged: set "
            f"{', '.join(f'{name} = on' for name in off)}",
        )
    return f"{shown['server_version']} at {place(settings.postgres)}, {last[0][0]:,} events"
