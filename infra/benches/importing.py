"""How fast a city's own records become rows that can be queried, and where the time goes."""

import csv
import gzip
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apsw

from domain.catalogue import DECIDERS
from domain.deciding import Desk
from domain.registry import Registry
from infra.bundled import calendars_for
from infra.clocks import SystemClock
from infra.commands.importing import import_files
from infra.embedded import embedded
from infra.event_store import SqliteEventStore
from infra.importing.loading import load_mapping
from infra.importing.running import run_import
from infra.importing.summary import Summary
from infra.settings import Settings

MAPPING = "dinesafe"
EVENTS_A_YEAR = 63_000
# What the import commits at once, on average, when it has the machine for itself.
ROWS_A_COMMIT = 400

_SCHEMA = Path(__file__).parents[1] / "event_store" / "schema.sql"
_TABLES = {"streams": 3, "types": 2, "events": 7, "commands": 4}


def bench_import(events: int, folder: Path | None = None) -> dict[str, Any]:
    """The bundled records of a year, and for more ``events`` the same visits in the years before,
    imported into an empty city in ``folder`` (its disk counts; the system's temporary directory if
    None). First with the read tables following in the same process until all can be queried;
    then, for where the time goes, into the event store alone. Raw is SQLite storing the very same
    rows, already encoded, with the same durability."""
    with TemporaryDirectory(dir=folder, prefix="duban-bench-") as directory:
        path = Path(directory)
        records = _records(path / "records.csv", max(1, round(events / EVENTS_A_YEAR)))
        whole, seconds = _into_tables(path / "city", records)
        alone = _into_store(path / "events.sqlite", records)
        raw = _raw(path / "events.sqlite", path / "raw.sqlite")
    into_tables = whole.events / seconds
    return {
        "bench": "import",
        "rows": whole.rows,
        "events": whole.events,
        "queryable_events_per_second": round(into_tables),
        "stored_events_per_second": round(alone.events_per_second),
        "raw_sqlite_events_per_second": round(raw),
        "queryable_ratio": round(into_tables / raw, 3),
        "stored_ratio": round(alone.events_per_second / raw, 3),
        **{f"alone_{name}_seconds": round(took, 2) for name, took in alone.seconds.items()},
        **{f"whole_{name}_seconds": round(took, 2) for name, took in whole.seconds.items()},
        "whole_seconds": round(seconds, 2),
    }


def _records(path: Path, years: int) -> Path:
    """The same visits each year back, under other ids, oldest last: order is not the file's."""
    sample = resources.files("infra") / "samples" / "dinesafe.2012.csv.gz"
    with resources.as_file(sample) as packed, gzip.open(packed, "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        for back in range(years):
            writer.writerows(_earlier(rows, back))
    return path


def _earlier(rows: list[dict[str, str]], back: int) -> Iterator[dict[str, str]]:
    for row in rows:
        day = date.fromisoformat(row["Inspection Date"])
        day = day.replace(year=day.year - back, day=min(day.day, 28) if back else day.day)
        number = int(row["Inspection ID"]) - back * 10_000_000
        yield row | {"Inspection Date": day.isoformat(), "Inspection ID": str(number)}


def _into_tables(folder: Path, records: Path) -> tuple[Summary, float]:
    runtime = embedded(Settings(data_dir=folder))
    try:
        started = time.perf_counter()
        summary = import_files(runtime, [records], load_mapping(MAPPING))
        return summary, time.perf_counter() - started
    finally:
        runtime.close()


def _into_store(path: Path, records: Path) -> Summary:
    clock = SystemClock()
    with closing(SqliteEventStore.open(path, clock, Registry())) as store:
        desk = Desk(store, clock, DECIDERS, calendars_for)
        return run_import([records], load_mapping(MAPPING), desk, store)


def _raw(source: Path, target: Path) -> float:
    """Events per second of SQLite alone."""
    with closing(apsw.Connection(str(source))) as read:
        rows = {
            table: [tuple(row) for row in read.execute(f"SELECT * FROM {table}")]
            for table in _TABLES
        }
    with closing(apsw.Connection(str(target))) as write:
        write.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        write.execute(_SCHEMA.read_text(encoding="utf-8"))
        started = time.perf_counter()
        commits = max(1, len(rows["events"]) // ROWS_A_COMMIT)
        for commit in range(commits):
            write.execute("BEGIN IMMEDIATE")
            for table, width in _TABLES.items():
                size = -(-len(rows[table]) // commits)
                part = rows[table][commit * size : (commit + 1) * size]
                write.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", part)
            write.execute("COMMIT")
        return len(rows["events"]) / (time.perf_counter() - started)
