"""What asking and filling the tables over HTTP costs, beside the engine in the same process."""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from infra.benches.rebuild import fill
from infra.clickhouse.endpoint.accounts import Accounts
from infra.clickhouse.endpoint.serving import serving
from infra.clickhouse.engine import ChdbEngine, Engine
from infra.clickhouse.http_engine import HttpEngine
from infra.clickhouse.rebuilding import rebuild
from infra.clickhouse.schema import prepare
from infra.clickhouse.tables import insert_settings, physical, stored_columns
from infra.commands.listening import listen, shown
from infra.event_store.shares import SqliteAddress
from projections.events import EVENTS
from projections.statements import statements

BATCH = 10_000
ASKED = 300
ROUNDS = 3
SMALL = "SELECT unit, sum(points), count() FROM scores GROUP BY unit ORDER BY 2 DESC LIMIT 20"


def bench_http(events: int) -> dict[str, Any]:
    """Rows per second of the event rows of a synthetic city, inserted in batches and read back
    whole, and milliseconds of a small question; ratios are HTTP to direct. Client and server share
    this process, so that HTTP looks worse here than it does between two."""
    with TemporaryDirectory(prefix="duban-bench-") as directory:
        store = Path(directory) / "events.sqlite"
        stored = fill(store, events)
        with (
            closing(ChdbEngine(Path(directory) / "tables")) as direct,
            listen("127.0.0.1", 0) as listener,
        ):
            prepare(direct)
            rebuild(direct, SqliteAddress(store), stored)
            accounts = Accounts({"analyst": "a", "sink": "s"})
            with (
                serving(direct.path, accounts, listener),
                closing(HttpEngine(f"http://sink:s@{shown(listener)}/duban")) as http,
            ):
                return {"bench": "http", "events": stored, **_compared(direct, http)}


def _compared(direct: Engine, http: Engine) -> dict[str, Any]:
    rows = _rows(direct)
    figures: dict[str, Any] = {}
    for name, measure in (
        ("insert_rows_per_second", lambda engine: _inserting(engine, rows)),
        ("read_rows_per_second", _reading),
        ("small_question_ms", _asking),
    ):
        taken = [(measure(direct), measure(http)) for _ in range(ROUNDS)]
        one, other = (statistics.median(each) for each in zip(*taken, strict=True))
        figures |= {f"direct_{name}": round(one, 2), f"http_{name}": round(other, 2)}
        figures[f"{name.partition('_')[0]}_ratio"] = round(other / one, 2)
    return figures


def _rows(engine: Engine) -> Sequence[pa.Table]:
    name = physical(EVENTS)
    with engine.client() as client:
        columns = ", ".join(f"`{column}`" for column in stored_columns(client, name))
        whole = client.query_arrow(f"SELECT {columns} FROM {name} ORDER BY position")
    return [whole.slice(at, BATCH) for at in range(0, whole.num_rows, BATCH)]


def _inserting(engine: Engine, batches: Sequence[pa.Table]) -> float:
    with engine.client() as client:
        client.command("DROP TABLE IF EXISTS bench SYNC")
        client.command(engine.layout.table(statements("events")["table"], "bench"))

        def insert() -> int:
            for number, batch in enumerate(batches):
                client.insert_arrow("bench", batch, settings=insert_settings(str(number)))
            return sum(batch.num_rows for batch in batches)

        return _per_second(insert)


def _reading(engine: Engine) -> float:
    def read() -> int:
        with engine.client() as client:
            return int(client.query_arrow(f"SELECT * FROM {physical(EVENTS)}").num_rows)

    return _per_second(read)


def _asking(engine: Engine) -> float:
    took = []
    with engine.client() as client:
        for _ in range(ASKED):
            started = time.perf_counter()
            client.query(SMALL)
            took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)


def _per_second(work: Callable[[], int]) -> float:
    started = time.perf_counter()
    rows = work()
    return rows / (time.perf_counter() - started)
