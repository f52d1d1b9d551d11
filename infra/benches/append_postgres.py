"""How fast appends become durable in PostgreSQL, beside what it does itself with the same rows."""

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo

from domain.messages import Append
from domain.registry import Registry
from infra.clocks import SystemClock
from infra.event_store.postgres import PostgresEventStore
from infra.event_store.postgres.connections import connected
from infra.event_store.postgres.migrating import migrate

CALLERS = 64
ROUNDS = 3

_INSERTS = (
    "INSERT INTO duban.streams VALUES (%s, %s, %s)",
    "INSERT INTO duban.events VALUES (%s, %s, %s, %s, %s, %s, %s)",
    "INSERT INTO duban.commands VALUES (%s, %s, %s, %s)",
)

Rows = Sequence[Sequence[Sequence[tuple[Any, ...]]]]


def measure(
    conninfo: str, single: Sequence[Append], many: Sequence[Append], alone: Rows, grouped: Rows
) -> dict[str, float]:
    """Appends per second, medians over rounds in which all are measured in turn, each in a new
    database at ``conninfo`` that is dropped again. Raw means the same rows in the same tables with
    the same durability, one append per transaction (``alone``) or as many as there are callers
    (``grouped``), each transaction in one round trip."""
    rounds = []
    for _ in range(ROUNDS):
        with _fresh(conninfo) as place:
            found = {"postgres_single": _single(place, single)}
        with _fresh(conninfo) as place:
            found["postgres_raw_single"] = _raw(place, alone)
        with _fresh(conninfo) as place:
            found["postgres_threads_1"] = _threads(place, many)
        with _fresh(conninfo) as place:
            found["postgres_raw_grouped"] = _raw(place, grouped)
        rounds.append(found)
    median = {name: statistics.median(found[name] for found in rounds) for name in rounds[0]}
    ratios = {
        "postgres_single_ratio": median["postgres_single"] / median["postgres_raw_single"],
        "postgres_concurrent_ratio": median["postgres_threads_1"] / median["postgres_raw_grouped"],
    }
    return {name: round(value, 2) for name, value in (median | ratios).items()}


@contextmanager
def _fresh(conninfo: str) -> Iterator[str]:
    """Whoever measures must be allowed to make databases."""
    name = f"duban_bench_{uuid4().hex}"
    with connected(conninfo) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        place = make_conninfo(conninfo, dbname=name)
        try:
            migrate(place)
            yield place
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _single(place: str, appends: Sequence[Append]) -> float:
    with closing(PostgresEventStore.open(place, SystemClock(), Registry())) as store:
        started = time.perf_counter()
        for append in appends:
            store.append([append])
        return len(appends) / (time.perf_counter() - started)


def _threads(place: str, appends: Sequence[Append]) -> float:
    def call(mine: Sequence[Append]) -> None:
        for append in mine:
            store.append([append])

    with closing(PostgresEventStore.open(place, SystemClock(), Registry())) as store:
        threads = [
            threading.Thread(target=call, args=(appends[caller::CALLERS],))
            for caller in range(CALLERS)
        ]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(appends) / (time.perf_counter() - started)


def _raw(place: str, transactions: Rows) -> float:
    with psycopg.connect(place) as connection, connection.cursor() as cursor:
        started = time.perf_counter()
        for transaction in transactions:
            with connection.pipeline():
                for statement, rows in zip(_INSERTS, transaction, strict=True):
                    cursor.executemany(statement.encode(), rows)
                connection.commit()
        seconds = time.perf_counter() - started
    return sum(len(events) for _, events, _ in transactions) / seconds
