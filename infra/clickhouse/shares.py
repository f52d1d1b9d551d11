"""A worker process that folds its share of the streams; only the parent touches the engine."""

import gc
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from operator import attrgetter
from pathlib import Path
from typing import Any

import pyarrow as pa

from domain.registry import Registry
from infra.clickhouse.columns import leave_pandas_out, record_batch, write_file
from infra.clickhouse.tables import ClickHouseTables
from infra.event_store.address import StoreAddress
from projections.catalogue import PROJECTIONS
from projections.projection import Facts, Projection, Snapshot
from projections.rules import Rules
from streams.dead_letters import LeftAside
from streams.ports import TablesUnavailable
from streams.projector import Projector
from streams.wire import Decoding

FOLDED = 1_000  # events at a time: what they are made of stays in the processor's cache
SENT = 100_000  # events whose rows go to the engine together
CACHED = 20_000


@dataclass(frozen=True, slots=True)
class Share:
    """Every ``of``-th stream of a store, up to a position of the log, without what is left
    ``aside``; ``schemas`` are those of the tables to fill, ``folder`` takes the files on the way
    there."""

    store: StoreAddress
    number: int
    of: int
    until: int
    aside: LeftAside
    schemas: Mapping[str, pa.Schema]
    folder: Path


class DistantTables:
    """``streams.ports.Tables`` at the other end of a connection; collects rows until ``flush``.
    Of a stream's rows only the last one goes out."""

    def __init__(self, parent: Connection, share: Share) -> None:
        self._parent = parent
        self._share = share
        self._facts: dict[str, list[pa.RecordBatch]] = {}
        self._rows: dict[str, dict[str, Any]] = {}
        self._flushes = count(1)
        self._unanswered = False

    def current(self, snapshot: Snapshot[Any], keys: Sequence[str]) -> Mapping[str, Any]:
        here = self._rows.get(snapshot.table, {})
        self.settle()
        self._parent.send(("current", snapshot.table, [key for key in keys if key not in here]))
        found: dict[str, Any] = self._parent.recv()
        return found | {key: here[key] for key in keys if key in here}

    def insert(self, projection: Projection, rows: Sequence[Any], token: str) -> None:
        table = projection.table
        if isinstance(projection, Snapshot):
            key = attrgetter(projection.key)
            self._rows.setdefault(table, {}).update((key(row), row) for row in rows)
        else:
            batch = record_batch(self._share.schemas[table], rows)
            self._facts.setdefault(table, []).append(batch)

    def newest(self, facts: Facts[Any]) -> int:
        return 0

    def stored(self, facts: Facts[Any], positions: Sequence[int]) -> Set[int]:
        return frozenset()

    def checkpoint(self) -> int:
        return 0

    def save_checkpoint(self, position: int) -> None:
        """The parent notes it for all shares together."""

    def flush(self, events: int) -> None:
        """Hands on what was collected, as files, while the one before may still be going into
        the tables; ``events`` says how many events these rows are of."""
        number = next(self._flushes)
        files: dict[str, Path] = {}
        for table, rows in self._rows.items():
            self._facts[table] = [record_batch(self._share.schemas[table], rows.values())]
        for table, batches in self._facts.items():
            files[table] = self._share.folder / f"{table}-{self._share.number}-{number}.arrow"
            write_file(files[table], batches)
        self._rows, self._facts = {}, {}
        self.settle()
        self._parent.send(("insert", files, events))
        self._unanswered = True

    def settle(self) -> None:
        """Waits until the last flush is in the tables."""
        if self._unanswered:
            self._parent.recv()
            self._unanswered = False


def fold_share(share: Share, parent: Connection) -> None:
    """The worker's whole life. Whatever goes wrong is sent as a sentence."""
    gc.disable()  # rows are not cyclic, and there are millions of them
    try:
        _fold(share, parent)
    except Exception as error:  # the parent tells it
        parent.send(("failed", str(error) or repr(error)))
    finally:
        parent.close()


def _fold(share: Share, parent: Connection) -> None:
    leave_pandas_out()
    rules = Rules(share.store.load_kind("policy"))
    tables = DistantTables(parent, share)
    projector = Projector(PROJECTIONS, tables, rules, cached=CACHED, threads=0)
    projector.left_out |= share.aside.discarded
    log = share.store.open_share(share.number, share.of, share.until)
    decoding = Decoding(Registry())
    position = waiting = 0
    while stored := log.read_raw(position, FOLDED):
        position = stored[-1][0]
        projector.apply(decoding.steps(list(filter(share.aside.keeps, stored))))
        waiting += len(stored)
        if waiting >= SENT:
            tables.flush(waiting)
            waiting = 0
    tables.flush(waiting)
    tables.settle()
    log.close()
    parent.send(("end",))


def serve_share(
    worker: Connection, tables: ClickHouseTables, progress: Callable[[int], None]
) -> None:
    """The parent's side, until the worker is done. Raises ``TablesUnavailable`` with what the
    worker stumbled over, and ``EOFError`` when it ended without a word."""
    snapshots = {p.table: p for p in PROJECTIONS if isinstance(p, Snapshot)}
    while True:
        match worker.recv():
            case ("current", table, keys):
                worker.send(tables.current(snapshots[table], keys))
            case ("insert", files, events):
                for table, file in files.items():
                    tables.insert_file(table, file, file.name)
                    file.unlink()
                progress(events)
                worker.send("inserted")
            case ("failed", sentence):
                raise TablesUnavailable(sentence)
            case ("end",):
                return
