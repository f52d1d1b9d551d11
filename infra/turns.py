"""Of several workers one lets follow what follows by rule; the others stand by."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from domain.errors import Refused
from streams.reacting import Marks, Reactor

LEAD = "reactions"
STANDBY_SECONDS = 1.0
# The clock is looked at this often: time itself brings due what no event announces.
GLANCE_SECONDS = 0.5
# How fresh the marks of another worker have to be.
MARKS_SECONDS = 0.5

log = logging.getLogger("duban.worker")


class Turn:
    """Ticks the reactor while this process has the lead. Should the lead be lost unnoticed, two
    reactors do the same once: every command has an id made of its cause."""

    def __init__(
        self, reactor: Reactor, marks: Marks, last_position: Callable[[], int],
        leadership: Callable[[str], AbstractContextManager[bool]],
    ) -> None:  # fmt: skip
        self._reactor, self._marks = reactor, marks
        self._last_position, self._leadership = last_position, leadership
        self._woken = threading.Event()
        self._marked, self._marked_at = 0, 0.0
        self.leads = False
        self.problem = ""

    def wake(self) -> None:
        """There are events that have not been reacted to."""
        self._woken.set()

    def done(self, position: int) -> bool:
        """What follows from the events up to ``position`` is stored. A position that the store
        has not given yet is nobody's, and nothing will ever follow from it."""
        if position <= self._reached():
            return True
        try:
            return position > self._last_position()
        except Refused:  # the store is away: nothing is known to be done
            return False

    def run(self, stopping: threading.Event) -> None:
        """Until ``stopping``."""
        told = False
        while not stopping.is_set():
            try:
                with self._leadership(LEAD) as self.leads:
                    if self.leads:
                        log.info("leading the reactions")
                        self._lead(stopping)
                    elif not told:
                        log.info("standing by: another worker leads the reactions")
                    told = not self.leads
            except Refused as refusal:
                self._tell(refusal.message)
            finally:
                self.leads = False
            stopping.wait(STANDBY_SECONDS)

    def _lead(self, stopping: threading.Event) -> None:
        self._reactor.resume()
        while not stopping.is_set():
            self._woken.clear()
            self._reactor.tick()
            self._tell("")
            self._woken.wait(GLANCE_SECONDS)

    def _reached(self) -> int:
        if self.leads:
            return self._reactor.position
        if time.monotonic() - self._marked_at > MARKS_SECONDS:
            try:
                self._marked, self._marked_at = self._marks.position(), time.monotonic()
            except Refused as refusal:
                self._tell(refusal.message)
        return self._marked

    def _tell(self, problem: str) -> None:
        if problem and not self.problem:
            log.warning("waiting: %s", problem)
        self.problem = problem
