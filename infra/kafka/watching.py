"""Watches how far the sinks have filled the tables, and tells what has become visible."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.partitioner.default import murmur2

from domain.errors import Refused
from infra.kafka.topics import Topics
from streams.dead_letters import Source
from streams.following import Health, State
from streams.ports import RawLog, TablesUnavailable
from streams.progress import Progress
from streams.watermark import Watermark

POLL_MS = 200
PAGE = 5_000
KEPT = 50_000  # events waiting to become visible; the others are read when these are
LOOK_SECONDS = 1.0
SILENT_SECONDS = 45.0  # a sink that begins waits for its group, and reads what there is
PAUSE_SECONDS = 1.0
METADATA_MS = 5_000

Listener = Callable[[int, int, frozenset[str]], None]


class Told(msgspec.Struct, frozen=True):
    """What a sink tells: the newest position of a partition that the tables hold."""

    partition: int
    last: int


class Watcher:
    """``position``, ``wait_for`` and ``health`` as a follower has them, of tables that sinks fill
    in other processes. Listeners are called in the watcher's thread."""

    def __init__(
        self, log: RawLog, progress: Callable[[Source], Progress | None], bootstrap: str,
        topics: Topics,
    ) -> None:  # fmt: skip
        self._log, self._progress = log, progress
        self._bootstrap, self._topics = bootstrap, topics
        self._listeners: list[Listener] = []
        self._moved = threading.Condition()
        self._stop = threading.Event()
        self._position = 0
        self._moved_at = time.monotonic()
        self._state: State = "stopped"
        self._problem = ""
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def listen(self, listener: Listener) -> None:
        """``listener`` gets the first and last position, and the streams touched."""
        self._listeners.append(listener)

    def start(self) -> None:
        self._state = "running"
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """The tables are filled elsewhere: there is nothing to rest."""
        yield

    @property
    def position(self) -> int:
        """Up to here the tables hold everything."""
        return self._position

    def wait_for(self, position: int, timeout: float) -> bool:
        with self._moved:
            self._moved.wait_for(
                lambda: self._position >= position or self._state == "stopped", timeout
            )
        return self._position >= position

    def health(self) -> Health:
        behind = max(0, self._log.last_position() - self._position)
        silent = time.monotonic() - self._moved_at
        if behind and self._state == "running" and silent > SILENT_SECONDS:
            problem = f"no sink has taken anything in for {silent:.0f} s: see that duban sink runs"
            return Health("retrying", self._position, behind, problem)
        return Health(self._state, self._position, behind, self._problem)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with closing(self._connect()) as consumer:
                    self._watch(consumer)
            except (KafkaError, TablesUnavailable, Refused) as error:
                self._tell("retrying", f"the tables' progress cannot be followed: {error}")
                self._stop.wait(PAUSE_SECONDS)
        self._tell("stopped", "")

    def _connect(self) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap.split(","), enable_auto_commit=False,
            allow_auto_create_topics=False, metadata_max_age_ms=METADATA_MS, metrics_enabled=False,
        )  # fmt: skip

    def _watch(self, consumer: KafkaConsumer) -> None:
        partitions = consumer.partitions_for_topic(self._topics.events)
        if not partitions:
            raise Refused("kafka.topics", f"there is no topic {self._topics.events} yet")
        applied = TopicPartition(self._topics.applied, 0)
        consumer.assign([applied])
        consumer.seek_to_end(applied)
        consumer.position(applied)  # from here on nothing that is told is missed
        mark = self._mark(sorted(partitions))
        self._tell("running", "")
        looked_at = time.monotonic()
        while not self._stop.is_set():
            heard = consumer.poll(timeout_ms=POLL_MS).get(applied, ())
            for record in heard:
                self._hear(mark, record.value)
            if not heard and time.monotonic() - looked_at >= LOOK_SECONDS:
                # What is told may be lost; what is noted in the tables never is.
                looked_at = time.monotonic()
                for partition, position in self._noted(sorted(partitions)).items():
                    mark.hear(partition, position)
            self._go_on(mark)

    def _mark(self, partitions: list[int]) -> Watermark:
        noted = self._noted(partitions)
        known = min((noted.get(p, 0) for p in partitions), default=0)
        return Watermark(partitioning(len(partitions)), noted, known)

    def _noted(self, partitions: list[int]) -> Mapping[int, int]:
        found = {p: self._progress(Source(self._topics.events, p)) for p in partitions}
        return {p: progress.position for p, progress in found.items() if progress is not None}

    def _hear(self, mark: Watermark, value: bytes) -> None:
        try:
            told = msgspec.json.decode(value, type=Told)
        except msgspec.MsgspecError:  # a stranger's: what is noted counts
            return
        mark.hear(told.partition, told.last)

    def _go_on(self, mark: Watermark) -> None:
        while mark.waiting < KEPT and (events := self._log.read_raw(mark.read, PAGE)):
            mark.extend((event[0], event[1]) for event in events)
            self._show(mark)
        self._show(mark)

    def _show(self, mark: Watermark) -> None:
        advance = mark.advance()
        if mark.position > self._position:
            with self._moved:
                self._position, self._moved_at = mark.position, time.monotonic()
                self._moved.notify_all()
        if advance is not None:
            for listener in self._listeners:
                listener(*advance)

    def _tell(self, state: State, problem: str) -> None:
        with self._moved:
            self._state, self._problem = state, problem
            self._moved.notify_all()


def partitioning(partitions: int) -> Callable[[str], int]:
    """The partition a stream's events go to, as Kafka's own default says of their key."""

    def partition_of(stream: str) -> int:
        hashed: Any = murmur2(stream.encode())
        return int(hashed & 0x7FFFFFFF) % partitions

    return partition_of
