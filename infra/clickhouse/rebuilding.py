"""Builds read tables from the log beside the live ones, in parallel, and switches."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.errors import Invalid
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.schema import beside, create, drop_beside, make_views, switch
from infra.clickhouse.shares import Share, fold_share, serve_share
from infra.clickhouse.tables import ClickHouseTables
from projections.catalogue import PROJECTIONS, TABLES

Report = Callable[[int, int], None]


def build_beside(
    engine: ChdbEngine, store: Path, until: int, report: Report = lambda done, total: None
) -> None:
    """All tables from the events up to ``until``, each under its name ``beside``. What a failure
    leaves half-built is dropped again."""
    try:
        with engine.client() as client:
            for projection in PROJECTIONS:
                client.command(f"DROP TABLE IF EXISTS {beside(projection)} SYNC")
                create(client, projection, beside(projection))
                client.command(f"SYSTEM STOP MERGES {beside(projection)}")
        tables = ClickHouseTables(engine, PROJECTIONS, beside)
        workers = max(1, os.cpu_count() or 1)
        done, turn = 0, threading.Lock()

        def progress(events: int) -> None:
            nonlocal done
            with turn:
                done += events
                report(done, until)

        with TemporaryDirectory(prefix="duban-") as folder, ThreadPoolExecutor(workers) as threads:
            shares = [
                Share(store, number, workers, until, tables.schemas, Path(folder))
                for number in range(workers)
            ]
            served = [threads.submit(_run, share, tables, progress) for share in shares]
            for result in served:
                result.result()
    except BaseException:
        drop_beside(engine, PROJECTIONS)
        raise


def _run(share: Share, tables: ClickHouseTables, progress: Callable[[int], None]) -> None:
    # Not forked: the engine's threads would be missing in the child, and its locks held for ever.
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    worker = spawning.Process(target=fold_share, args=(share, theirs), daemon=True)
    worker.start()
    theirs.close()
    try:
        serve_share(ours, tables, progress)
    finally:
        ours.close()
        worker.join()


def rebuild(
    engine: ChdbEngine,
    store: Path,
    until: int,
    tables: Sequence[str] = (),
    report: Report = lambda done, total: None,
) -> list[str]:
    """Builds the tables (none named: all) from events 1 to ``until`` and puts them in place of
    those that are there; nothing may be written to these meanwhile. Answers with their names.
    Raises ``Invalid`` (``tables.unknown``)."""
    unknown = sorted(set(tables) - set(TABLES))
    if unknown:
        raise Invalid(
            "tables.unknown", f"there is no table {unknown[0]}: there are {', '.join(TABLES)}"
        )
    chosen = [p for p in PROJECTIONS if not tables or p.table in tables]
    if chosen:
        build_beside(engine, store, until, report)
        switch(engine, chosen, until)
        drop_beside(engine, PROJECTIONS)
    make_views(engine)
    return [table for table in TABLES if not tables or table in tables]
