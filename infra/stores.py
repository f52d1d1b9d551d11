"""The event store of each mode, for processes that need nothing else of a city."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from domain.errors import NotFound, Refused
from domain.ports import EventStore
from domain.registry import Registry
from infra.event_store.store import SqliteEventStore
from infra.lasting import when_there
from infra.settings import Mode, Settings
from streams.relay import Source

# What a moment's patience may cure: PostgreSQL is starting, nobody has made the store yet.
PASSING = frozenset({"store.unavailable", "store.busy", "store.missing", "store.unprepared"})

log = logging.getLogger("duban.store")


class SharedStore(EventStore, Source, Protocol):
    """An event store that is only read here."""

    def leadership(self, name: str) -> AbstractContextManager[bool]:
        """Whether this process, of all that ask for ``name``, is the one to do the work."""

    def store_id(self) -> str: ...

    def close(self) -> None: ...


class _FileStore(SqliteEventStore):
    @contextmanager
    def leadership(self, name: str) -> Iterator[bool]:
        """Whoever asks: a file is on one machine, where one process is enough."""
        yield True


def _file(settings: Settings) -> SharedStore:
    return _FileStore.open_read_only(settings.events_file, Registry())


def _postgres(settings: Settings) -> SharedStore:
    from infra.event_store.postgres.store import PostgresEventStore

    return PostgresEventStore.open_read_only(settings.postgres, Registry())


_PLACES: Mapping[Mode, Callable[[Settings], str]] = {
    "embedded": lambda settings: str(settings.data_dir),
    "server": lambda settings: "that database",
}
STORES: Mapping[Mode, Callable[[Settings], SharedStore]] = {"embedded": _file, "server": _postgres}


def open_store(settings: Settings) -> SharedStore:
    """Only to look, also while the city is being served. Raises ``Refused`` (``store.*``)."""
    return STORES[settings.mode](settings)


def require_city(settings: Settings) -> None:
    """Raises ``NotFound`` (``data.none``) where nobody has begun a city."""
    try:
        open_store(settings).close()
    except Refused as refusal:
        if refusal.code != "store.missing":
            raise
        raise NotFound(
            "data.none",
            f"there is no city in {_PLACES[settings.mode](settings)}: import one, or name its "
            "directory with --data",
        ) from refusal


def open_when_there(settings: Settings, stopping: threading.Event) -> SharedStore | None:
    """Waits for a store that is not there yet; None: told to stop meanwhile."""
    return when_there(lambda: open_store(settings), PASSING, stopping, log)
