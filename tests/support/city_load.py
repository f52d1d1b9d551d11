"""A city in server mode that is worked on all the time: events at a steady pace, readers asking."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import islice

from domain.messages import Appended
from domain.registry import Registry
from infra.benches.city_log import city_log
from infra.clocks import SystemClock
from infra.event_store.postgres.store import PostgresEventStore

ENDLESS = 10_000_000
AT_ONCE = 10  # appends, of about two events each


class Load:
    """Appends to the store as a fleet of offices would; what others did meanwhile to the same
    streams (a worker records what is overdue) makes some of it be refused."""

    def __init__(self, postgres: str, a_second: int, seed: int = 1, most: int = ENDLESS) -> None:
        self._postgres, self._a_second, self._most = postgres, a_second, most
        self._story = city_log(ENDLESS, seed)
        self._done = threading.Event()
        self.written = self.refused = 0

    @contextmanager
    def steadily(self) -> Iterator["Load"]:
        writing = threading.Thread(target=self._write, daemon=True)
        writing.start()
        try:
            yield self
        finally:
            self._done.set()
            writing.join()

    def some(self, events: int) -> None:
        """As fast as the store takes them."""
        with closing(self._opened()) as store:
            until = self.written + events
            while self.written < until:
                self._append(store, 100)

    def _write(self) -> None:
        with closing(self._opened()) as store:
            begun, before = time.monotonic(), self.written
            while not self._done.is_set() and self.written < self._most:
                self._append(store, AT_ONCE)
                ahead = (self.written - before) / self._a_second - (time.monotonic() - begun)
                self._done.wait(max(0.0, ahead))

    def _append(self, store: PostgresEventStore, appends: int) -> None:
        chosen = list(islice(self._story, appends))
        for each, answer in zip(chosen, store.append(chosen), strict=True):
            events = sum(len(stream.events) for stream in each.streams)
            if isinstance(answer, Appended):
                self.written += events
            else:
                self.refused += events

    def _opened(self) -> PostgresEventStore:
        return PostgresEventStore.open(self._postgres, SystemClock(), Registry())


class Asking:
    """Reads a page again and again; what was not answered, or took long, is kept."""

    def __init__(self, address: str, path: str, slow: float = 15.0) -> None:
        self._host, self._path, self._slow = address.removeprefix("http://"), path, slow
        self._done = threading.Event()
        self.answered, self.slowest = 0, 0.0
        self.complaints: list[str] = []

    @contextmanager
    def steadily(self) -> Iterator["Asking"]:
        asking = threading.Thread(target=self._ask, daemon=True)
        asking.start()
        try:
            yield self
        finally:
            self._done.set()
            asking.join()

    def _ask(self) -> None:
        while not self._done.wait(0.05):
            begun = time.monotonic()
            status = asked_for(self._host, self._path)
            took = time.monotonic() - begun
            self.answered += 1
            self.slowest = max(self.slowest, took)
            if status != 200 or took > self._slow:
                self.complaints.append(f"{status} after {took:.1f} s")


def asked_for(host: str, path: str) -> int:
    """The status of an answer; 0: there was none."""
    with closing(HTTPConnection(host, timeout=30)) as connection:
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, HTTPException):
            return 0


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def tell(figure: str) -> None:
    """Shown when the test is run with -s, or fails."""
    sys.stdout.write(f"\n{figure}\n")
