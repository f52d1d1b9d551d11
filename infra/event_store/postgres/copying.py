"""Moves an embedded city's store into PostgreSQL: every row as it is, or nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from domain.errors import Conflict, Refused
from infra.event_store.connections import Readers
from infra.event_store.lock import DirectoryLock
from infra.event_store.postgres.connections import (
    APPEND_LOCK,
    Connection,
    connected,
    require_store,
)
from infra.event_store.postgres.failures import place
from infra.event_store.shares import SqliteAddress
from infra.reaction_marks import FileMarks
from infra.settings import Settings
from projections.leaves import hash_of, leaf_of

Report = Callable[[int, int], None]

_CHUNK = 10_000
_TABLES = ("streams", "types", "events", "commands")  # nothing is told before what it names
# Of each table: its rows after a key, in the order of that key, and the types of its columns.
_ROWS = {
    "streams": ("SELECT id, name, kind FROM streams WHERE id > ? ORDER BY id", "int8 text text"),
    "types": ("SELECT id, name FROM types WHERE id > ? ORDER BY id", "int8 text"),
    "events": (
        "SELECT pos, stream, version, type, data, meta, recorded_at FROM events "
        "WHERE pos > ? ORDER BY pos",
        "int8 int8 int8 int8 bytea bytea int8",
    ),
    "commands": (
        "SELECT command_id, digest, first_pos, last_pos FROM commands "
        "WHERE command_id > ? ORDER BY command_id",
        "text text int8 int8",
    ),
}
_READ = """
SELECT pos, s.name, version, t.name, data, meta, recorded_at
FROM {0}events JOIN {0}streams s ON s.id = stream JOIN {0}types t ON t.id = type
WHERE pos > {1} ORDER BY pos LIMIT {2}
"""
_COMMANDS = "SELECT command_id, digest, first_pos, last_pos FROM {}commands ORDER BY command_id"


@dataclass(frozen=True, slots=True)
class Copied:
    """``root`` is the SHA-256 over the leaf hashes of all events in order, equal on both sides."""

    events: int
    commands: int
    root: str


def copy_store(settings: Settings, report: Report = lambda done, total: None) -> Copied:
    """From ``settings.events_file``, which nobody may have open, to ``settings.postgres``, whose
    store must be empty: the same positions, times, command ids, and the same id of the store. What
    was copied is read back and compared before it counts. Raises ``Refused``
    (``copy.not_empty``, ``copy.differs``, ``data.in_use``, ``store.*``)."""
    with ExitStack() as opened:
        opened.callback(DirectoryLock(settings.data_dir).release)
        if wrong := SqliteAddress(settings.events_file).problems():
            raise Refused("copy.unsound", f"the store is not copied, {wrong[0]}")
        source = opened.enter_context(closing(Readers(settings.events_file)))
        target = opened.enter_context(connected(settings.postgres))
        require_store(target, settings.postgres)
        opened.enter_context(target.transaction())
        target.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
        _require_empty(target, settings.postgres)
        steps = _Steps(2 * int(source.rows("SELECT count(*) FROM events")[0][0]), report)
        for table in _TABLES:
            _copy(source, target, table, steps)
        _take_over(source, target, settings)
        return _compared(source, target, steps)


class _Steps:
    """Every event is told twice: copied, compared."""

    def __init__(self, total: int, report: Report) -> None:
        self._done, self._total, self._report = 0, total, report

    def take(self, count: int) -> None:
        self._done += count
        self._report(self._done, self._total)


def _require_empty(target: Connection, conninfo: str) -> None:
    for table in _TABLES:
        if target.execute(f"SELECT FROM duban.{table} LIMIT 1".encode()).fetchone() is not None:
            raise Conflict(
                "copy.not_empty",
                f"the event store in {place(conninfo)} holds something already: copy into a new "
                "database",
            )


def _copy(source: Readers, target: Connection, table: str, steps: _Steps) -> None:
    types = _ROWS[table][1].split()
    command = f"COPY duban.{table} FROM STDIN (FORMAT binary)".encode()
    with target.cursor() as cursor, cursor.copy(command) as copy:
        copy.set_types(types)
        for rows in _chunks(source, table):
            for row in rows:
                copy.write_row(row)
            if table == "events":
                steps.take(len(rows))


def _chunks(source: Readers, table: str) -> Iterator[Sequence[Sequence[Any]]]:
    key: Any = "" if table == "commands" else 0
    while rows := source.rows(f"{_ROWS[table][0]} LIMIT {_CHUNK}", (key,)):
        yield rows
        key = rows[-1][0]


def _take_over(source: Readers, target: Connection, settings: Settings) -> None:
    """It is the same store in another place: what readers remember of its positions holds."""
    ((store_id,),) = source.rows("SELECT value FROM store WHERE key = 'id'")
    target.execute("UPDATE duban.store SET value = %s WHERE key = 'id'", (store_id,))
    marks = FileMarks(settings.data_dir, store_id)
    if position := marks.position():
        target.execute("INSERT INTO duban.reactions VALUES ('reactions', %s)", (position,))
    for refusal in marks.refused():
        target.execute(
            "INSERT INTO duban.refused_reactions (cause, position, code, message) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT (cause) DO NOTHING",
            tuple(refusal),
        )
    target.execute("ANALYZE duban.streams, duban.events, duban.commands")


def _compared(source: Readers, target: Connection, steps: _Steps) -> Copied:
    digest, events = sha256(), 0
    while True:
        here = source.rows(_READ.format("", "?", "?"), (events, _CHUNK))
        there = _asked(target, _READ.format("duban.", "%s", "%s"), (events, _CHUNK))
        hashes = [hash_of(leaf_of(*event)) for event in here]
        if hashes != [hash_of(leaf_of(*event)) for event in there]:
            raise Refused("copy.differs", f"the copied events after {events} differ: not copied")
        if not hashes:
            break
        digest.update("".join(hashes).encode())
        events += len(hashes)
        steps.take(len(hashes))
    commands = source.rows(_COMMANDS.format(""))
    if [tuple(row) for row in commands] != _asked(target, _COMMANDS.format("duban."), ()):
        raise Refused("copy.differs", "the copied command ids differ: not copied")
    return Copied(events, len(commands), digest.hexdigest())


def _asked(target: Connection, sql: str, bindings: tuple[int, ...]) -> list[Any]:
    return target.cursor(binary=True).execute(sql.encode(), bindings).fetchall()
