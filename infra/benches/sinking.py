"""How fast a sink brings events from the topic into the tables, beside inserting the same rows."""

import threading
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from domain.registry import Registry
from infra.benches.city_log import city_log
from infra.benches.rebuild import raw_inserts
from infra.benches.relaying import brokers
from infra.clickhouse.engine import ChdbEngine
from infra.clocks import SystemClock
from infra.event_store import SqliteEventStore
from infra.kafka.consuming import KafkaSink
from infra.kafka.publishing import KafkaPublishing
from infra.kafka.topics import Topics
from infra.lines import Lines, prepare_for_sinks
from infra.settings import Settings, from_environment
from streams.relay import Relay
from streams.sink import ROWS

PARTITIONS = 4
APPENDS = 2_000  # stored together
GLANCE_SECONDS = 0.01


def bench_sink(events: int, settings: Settings | None = None) -> dict[str, Any]:
    """Events per second of one sink with all partitions, over the engine in this process, once it
    has written its first batch. Raw means the very rows that came out, ready in memory in the
    engine's fastest format, inserted table by table in batches of as many. Uses the Kafka that
    DUBAN_KAFKA names, or starts one broker."""
    settings, topics = settings or from_environment(), Topics(f"bench.{uuid4().hex[:12]}.")
    with (
        TemporaryDirectory(prefix="duban-bench-") as folder,
        brokers(settings) as bootstrap,
        closing(_filled(Path(folder) / "events.sqlite", events)) as store,
        closing(ChdbEngine(Path(folder) / "tables")) as engine,
    ):
        events = _carried(bootstrap, topics, store)
        prepare_for_sinks(engine)
        lines = Lines(engine, lambda: store.load_kind("policy"), SystemClock())
        sink = KafkaSink(bootstrap, topics, lines)
        first, took = _sunk(sink, events)
        rows, raw = raw_inserts(engine, ROWS)
    return {
        "bench": "sink",
        "events": events,
        "rows": rows,
        "partitions": PARTITIONS,
        "batches": sink.batches,
        "events_per_second": round((events - first) / took),
        "raw_events_per_second": round(events / raw),
        "ratio": round((events - first) / took * raw / events, 2),
    }


def _filled(path: Path, events: int) -> SqliteEventStore:
    store, appends = SqliteEventStore.open(path, SystemClock(), Registry()), city_log(events)
    while batch := list(islice(appends, APPENDS)):
        store.append(batch)
    return store


def _carried(bootstrap: str, topics: Topics, store: SqliteEventStore) -> int:
    with closing(KafkaPublishing(bootstrap, topics, PARTITIONS, store.store_id())) as publishing:
        relay = Relay(store, publishing)
        while relay.position < store.last_position():
            relay.step()
    return store.last_position()


def _sunk(sink: KafkaSink, events: int) -> tuple[int, float]:
    """How many events the first batch had, and the seconds the others took."""
    stopping = threading.Event()
    thread = threading.Thread(target=sink.run, args=(stopping,), daemon=True)
    thread.start()
    try:
        while not sink.events and thread.is_alive():
            time.sleep(GLANCE_SECONDS)
        first, started = sink.events, time.perf_counter()
        while sink.events < events and thread.is_alive():
            time.sleep(GLANCE_SECONDS)
        return first, time.perf_counter() - started
    finally:
        stopping.set()
        thread.join()
