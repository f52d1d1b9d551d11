"""Builds read tables from the log beside the live ones, in parallel, and switches."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from domain.errors import Invalid, Refused
from domain.messages import Envelope
from domain.registry import Registry
from infra.clickhouse.engine import Engine
from infra.clickhouse.letters import left_aside
from infra.clickhouse.patience import PatientTables
from infra.clickhouse.schema import (
    beside,
    create,
    drop_beside,
    make_views,
    switch,
    tables_present,
)
from infra.clickhouse.shares import Share, fold_share, serve_share
from infra.clickhouse.tables import ClickHouseTables, checkpoints, physical
from infra.event_store.address import StoreAddress
from projections.catalogue import PROJECTIONS, TABLES
from projections.projection import Projection, Snapshot
from projections.rules import Rules
from streams.dead_letters import LeftAside
from streams.ports import RawEvent, RawLog, TablesUnavailable
from streams.projector import Poisoned, Projector
from streams.wire import Decoding, Unreadable

Report = Callable[[int, int], None]

# Starting worker processes takes about a second; so many events are folded here in that time.
WORTH_WORKERS = 50_000
BATCH = 10_000


def build_beside(
    engine: Engine, store: StoreAddress, until: int, report: Report = lambda done, total: None
) -> None:
    """All tables from the events up to ``until``, each under its name ``beside``, without what is
    parked or was discarded. What a failure leaves half-built is dropped again. Raises ``Refused``
    (``tables.cannot_build``)."""
    try:
        with engine.client() as client:
            for projection in PROJECTIONS:
                client.command(f"DROP TABLE IF EXISTS {beside(projection)} SYNC")
                create(engine, projection, beside(projection))
                client.command(f"SYSTEM STOP MERGES {beside(projection)}")
        tables = PatientTables(engine, PROJECTIONS, beside)
        build = _build_here if until < WORTH_WORKERS else _build_in_shares
        build(store, until, left_aside(engine), tables, report)
    except (Poisoned, TablesUnavailable, Unreadable) as error:
        drop_beside(engine, PROJECTIONS)
        raise _cannot_build(error) from error
    except BaseException:
        drop_beside(engine, PROJECTIONS)
        raise


def _cannot_build(error: Exception) -> Refused:
    return Refused(
        "tables.cannot_build", f"the tables stand as they were, new ones cannot be built: {error}"
    )


def _build_here(
    store: StoreAddress, until: int, aside: LeftAside, tables: ClickHouseTables, report: Report
) -> None:
    decoding, position = Decoding(Registry()), 0
    with (
        closing(store.open_share(0, 1, until)) as log,
        closing(Projector(PROJECTIONS, tables, Rules())) as projector,
    ):
        projector.left_out |= aside.discarded
        while stored := log.read_raw(position, BATCH):
            projector.apply(decoding.steps(list(filter(aside.keeps, stored))))
            position = stored[-1][0]
            report(position, until)


def _build_in_shares(
    store: StoreAddress, until: int, aside: LeftAside, tables: ClickHouseTables, report: Report
) -> None:
    workers = os.cpu_count() or 1
    done, turn = 0, threading.Lock()

    def progress(events: int) -> None:
        nonlocal done
        with turn:
            done += events
            report(done, until)

    with TemporaryDirectory(prefix="duban-") as folder, ThreadPoolExecutor(workers) as threads:
        shares = [
            Share(store, number, workers, until, aside, tables.schemas, Path(folder))
            for number in range(workers)
        ]
        running = [threads.submit(_run, share, tables, progress) for share in shares]
        for done_share in running:
            done_share.result()


def _run(share: Share, tables: ClickHouseTables, progress: Callable[[int], None]) -> None:
    # Not forked: the engine's threads would be missing in the child, and its locks held for ever.
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    worker = spawning.Process(target=fold_share, args=(share, theirs), daemon=True)
    worker.start()
    theirs.close()
    try:
        serve_share(ours, tables, progress)
    except EOFError:
        worker.join()
        raise TablesUnavailable(
            f"a worker process ended without a word (exit code {worker.exitcode}): see that there "
            "is memory enough"
        ) from None
    finally:
        ours.close()
        worker.join()


class Policies(RawLog, Protocol):
    """The log, and the policies among it."""

    def load_kind(self, kind: str) -> Sequence[Envelope]: ...


class Further:
    """Brings the tables beside up from the ``position`` they were built to."""

    def __init__(self, engine: Engine, log: Policies, position: int) -> None:
        self.position = position
        self._built, self._log = position, log
        self._taken: set[int] = set()
        self._decoding = Decoding(Registry())
        rules = Rules((), lambda: log.load_kind("policy"))
        self._aside = left_aside(engine)
        self._projector = Projector(PROJECTIONS, PatientTables(engine, PROJECTIONS, beside), rules)
        self._projector.left_out |= self._aside.discarded

    @property
    def taken(self) -> int:
        """How many events have come in beyond those they were built from."""
        return len(self._taken)

    def go_on(self, until: int, chosen: Callable[[RawEvent], bool] | None = None) -> None:
        """With all events up to ``until``; or, from where the tables were built to, with those
        that are ``chosen``. Raises ``Refused`` (``tables.cannot_build``)."""
        position = self.position if chosen is None else self._built
        while position < until and (raws := self._log.read_raw(position, BATCH)):
            position = raws[-1][0]
            wanted = [r for r in raws if r[0] <= until and (chosen is None or chosen(r))]
            try:
                kept = list(filter(self._aside.keeps, wanted))
                self._projector.apply(self._decoding.steps(kept))
            except (Poisoned, TablesUnavailable, Unreadable) as error:
                raise _cannot_build(error) from error
            self._taken.update(raw[0] for raw in wanted)
            self.position = max(self.position, min(position, until))

    def close(self) -> None:
        self._projector.close()


def rebuild(
    engine: Engine,
    store: StoreAddress,
    until: int,
    tables: Sequence[str] = (),
    report: Report = lambda done, total: None,
) -> list[str]:
    """Builds the tables (none named: all) from the events up to ``until`` and puts them in place
    of those that are there; nothing may be written to these meanwhile. Some tables alone are
    built as far as the others have come. Answers with their names. Raises ``Invalid``
    (``tables.unknown``)."""
    if chosen := chosen_tables(tables):
        until = until if len(chosen) == len(PROJECTIONS) else reached(engine)
        build_beside(engine, store, until, report)
        switch(engine, chosen, until)
        drop_beside(engine, PROJECTIONS)
    make_views(engine)
    return [table for table in TABLES if not tables or table in tables]


def chosen_tables(tables: Sequence[str]) -> list[Projection]:
    """None named: all. Raises ``Invalid`` (``tables.unknown``)."""
    unknown = sorted(set(tables) - set(TABLES))
    if unknown:
        raise Invalid(
            "tables.unknown", f"there is no table {unknown[0]}: there are {', '.join(TABLES)}"
        )
    return [p for p in PROJECTIONS if not tables or p.table in tables]


def reached(engine: Engine) -> int:
    """The position that all tables have in common. After a crash rows of streams may be newer
    than the checkpoint, and facts newer than these rows; a table built less far than the rows, or
    farther than the facts, would miss facts for ever."""
    with engine.client() as client:
        present = tables_present(client)
        newest = [
            client.query(f"SELECT max(position) FROM {physical(p)}").result_rows[0][0]
            for p in PROJECTIONS
            if isinstance(p, Snapshot) and physical(p) in present
        ]
        noted = [at for name, at in checkpoints(engine).items() if name in present]
    return max(0, min(noted, default=0), *map(int, newest))
