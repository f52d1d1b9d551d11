"""One process at a time: a lock that PostgreSQL gives back however the process ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

from infra.event_store.postgres.connections import connected

# The locks with two numbers are apart from those with one, such as the lock of appends.
_CLASS = int.from_bytes(b"dub", "big")


@contextmanager
def leadership(conninfo: str, name: str) -> Iterator[bool]:
    """Yields whether this process has the lead of ``name`` in the store's database. Raises
    ``Refused`` (``store.unavailable``) if that cannot be asked. Needs a connection of its own
    that no pooler between shares with others."""
    number = crc32(name.encode()) - (1 << 31)
    with connected(conninfo) as connection:
        (leads,) = connection.execute(
            "SELECT pg_try_advisory_lock(%s, %s)", (_CLASS, number)
        ).fetchone() or (False,)
        yield bool(leads)
