"""A store that is being written to, relays that are processes, and what arrived in Kafka."""

import os
import signal
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from kafka import KafkaConsumer, TopicPartition

from domain.cases.events import CaseFiled
from domain.messages import Append, Appended, Envelope, Metadata, StreamEvents
from domain.registry import Registry
from infra.clocks import SystemClock
from infra.event_store import SqliteEventStore
from infra.kafka.topics import Topics
from infra.settings import Settings
from streams.ports import RawEvent
from streams.records import from_record
from tests.support.program import start

MOMENT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
STREAMS = 97


class Writable(Protocol):
    def append(self, appends: Sequence[Append]) -> Sequence[object]: ...

    def read(self, after: int, limit: int) -> Sequence[Envelope]: ...


class Writer:
    """Gives a store's streams one event after the other; goes on with what is there."""

    def __init__(self, store: Writable) -> None:
        self._store = store
        self._versions: dict[str, int] = defaultdict(int)
        self.written = 0
        for envelope in store.read(0, 1_000_000):
            self._versions[envelope.stream_id] = envelope.version
            self.written += 1

    def write(self, events: int, said: str = "x") -> None:
        appends = []
        for _ in range(events):
            self.written += 1
            stream = f"case-{self.written * 31 % STREAMS}"
            metadata = Metadata(actor="officer", occurred_at=MOMENT)
            filed = StreamEvents(
                stream, self._versions[stream], [(CaseFiled(standard=said), metadata)]
            )
            appends.append(Append(f"{said}/{self.written}", "digest", [filed]))
            self._versions[stream] += 1
        for answer in self._store.append(appends):
            assert isinstance(answer, Appended), answer

    @contextmanager
    def steadily(self, a_second: int) -> Iterator[None]:
        """Writes in a thread until the block ends."""
        done = threading.Event()

        def writing() -> None:
            while not done.wait(0.02):
                self.write(a_second // 50)

        thread = threading.Thread(target=writing)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


@contextmanager
def file_store(folder: Path) -> Iterator[SqliteEventStore]:
    path = Settings(data_dir=folder).events_file
    store = SqliteEventStore.open(path, SystemClock(), Registry())
    try:
        yield store
    finally:
        store.close()


class RelayProcesses:
    """Starts ``duban relay`` and leaves none behind."""

    def __init__(self, *arguments: object) -> None:
        self._arguments = arguments
        self.running: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        process = start("relay", *self._arguments)
        self.running.append(process)
        return process

    def close(self) -> None:
        for process in self.running:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
            process.communicate()


def eventually(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it has not come about"
        time.sleep(0.05)


def arrived(bootstrap: str, topics: Topics, committed: bool = True) -> list[list[RawEvent]]:
    """The events of each partition in their order, for a reader of what is committed (or of all
    that was ever sent)."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        isolation_level="read_committed" if committed else "read_uncommitted",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    try:
        numbers = sorted(consumer.partitions_for_topic(topics.events) or ())
        parts = [TopicPartition(topics.events, number) for number in numbers]
        consumer.assign(parts)
        ends = consumer.end_offsets(parts)
        found: dict[TopicPartition, list[RawEvent]] = {part: [] for part in parts}
        deadline = time.monotonic() + 30
        while any(consumer.position(part) < ends[part] for part in parts):
            assert time.monotonic() < deadline, "the topic cannot be read to its end"
            for part, records in consumer.poll(timeout_ms=500).items():
                found[part] += [from_record(r.key, r.value, r.headers) for r in records]
        return [found[part] for part in parts]
    finally:
        consumer.close()


def require_each_once(partitions: list[list[RawEvent]], written: int) -> None:
    """Nothing lost, nothing doubled, every stream in one partition and in its order."""
    positions = sorted(event[0] for events in partitions for event in events)
    assert len(positions) == len(set(positions)), "an event has arrived twice"
    assert positions == list(range(1, written + 1)), "an event is missing"
    homes: dict[str, int] = {}
    versions: dict[str, int] = defaultdict(int)
    for number, events in enumerate(partitions):
        assert [event[0] for event in events] == sorted(event[0] for event in events)
        for _, stream, version, *_ in events:
            assert homes.setdefault(stream, number) == number, f"{stream} is in two partitions"
            versions[stream] += 1
            assert version == versions[stream], f"{stream} is out of order"
