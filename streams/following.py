"""Follows the log inside this process: every new event goes into the read tables at once."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Literal, NamedTuple, Protocol

from domain.access.recording import STREAMS as RECORDS_OF_READING
from domain.errors import Refused
from domain.messages import Envelope
from streams.dead_letters import LOG, LetterBox
from streams.intake import Intake, Parcel
from streams.ports import RawEvent, RawLog, Tables, TablesUnavailable
from streams.projector import Projector
from streams.records import to_record
from streams.wire import Decoding

BATCH = 20_000
WAIT_SECONDS = 0.2
GATHER_SECONDS = 0.5
GLANCE_SECONDS = 0.02
REST_SECONDS = 0.05
CHECKPOINT_SECONDS = 1.0
ASK_SECONDS = 2.0
LONGEST_PAUSE = 5.0

State = Literal["stopped", "running", "retrying", "failed"]
Listener = Callable[[int, int, Sequence[Envelope]], None]


class Rider(Protocol):
    """Comes along with the follower and is shown every event before the tables are, in its thread;
    after a failure some events again. Whatever it meets, it raises nothing."""

    def take(self, raws: Sequence[RawEvent]) -> None: ...

    def rest(self) -> None:
        """There is nothing new at the moment."""


class Health(NamedTuple):
    """``failed``: the tables are not what they should be, and nothing more goes into them;
    ``retrying``: they cannot be written at the moment. ``problem`` says what is wrong in both, and
    that events are parked."""

    state: State
    position: int
    behind: int
    problem: str


class Follower:
    """One thread that reads the log from the tables' checkpoint on and applies it in batches.

    Listeners are called after each batch, in the follower's thread, with its first and last
    position and its events; they must be quick. An event that cannot be taken in is put into the
    ``box`` and holds only its own stream back. Raises ``Refused`` (``tables.ahead``).
    """

    def __init__(
        self, log: RawLog, projector: Projector, tables: Tables, decoding: Decoding, box: LetterBox,
        store_id: str,
    ) -> None:  # fmt: skip
        self._log = log
        self._tables = tables
        self._intake = Intake(projector, decoding, box, LOG)
        self._store_id = store_id
        self._opened = False
        self._asked_at = 0.0
        self._listeners: list[Listener] = []
        self._riders: list[Rider] = []
        self._moved = threading.Condition()
        self._waiting = 0
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

    def ride(self, rider: Rider) -> None:
        self._riders.append(rider)

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
        if self._position >= position or not timeout:
            return self._position >= position
        with self._moved:
            self._waiting += 1
            self._moved.wait_for(
                lambda: self._position >= position or self._state in ("stopped", "failed"), timeout
            )
            self._waiting -= 1
        return self._position >= position

    def health(self) -> Health:
        behind = max(0, self._log.last_position() - self._position)
        problem = self._problem or self._intake.problem
        return Health(self._state, self._position, behind, problem)

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
        if not self._opened:
            self._intake.open(self._position)
            self._opened = True
        self._do_what_is_asked()
        if not self._log.wait(self._position, WAIT_SECONDS):
            self._save_checkpoint()
            for rider in self._riders:
                rider.rest()
            return
        if not (raws := self._log.read_raw(self._position, BATCH)):
            return
        raws = self._gathered(raws)
        for rider in self._riders:
            rider.take(raws)
        taken = self._intake.take(raws, self._parcel)
        with self._moved:
            self._position = raws[-1][0]
            self._moved.notify_all()
        self._tell_of(raws[0][0], raws[-1][0], taken)
        if time.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
            self._save_checkpoint()

    def _gathered(self, raws: Sequence[RawEvent]) -> Sequence[RawEvent]:
        """Records of reading wait a moment for more of them: taking in each by itself would slow
        down whoever reads. Whatever else happens, and whoever waits for them, ends that."""
        until = time.monotonic() + GATHER_SECONDS
        while len(raws) < BATCH and all(raw[1].startswith(RECORDS_OF_READING) for raw in raws):
            left = until - time.monotonic()
            if left <= 0 or self._waiting or self._stop.is_set():
                break
            if self._log.wait(raws[-1][0], min(left, GLANCE_SECONDS)):
                raws = [*raws, *self._log.read_raw(raws[-1][0], BATCH - len(raws))]
        return raws

    def _do_what_is_asked(self) -> None:
        """About parked events, by an operator; not with every batch."""
        if not self._intake.parked or time.monotonic() - self._asked_at < ASK_SECONDS:
            return
        if taken := self._intake.again(self._position):
            self._tell_of(taken[0].position, taken[-1].position, taken)
        self._asked_at = time.monotonic()

    def _parcel(self, raw: RawEvent) -> Parcel:
        record = to_record(raw, self._store_id)
        return Parcel(raw[0], record.key, record.value, tuple(record.headers))

    def _tell_of(self, first: int, last: int, envelopes: Sequence[Envelope]) -> None:
        for listener in self._listeners:
            listener(first, last, envelopes)

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
