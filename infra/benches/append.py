"""How fast appends become durable, beside what SQLite itself does with the same rows."""

import asyncio
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apsw

from domain.cases.events import CaseDispatched, CaseFiled, CaseReported, Place
from domain.messages import Append, Event, Metadata, StreamEvents
from domain.registry import Registry
from infra.benches import append_postgres
from infra.clocks import SystemClock
from infra.event_store import SqliteEventStore
from infra.event_store.codec import Codec
from infra.settings import from_environment

CALLERS = 64
ROUNDS = 5
SINGLE_SHARE = 10  # one caller waits for the disk each time: a tenth of the events will do

_SCHEMA = Path(__file__).parents[1] / "event_store" / "schema.sql"
_INSERTS = (
    "INSERT INTO streams VALUES (?, ?, ?)",
    "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO commands VALUES (?, ?, ?, ?)",
)

Rows = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[tuple[Any, ...]]]


def bench_append(events: int, folder: Path | None = None) -> dict[str, Any]:
    """Events per second, medians over rounds in which all are measured in turn, in ``folder``
    (its disk counts; the system's temporary directory if None). ``threads_3`` are that many
    callers appending three events at a time, each a thread that waits for its answer; in
    ``loop_3`` they are coroutines. Raw means the same rows, already encoded, in the same tables
    with the same durability (WAL, synchronous FULL), in one thread: one append per transaction,
    or as many as there are callers. ``postgres_...``: the same where DUBAN_POSTGRES names one."""
    single = max(1, events // SINGLE_SHARE)
    rounds: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        with _fresh(folder) as path:
            found = {"single": _single(path, case_appends(single, 1))}
        with _fresh(folder) as path, closing(sqlite3.connect(path, isolation_level=None)) as db:
            found["raw_single_sqlite3"] = _raw(db, _rows(case_appends(single, 1), 1))
        with _fresh(folder) as path, closing(apsw.Connection(str(path))) as connection:
            found["raw_single_apsw"] = _raw(connection, _rows(case_appends(single, 1), 1))
        with _fresh(folder) as path, closing(apsw.Connection(str(path))) as connection:
            found["raw_grouped_apsw"] = _raw(connection, _rows(case_appends(events, 1), CALLERS))
        for size in (1, 3):
            with _fresh(folder) as path:
                found |= _threads(path, case_appends(events // size, size), size)
            with _fresh(folder) as path:
                found[f"loop_{size}"] = _loop(path, case_appends(events // size, size)) * size
        rounds.append(found)
    median = {name: statistics.median(found[name] for found in rounds) for name in rounds[0]}
    raw = max(median["raw_single_sqlite3"], median["raw_single_apsw"])
    return {
        "bench": "append",
        "events": events,
        "rounds": ROUNDS,
        "callers": CALLERS,
        **{name: round(value, 2) for name, value in median.items()},
        "single_ratio": round(median["single"] / raw, 2),
        "concurrent_ratio": round(median["threads_1"] / median["raw_grouped_apsw"], 2),
        **_in_postgres(events, single),
    }


def _in_postgres(events: int, single: int) -> dict[str, float]:
    """The same in PostgreSQL, where one is named."""
    conninfo = from_environment().postgres
    if not conninfo:
        return {}
    many = case_appends(events, 1)
    alone, grouped = _rows(many[:single], 1), _rows(many, CALLERS)
    return append_postgres.measure(conninfo, many[:single], many, alone, grouped)


@contextmanager
def _fresh(folder: Path | None) -> Iterator[Path]:
    with TemporaryDirectory(dir=folder, prefix="duban-bench-") as directory:
        yield Path(directory) / "events.sqlite"


def case_appends(count: int, size: int) -> list[Append]:
    """Reports of new cases of ``size`` (1 to 3) events each, with ids that sort by their time."""
    moment = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    follow: tuple[Event, ...] = (CaseFiled(standard="市容-3"), CaseDispatched(unit="street-17"))
    appends = []
    for number in range(count):
        reported = CaseReported(
            case_no=f"2026-{number:08d}", source="hotline", category="exposed-rubbish",
            text="小区东门外垃圾堆放三天无人清理", severity="significant",
            place=Place(grid="g-4366-7938", district="d-3", address="人民路 12 号"),
        )  # fmt: skip
        meta = Metadata(actor="operator-7", occurred_at=moment, policies=("9f86d081884c7d65" * 4,))
        events = [(event, meta) for event in (reported, *follow)[:size]]
        stream = StreamEvents(f"case-0M9{number:010d}", 0, events)
        appends.append(Append(f"0M9{number:010d}", "9f86d081884c7d65" * 4, [stream]))
    return appends


def _single(path: Path, appends: Sequence[Append]) -> float:
    with closing(SqliteEventStore.open(path, SystemClock(), Registry())) as store:
        started = time.perf_counter()
        for append in appends:
            store.append([append])
        return len(appends) / (time.perf_counter() - started)


def _threads(path: Path, appends: Sequence[Append], size: int) -> dict[str, float]:
    waits: list[float] = []

    def call(mine: Sequence[Append]) -> None:
        for append in mine:
            sent = time.perf_counter()
            store.append([append])
            waits.append(time.perf_counter() - sent)

    with closing(SqliteEventStore.open(path, SystemClock(), Registry())) as store:
        threads = [
            threading.Thread(target=call, args=(appends[caller::CALLERS],))
            for caller in range(CALLERS)
        ]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - started
    waits.sort()
    return {
        f"threads_{size}": len(appends) * size / seconds,
        f"threads_{size}_p50_ms": waits[len(waits) // 2] * 1000,
        f"threads_{size}_p99_ms": waits[len(waits) * 99 // 100] * 1000,
    }


def _loop(path: Path, appends: Sequence[Append]) -> float:
    """Coroutines whose appends are gathered while the batch before them is being written: one
    hand-over between threads per batch, not per append."""

    waiting: list[tuple[Append, asyncio.Future[object]]] = []
    writer: asyncio.Task[None] | None = None

    async def write() -> None:
        while batch := list(waiting):
            waiting.clear()
            answers = await asyncio.to_thread(store.append, [append for append, _ in batch])
            for (_, answered), answer in zip(batch, answers, strict=True):
                answered.set_result(answer)
            await asyncio.sleep(0)  # those just answered may send their next one

    async def call(mine: Sequence[Append]) -> None:
        nonlocal writer
        for append in mine:
            answered: asyncio.Future[object] = asyncio.get_running_loop().create_future()
            waiting.append((append, answered))
            if writer is None or writer.done():
                writer = asyncio.create_task(write())
            await answered

    async def run() -> None:
        await asyncio.gather(*(call(appends[caller::CALLERS]) for caller in range(CALLERS)))

    with closing(SqliteEventStore.open(path, SystemClock(), Registry())) as store:
        started = time.perf_counter()
        asyncio.run(run())
        return len(appends) / (time.perf_counter() - started)


def _rows(appends: Sequence[Append], group: int) -> list[Rows]:
    """The rows the store writes for these appends, ``group`` appends per transaction."""
    codec = Codec(Registry())
    transactions: list[Rows] = []
    for position, append in enumerate(appends, 1):
        if position % group == 1 % group:
            transactions.append(([], [], []))
        streams, events, commands = transactions[-1]
        for stream in codec.write(append).streams:
            ((version, _, data, meta),) = stream.rows
            streams.append((position, stream.name, "case"))
            events.append((position, position, version, 1, data, meta, position))
        commands.append((append.command_id, append.digest, position, position))
    return transactions


def _raw(db: sqlite3.Connection | apsw.Connection, transactions: Sequence[Rows]) -> float:
    script: Callable[[str], object] = (
        db.executescript if isinstance(db, sqlite3.Connection) else db.execute
    )
    script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32000")
    script("PRAGMA wal_autocheckpoint = 4000")
    script(_SCHEMA.read_text(encoding="utf-8"))
    started = time.perf_counter()
    for transaction in transactions:
        db.execute("BEGIN IMMEDIATE")
        for statement, rows in zip(_INSERTS, transaction, strict=True):
            db.executemany(statement, rows)
        db.execute("COMMIT")
    seconds = time.perf_counter() - started
    return sum(len(events) for _, events, _ in transactions) / seconds
