"""The engine behind the read tables: a port, and the one inside this process."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from domain.errors import Refused
from infra.clickhouse.layout import ONE_MACHINE, Layout
from infra.event_store.lock import DirectoryLock
from streams.ports import TablesUnavailable

DATABASE = "duban"


class Engine(Protocol):
    """What everything here speaks to, wherever the engine runs."""

    layout: Layout

    def client(self) -> AbstractContextManager[Client]:
        """A client of one's own for the length of the block, where every error of the engine
        becomes ``TablesUnavailable``."""

    def connect(self, **options: Any) -> Client:
        """A client that the caller closes."""

    def close(self) -> None: ...


class Clients:
    """Clients for any number of threads: each serves one at a time, an idle one is kept for the
    next. ``connect`` makes one; it is asked without options."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect
        self._idle: deque[Client] = deque()
        self._closed = False

    @contextmanager
    def client(self) -> Iterator[Client]:
        try:
            client = self._take()
            try:
                yield client
            finally:
                self._idle.append(client)
                if self._closed:
                    self._close_idle()
        except (ClickHouseError, OSError) as error:
            raise TablesUnavailable(first_line(error)) from error

    def close(self) -> None:
        self._closed = True
        self._close_idle()

    def _take(self) -> Client:
        if self._closed:
            raise Refused("tables.closed", "the read tables are closed")
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _close_idle(self) -> None:
        while True:
            try:
                self._idle.pop().close()
            except IndexError:
                return


class ChdbEngine:
    """Owns the directory until ``close``. The process must not fork while this is open, and it
    can open one directory only at a time."""

    layout = ONE_MACHINE

    def __init__(self, directory: Path) -> None:
        """Raises ``Refused`` (``data.in_use``, ``data.unusable``, ``tables.cannot_open``)."""
        self.path = str(directory)
        self._clients = Clients(self.connect)
        with ExitStack() as opened:
            opened.callback(DirectoryLock(directory).release)
            try:
                client = self.connect(database="default")
                client.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
                client.close()
            except (ClickHouseError, RuntimeError, OSError) as error:
                raise Refused(
                    "tables.cannot_open",
                    f"the read tables in {directory} cannot be opened ({first_line(error)}): move "
                    "that directory away and they are built anew from the event store",
                ) from error
            self._opened = opened.pop_all()

    def client(self) -> AbstractContextManager[Client]:
        return self._clients.client()

    def connect(self, **options: Any) -> Client:
        return clickhouse_connect.get_client(
            interface="chdb",
            path=self.path,
            **{"database": DATABASE, "tz_mode": "aware", **options},
        )

    def close(self) -> None:
        self._clients.close()
        self._opened.close()


def first_line(error: BaseException) -> str:
    return (str(error).strip() or repr(error)).splitlines()[0]
