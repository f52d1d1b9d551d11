"""Follows the log inside this process: every new event goes into the read tables at once."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Literal, NamedTuple

from domain.errors import Refused
from domain.messages import Envelope
from streams.ports import RawLog, Tables, TablesUnavailable
from streams.projector import Poisoned, Projector
from streams.wire import Decoding, Unreadable

BATCH = 20_000
WAIT_SECONDS = 0.2
REST_SECONDS = 0.05
CHECKPOINT_SECONDS = 1.0
LONGEST_PAUSE = 5.0

State = Literal["stopped", "running", "retrying", "failed"]
Listener = Callable[[int, int, Sequence[Envelope]], None]


class Health(NamedTuple):
    """``failed``: an event cannot be taken in and nothing after it will be; ``retrying``: the
    tables cannot be written at the moment. ``problem`` says what is wrong in both."""

    state: State
    position: int
    behind: int
    problem: str


class Follower:
    """One thread that reads the log from the tables' checkpoint on and applies it in batches.

    Listeners are called after each batch, in the follower's thread, with its first and last
    position and its events; they must be quick. Raises ``Refused`` (``tables.ahead``).
    """

    def __init__(
        self, log: RawLog, projector: Projector, tables: Tables, decoding: Decoding
    ) -> None:
        self._log = log
        self._projector = projector
        self._tables = tables
        self._decoding = decoding
        self._listeners: list[Listener] = []
        self._moved = threading.Condition()
        self._stop = threading.Event()
        self._resting = threading.Event()
        self._position = self._saved = tables.checkpoint()
        if self._position > log.last_position():
            raise Refused(
                "tables.ahead",
                f"the read tables hold {self._position} events and the log only "
                f"{log.last_position()}: rebuild the tables",
            )
        self._saved_at = time.monotonic()
        self._state: State = "stopped"
        self._problem = ""
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def start(self) -> None:
        self._state = "running"
        self._thread.start()

    def stop(self) -> None:
        """Returns when the batch at work is written and noted; does nothing if not started."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Meanwhile nothing is taken in, which leaves the processor to whoever fills the log: an
        import of many events and taking them in afterwards is faster than both at once."""
        self._resting.set()
        try:
            yield
        finally:
            self._resting.clear()

    @property
    def position(self) -> int:
        """Up to here the tables hold everything."""
        return self._position

    def wait_for(self, position: int, timeout: float) -> bool:
        """Block until the tables hold ``position`` (True); False once ``timeout`` seconds have
        passed or the follower has ended."""
        with self._moved:
            self._moved.wait_for(
                lambda: self._position >= position or self._state in ("stopped", "failed"), timeout
            )
        return self._position >= position

    def health(self) -> Health:
        behind = max(0, self._log.last_position() - self._position)
        return Health(self._state, self._position, behind, self._problem)

    def _run(self) -> None:
        pause = 0.05
        while not self._stop.is_set():
            if self._resting.is_set():
                self._stop.wait(REST_SECONDS)
                continue
            try:
                self._step()
            except TablesUnavailable as error:
                self._tell("retrying", str(error))
                self._stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception as error:  # nobody above this thread could tell it to anybody
                self._tell("failed", str(error) or repr(error))
                return
            else:
                pause = 0.05
                if self._state == "retrying":
                    self._tell("running", "")
        with suppress(TablesUnavailable):
            self._save_checkpoint()
        self._tell("stopped", "")

    def _step(self) -> None:
        if not self._log.wait(self._position, WAIT_SECONDS):
            self._save_checkpoint()
            return
        unreadable: Unreadable | None = None
        try:
            steps = self._decoding.steps(self._log.read_raw(self._position, BATCH))
        except Unreadable as error:  # what comes before it is good
            unreadable, steps = error, error.steps
        try:
            self._projector.apply(steps)
        except Poisoned as error:
            good = [s for s in steps if s.envelope.position < error.position]
            self._projector.apply(good)
            self._advance([step.envelope for step in good])
            raise
        self._advance([step.envelope for step in steps])
        if unreadable is not None:
            raise unreadable
        if time.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
            self._save_checkpoint()

    def _advance(self, envelopes: Sequence[Envelope]) -> None:
        if not envelopes:
            return
        with self._moved:
            self._position = envelopes[-1].position
            self._moved.notify_all()
        for listener in self._listeners:
            listener(envelopes[0].position, envelopes[-1].position, envelopes)

    def _save_checkpoint(self) -> None:
        """Not with every batch: after a crash the last second is applied again, to no effect."""
        if self._saved != self._position:
            self._tables.save_checkpoint(self._position)
            self._saved = self._position
        self._saved_at = time.monotonic()

    def _tell(self, state: State, problem: str) -> None:
        with self._moved:
            self._state, self._problem = state, problem
            self._moved.notify_all()
