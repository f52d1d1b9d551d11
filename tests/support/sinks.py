"""A sink in this process, and events put on a topic for it."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kafka import KafkaProducer

from infra.clickhouse.engine import Engine
from infra.clocks import SystemClock
from infra.kafka.consuming import KafkaSink
from infra.kafka.topics import Topics
from infra.lines import Lines, prepare_for_sinks
from streams.ports import RawEvent
from streams.records import to_record
from tests.support.memory_log import MemoryLog

SOON = 30.0


@contextmanager
def sinking(
    engine: Engine, bootstrap: str, topics: Topics, log: MemoryLog, session: float = 6.0
) -> Iterator[KafkaSink]:
    """``log`` is where policies are looked up that other partitions have brought."""
    prepare_for_sinks(engine)
    lines = Lines(engine, lambda: log.load_kind("policy"), SystemClock())
    sink, stopping = KafkaSink(bootstrap, topics, lines, session), threading.Event()
    thread = threading.Thread(target=sink.run, args=(stopping,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        stopping.set()
        thread.join()


def publish(bootstrap: str, topics: Topics, events: Sequence[RawEvent]) -> None:
    """As the relay does, as far as a reader can see."""
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","), metrics_enabled=False)
    try:
        sent = []
        for event in events:
            key, value, headers, timestamp = to_record(event, "city")
            sent.append(producer.send(topics.events, value, key, headers, None, timestamp))
        for each in sent:  # flushing alone may return too early
            each.get(timeout=SOON)
    finally:
        producer.close()


def wait_until(done: Callable[[], bool], seconds: float = SOON) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
