"""Wakes those who wait for new events: a hint from whoever appended, and a look now and then."""

import time
from collections.abc import Callable
from threading import Condition, Event, Thread

from domain.errors import Refused
from infra.event_store.postgres.connections import Connection, Connections, connected

CHANNEL = "duban_events"
LOOK_SECONDS = 0.5  # a hint may get lost with its connection; nobody waits longer than this
_THROTTLE_SECONDS = 0.01
_RECONNECT_SECONDS = 0.5


class Bell:
    """``heard`` is the newest position known here: from one's own appends, from the hints of
    other processes, from looking. Its thread and connection begin with the first who waits."""

    def __init__(self, conninfo: str, last_position: Callable[[Connection], int]) -> None:
        self.heard = 0
        self._conninfo = conninfo
        self._last_position = last_position
        self._condition = Condition()
        self._closed = False
        self._ear: Thread | None = None

    def ring(self, position: int = 0) -> None:
        with self._condition:
            self.heard = max(self.heard, position)
            self._condition.notify_all()

    def wait(self, after: int, timeout: float, interrupted: Callable[[], bool]) -> bool:
        with self._condition:
            if self._ear is None and not self._closed:
                self._ear = Thread(target=self._listen, name="event-store-ear", daemon=True)
                self._ear.start()
            self._condition.wait_for(
                lambda: self.heard > after or self._closed or interrupted(), timeout
            )
            return self.heard > after

    def close(self) -> None:
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        if self._ear is not None:
            self._ear.join()

    def _listen(self) -> None:
        while not self._closed:
            try:
                with connected(self._conninfo) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._hear(connection)
            except Refused:  # whoever reads or appends is told what is wrong
                with self._condition:
                    self._condition.wait_for(lambda: self._closed, _RECONNECT_SECONDS)

    def _hear(self, connection: Connection) -> None:
        while not self._closed:
            self.ring(self._last_position(connection))
            looks_again = time.monotonic() + LOOK_SECONDS
            while not self._closed and (left := looks_again - time.monotonic()) > 0:
                for hint in connection.notifies(timeout=min(left, 0.1), stop_after=1):
                    self.ring(int(hint.payload))


class Hints:
    """Tells other processes of new events, outside the appending transaction, which would wait
    for every other NOTIFY of the cluster; at most a hundred times a second."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._position = 0
        self._due = Event()
        self._closed = False
        self._thread = Thread(target=self._send, name="event-store-hints", daemon=True)
        self._thread.start()

    def send(self, position: int) -> None:
        self._position = position
        self._due.set()

    def close(self) -> None:
        self._closed = True
        self._due.set()
        self._thread.join()

    def _send(self) -> None:
        while not self._closed:
            self._due.wait()
            self._due.clear()
            if self._position:
                try:
                    told = (CHANNEL, str(self._position))
                    self._connections.rows("SELECT pg_notify(%s, %s)", told)
                except Refused:  # the listeners look by themselves
                    continue
            time.sleep(_THROTTLE_SECONDS)
