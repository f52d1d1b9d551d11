"""How soon an event is on an open board in server mode, with events coming at a steady rate."""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from queue import Queue
from typing import Any

from domain.errors import Refused
from domain.messages import Append, Appended
from domain.registry import Registry
from infra.benches.city_log import city_log
from infra.benches.serving import get, listen, served
from infra.benches.timing import spread
from infra.clocks import SystemClock
from infra.event_store.postgres.store import PostgresEventStore
from infra.settings import SERVERS, from_environment

A_SECOND = 500
TICK_SECONDS = 0.02
SETTLED_SECONDS = 120.0
FOUNDING = 4_500  # events that make the city, before anything is measured


def bench_through(events: int) -> dict[str, Any]:
    """Milliseconds from the store's acknowledgement of an append to the news, on a stream of live
    changes, that the tables in ClickHouse hold it; raw: a round trip to the same server. Needs a
    store with nothing in it, a relay and sinks, and no worker, who would react to what is made up.
    Raises ``Refused`` (``bench.server``)."""
    settings = from_environment()
    if settings.mode != "server":
        raise Refused("bench.server", f"set DUBAN_MODE=server and {', '.join(SERVERS)}")
    store = PostgresEventStore.open(settings.postgres, SystemClock(), Registry())
    with closing(store), served(settings) as (_, connection):
        if store.last_position():
            raise Refused("bench.server", "this writes a made-up log: name a store without events")
        told: Queue[tuple[int, float]] = Queue()
        threading.Thread(target=listen, args=(connection, told), daemon=True).start()
        log = city_log(FOUNDING + events)
        founded = _append(store, _taken(log, FOUNDING))
        _reached(told, founded)
        raw = []
        for _ in range(50):
            started = time.perf_counter()
            get(connection, "/health")
            raw.append(time.perf_counter() - started)
        acknowledged, seconds = _paced(store, log)
        heard = _heard(told, acknowledged[-1][0])
    shown = _delays(acknowledged, heard)
    return {
        "bench": "through",
        "events": acknowledged[-1][0] - founded,
        "events_per_second": round((acknowledged[-1][0] - founded) / seconds),
        **spread("raw_round_trip", raw),
        **spread("shown", shown),
        "shown_worst_ms": round(max(shown) * 1000, 1),
        "through_ratio": round(statistics.median(shown) / statistics.median(raw), 2),
    }


def _taken(log: Iterator[Append], events: int) -> list[Append]:
    """At least so many events, while there are any."""
    taken: list[Append] = []
    for append in log:
        taken.append(append)
        events -= sum(len(stream.events) for stream in append.streams)
        if events <= 0:
            break
    return taken


def _append(store: PostgresEventStore, appends: list[Append]) -> int:
    last = 0
    remaining = iter(appends)
    while batch := list(islice(remaining, 1_000)):
        for answer in store.append(batch):
            assert isinstance(answer, Appended), answer
            last = answer.last_position
    return last


def _paced(
    store: PostgresEventStore, log: Iterator[Append]
) -> tuple[list[tuple[int, float]], float]:
    """Positions with the moments they were acknowledged at, and how long it took in all."""
    acknowledged = []
    begun = due = time.perf_counter()
    while appends := _taken(log, round(A_SECOND * TICK_SECONDS)):
        acknowledged.append((_append(store, appends), time.perf_counter()))
        due += sum(len(s.events) for a in appends for s in a.streams) / A_SECOND
        time.sleep(max(0.0, due - time.perf_counter()))
    return acknowledged, time.perf_counter() - begun


def _reached(told: "Queue[tuple[int, float]]", position: int) -> None:
    while told.get(timeout=SETTLED_SECONDS)[0] < position:
        pass


def _heard(told: "Queue[tuple[int, float]]", position: int) -> list[tuple[int, float]]:
    heard = [told.get(timeout=SETTLED_SECONDS)]
    while heard[-1][0] < position:
        heard.append(told.get(timeout=SETTLED_SECONDS))
    return heard


def _delays(acknowledged: list[tuple[int, float]], heard: list[tuple[int, float]]) -> list[float]:
    delays, later = [], iter(heard)
    reached, at = next(later)
    for position, when in acknowledged:
        while reached < position:
            reached, at = next(later)
        delays.append(max(0.0, at - when))
    return delays
