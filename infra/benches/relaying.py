"""How fast events get into Kafka, beside what Kafka's client does with the same records."""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from kafka import KafkaProducer

from domain.registry import Registry
from infra.benches.append import case_appends
from infra.clocks import SystemClock
from infra.event_store import SqliteEventStore
from infra.kafka.creating import ensure_topics
from infra.kafka.publishing import KafkaPublishing, transactional_producer
from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from infra.settings import Settings, from_environment
from streams.records import Record, to_record
from streams.relay import BATCH, Relay

ROUNDS = 3
PARTITIONS = 4
SINGLES = 101
MILLISECONDS = 1000


def bench_relay(events: int, settings: Settings | None = None) -> dict[str, Any]:
    """Events per second, medians over rounds in which both are measured in turn: the relay reads
    them from an event store and writes them in transactions of at most ``batch``; raw is a
    transactional producer with the same settings that sends the same records, ready made, in
    transactions of the same size. ``single_ms`` is how long one event takes from its append to the
    end of its transaction. Uses the Kafka that DUBAN_KAFKA names, or starts one broker."""
    settings = settings or from_environment()
    events = events // 3 * 3
    rounds: list[dict[str, float]] = []
    with brokers(settings) as bootstrap, _filled(events) as store:
        for _ in range(ROUNDS):
            rounds.append(_relay(bootstrap, store, events))
            records = [to_record(each, store.store_id()) for each in store.read_raw(0, events)]
            rounds[-1] |= _raw(bootstrap, records)
        singles = _singles(bootstrap)
    median = {name: statistics.median(found[name] for found in rounds) for name in rounds[0]}
    return {
        "bench": "relay",
        "events": events,
        "rounds": ROUNDS,
        "batch": BATCH,
        "partitions": PARTITIONS,
        **{name: round(value) for name, value in median.items()},
        "ratio": round(median["relay"] / median["raw"], 2),
        "single_ms_p50": round(statistics.median(singles) * MILLISECONDS, 1),
        "single_ms_p99": round(statistics.quantiles(singles, n=100)[98] * MILLISECONDS, 1),
    }


@contextmanager
def brokers(settings: Settings) -> Iterator[str]:
    if settings.kafka:
        yield settings.kafka
        return
    with TemporaryDirectory(prefix="duban-bench-") as directory:
        kafka = LocalKafka(Path(directory) / "kafka")
        kafka.create(1)
        try:
            kafka.start()
            yield kafka.bootstrap
        finally:
            kafka.delete()


@contextmanager
def _filled(events: int) -> Iterator[SqliteEventStore]:
    with TemporaryDirectory(prefix="duban-bench-") as directory:
        path = Path(directory) / "events.sqlite"
        with closing(SqliteEventStore.open(path, SystemClock(), Registry())) as store:
            store.append(case_appends(events // 3, 3))
            yield store


def _fresh() -> Topics:
    return Topics(f"bench.{uuid4().hex[:12]}.")


def _relay(bootstrap: str, store: SqliteEventStore, events: int) -> dict[str, float]:
    publishing = KafkaPublishing(bootstrap, _fresh(), PARTITIONS, store.store_id())
    with closing(publishing):
        relay = Relay(store, publishing)
        relay.step()  # takes over and carries the first batch
        first, started = relay.position, time.perf_counter()
        while relay.position < events:
            relay.step()
        return {"relay": (events - first) / (time.perf_counter() - started)}


def _raw(bootstrap: str, records: Sequence[Record]) -> dict[str, float]:
    topics = _fresh()
    ensure_topics(bootstrap, topics, PARTITIONS)
    with closing(transactional_producer(bootstrap, f"bench.{uuid4().hex}")) as producer:
        producer.init_transactions()
        _send(producer, topics.events, records[:BATCH])
        started = time.perf_counter()
        for first in range(BATCH, len(records), BATCH):
            _send(producer, topics.events, records[first : first + BATCH])
        return {"raw": (len(records) - BATCH) / (time.perf_counter() - started)}


def _send(producer: KafkaProducer, topic: str, records: Sequence[Record]) -> None:
    producer.begin_transaction()
    for key, value, headers, timestamp in records:
        producer.send(topic, value, key, headers, None, timestamp)
    producer.commit_transaction()


def _singles(bootstrap: str) -> list[float]:
    found = []
    with _filled(0) as store:
        publishing = KafkaPublishing(bootstrap, _fresh(), PARTITIONS, store.store_id())
        with closing(publishing):
            relay = Relay(store, publishing)
            for append in case_appends(SINGLES, 1):
                started = time.perf_counter()
                store.append([append])
                relay.step()
                found.append(time.perf_counter() - started)
    return found[1:]  # the first one took over
