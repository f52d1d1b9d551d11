"""The event store of each mode, for processes that need nothing else of a city."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from domain.errors import Refused
from domain.registry import Registry
from infra.event_store.store import SqliteEventStore
from infra.settings import Mode, Settings
from streams.relay import Source

RETRY_SECONDS = 1.0
# What a moment's patience may cure: PostgreSQL is starting, nobody has made the store yet.
PASSING = frozenset({"store.unavailable", "store.busy", "store.missing", "store.unprepared"})

log = logging.getLogger("duban.store")


class SharedStore(Source, Protocol):
    """An event store that is only read here."""

    def leadership(self, name: str) -> AbstractContextManager[bool]:
        """Whether this process, of all that ask for ``name``, is the one to do the work."""

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


STORES: Mapping[Mode, Callable[[Settings], SharedStore]] = {"embedded": _file, "server": _postgres}


def open_when_there(settings: Settings, stopping: threading.Event) -> SharedStore | None:
    """Waits for a store that is not there yet, and says so once; None: told to stop meanwhile.
    Raises ``Refused`` for what waiting does not cure."""
    waiting = False
    while not stopping.is_set():
        try:
            return STORES[settings.mode](settings)
        except Refused as refusal:
            if refusal.code not in PASSING:
                raise
            if not waiting:
                log.warning("waiting: %s", refusal.message)
            waiting = True
            stopping.wait(RETRY_SECONDS)
    return None
