"""How fast all read tables come from the log, beside inserting the same finished rows."""

import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from domain.registry import Registry
from infra.benches.city_log import city_log
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.rebuilding import rebuild
from infra.clickhouse.schema import beside, create, drop_beside, prepare
from infra.clickhouse.tables import insert_settings, physical
from infra.clocks import SystemClock
from infra.event_store import SqliteEventStore
from infra.event_store.shares import SqliteAddress
from projections.catalogue import PROJECTIONS

APPENDS = 2_000  # stored together
BLOCK = 60_000  # rows per insert


def bench_rebuild(events: int, folder: Path | None = None) -> dict[str, Any]:
    """Events per second for all tables of a synthetic city. Raw means the very rows that came
    out, ready in memory in the engine's fastest format, inserted table by table with the same
    durability: what no program that fills these tables can beat."""
    with TemporaryDirectory(dir=folder, prefix="duban-bench-") as directory:
        store = Path(directory) / "events.sqlite"
        stored = fill(store, events)
        with closing(ChdbEngine(Path(directory) / "tables")) as engine:
            prepare(engine)
            started = time.perf_counter()
            rebuild(engine, SqliteAddress(store), stored)
            took = time.perf_counter() - started
            rows, raw = raw_inserts(engine, BLOCK)
    return {
        "bench": "rebuild",
        "events": stored,
        "rows": rows,
        "seconds": round(took, 2),
        "events_per_second": round(stored / took),
        "raw_seconds": round(raw, 2),
        "raw_events_per_second": round(stored / raw),
        "ratio": round(raw / took, 2),
    }


def fill(path: Path, events: int) -> int:
    with closing(SqliteEventStore.open(path, SystemClock(), Registry())) as store:
        appends = city_log(events)
        while batch := list(islice(appends, APPENDS)):
            store.append(batch)
        return store.last_position()


def raw_inserts(engine: ChdbEngine, block: int) -> tuple[int, float]:
    """How many rows all tables hold, and the seconds their inserts take, ``block`` at a time."""
    drop_beside(engine, PROJECTIONS)
    rows, took = 0, 0.0
    for projection in PROJECTIONS:
        with engine.client() as client:
            create(engine, projection, beside(projection))
            ready: pa.Table = client.query_arrow(
                f"SELECT {', '.join(projection.row.__struct_fields__)} FROM {physical(projection)}"
            )
            started = time.perf_counter()
            for start in range(0, ready.num_rows, block):
                client.insert_arrow(
                    beside(projection),
                    ready.slice(start, block),
                    settings=insert_settings(f"raw/{start}"),
                )
            took += time.perf_counter() - started
        rows += ready.num_rows
    drop_beside(engine, PROJECTIONS)
    return rows, took
