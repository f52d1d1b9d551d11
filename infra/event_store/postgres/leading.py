"""One process at a time: a lock that PostgreSQL gives back however the process ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

from infra.event_store.postgres.connections import connected

_PATIENCE = "30s"
# The locks with two numbers are apart from those with one, such as the lock of appends.
_CLASS = int.from_bytes(b"dub", "big")


@contextmanager
def leadership(conninfo: str, name: str) -> Iterator[bool]:
    """Yields whether this process has the lead of ``name`` in the store's database. Raises
    ``Refused`` (``store.unavailable``) if that cannot be asked. Needs a connection of its own
    that no pooler between shares with others."""
    with connected(conninfo) as connection:
        (leads,) = connection.execute(
            "SELECT pg_try_advisory_lock(%s, %s)", (_CLASS, _number(name))
        ).fetchone() or (False,)
        yield bool(leads)


@contextmanager
def one_at_a_time(conninfo: str, name: str) -> Iterator[None]:
    """Waits for whoever else is in a block of that name. Raises ``Refused`` (``store.busy``,
    ``store.unavailable``)."""
    with connected(conninfo) as connection:
        connection.execute("SELECT set_config('lock_timeout', %s, false)", (_PATIENCE,))
        connection.execute("SELECT pg_advisory_lock(%s, %s)", (_CLASS, _number(name)))
        yield


def _number(name: str) -> int:
    return crc32(name.encode()) - (1 << 31)
