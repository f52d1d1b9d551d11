"""What PostgreSQL says when it fails, as one clear sentence with a stable code."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import PoolClosed

from domain.errors import Invalid, Refused

# What trying again does not help against.
_LASTING: Sequence[tuple[tuple[type[psycopg.Error], ...], str, str]] = (
    (
        (errors.DiskFull,),
        "store.full",
        "the disk of PostgreSQL at {where} is full, nothing was stored: free some space, then try "
        "again",
    ),
    (
        (errors.InvalidSchemaName, errors.UndefinedTable, errors.UndefinedFunction),
        "store.unprepared",
        "the database {where} holds no event store for this program: run duban migrate",
    ),
    (
        (errors.DataCorrupted, errors.IndexCorrupted),
        "store.corrupt",
        "the event store in {where} is damaged ({said}): restore it from a backup",
    ),
    (
        (errors.IoError,),
        "store.io",
        "the disk of PostgreSQL at {where} failed ({said}): check it",
    ),
)
# Of a connection that was refused the client library tells nothing but the server's words.
_NO_DATABASE = re.compile(r'FATAL: +database ".*" does not exist')
_NO_ENTRY = re.compile(
    r'FATAL: +(role ".*" does not exist|.*authentication failed|no pg_hba|permission)'
)


def place(conninfo: str) -> str:
    """Which database it is, without what must stay secret."""
    try:
        parts = conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        return "DUBAN_POSTGRES"
    return f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"


@contextmanager
def explained(conninfo: str) -> Iterator[None]:
    """Turns what psycopg raises in the block into ``Refused``."""
    try:
        yield
    except psycopg.Error as error:
        raise explain(error, conninfo) from error


def explain(error: psycopg.Error, conninfo: str) -> Refused:
    """``store.unavailable`` (trying again helps, and what was being appended may have been
    stored: its command id tells), or one of those in ``_LASTING``, ``store.closed``,
    ``store.missing``, ``store.forbidden``, ``store.unstorable`` and ``store.failed``."""
    where, said = place(conninfo), _first_line(error)
    if isinstance(error, PoolClosed):
        return Refused("store.closed", "the event store is closed")
    for classes, code, sentence in _LASTING:
        if isinstance(error, classes):
            return Refused(code, sentence.format(where=where, said=said))
    if _at_the_door(error, _NO_DATABASE):
        return Refused("store.missing", f"there is no database at {where} ({said}): create it")
    if isinstance(error, errors.InsufficientPrivilege) or _at_the_door(error, _NO_ENTRY):
        return Refused("store.forbidden", f"PostgreSQL at {where} refuses this user: {said}")
    if isinstance(error, psycopg.DataError):
        return Invalid("store.unstorable", f"this cannot be stored: {said}")
    if _passes(error):
        return Refused(
            "store.unavailable",
            f"PostgreSQL at {where} cannot be reached ({said}): try again; what was being "
            "stored is recognised if it is sent again as it was",
        )
    return Refused("store.failed", f"the event store in {where} failed: {said}")


def _at_the_door(error: psycopg.Error, words: re.Pattern[str]) -> bool:
    return error.sqlstate is None and words.search(str(error)) is not None


def _passes(error: psycopg.Error) -> bool:
    """Whether it has to do with the connection or the state of the server alone: an error of the
    client itself, or of a class that a restart, a failover or less load ends."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    # Connection, transaction rolled back, resources, operator's intervention; a standby only reads.
    return error.sqlstate[:2] in ("08", "40", "53", "57") or error.sqlstate == "25006"


def _first_line(error: psycopg.Error) -> str:
    said = error.diag.message_primary or str(error).strip() or repr(error)
    return said.splitlines()[0]
