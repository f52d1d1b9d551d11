"""A worker process that folds its share of the streams; only the parent touches the engine."""

import gc
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa

from domain.registry import Registry
from infra.clickhouse.columns import encoded
from infra.clickhouse.tables import ClickHouseTables
from infra.event_store import SqliteEventStore
from infra.event_store.shares import ShareLog
from projections.catalogue import PROJECTIONS
from projections.projection import Facts, Projection, Snapshot
from projections.rules import Rules
from streams.projector import Projector
from streams.wire import Decoding

BATCH = 60_000  # events folded before their rows are sent
CACHED = 200_000


@dataclass(frozen=True, slots=True)
class Share:
    """Every ``of``-th stream of the store at ``path``, up to a position of the log; ``schemas``
    are those of the tables to fill."""

    path: Path
    number: int
    of: int
    until: int
    schemas: Mapping[str, pa.Schema]


class DistantTables:
    """``streams.ports.Tables`` at the other end of a connection."""

    def __init__(self, parent: Connection, schemas: Mapping[str, pa.Schema]) -> None:
        self._parent = parent
        self._schemas = schemas
        self._turn = threading.Lock()

    def current(self, snapshot: Snapshot[Any], keys: Sequence[str]) -> Mapping[str, Any]:
        with self._turn:
            self._parent.send(("current", snapshot.table, keys))
            rows: Mapping[str, Any] = self._parent.recv()
            return rows

    def insert(self, projection: Projection, rows: Sequence[Any], token: str) -> None:
        block = encoded(self._schemas[projection.table], rows)
        with self._turn:
            self._parent.send(("insert", projection.table, token))
            self._parent.send_bytes(block)

    def newest(self, facts: Facts[Any]) -> int:
        return 0

    def checkpoint(self) -> int:
        return 0

    def save_checkpoint(self, position: int) -> None:
        with self._turn:
            self._parent.send(("done", position))


def fold_share(share: Share, parent: Connection) -> None:
    """The worker's whole life. Whatever goes wrong is sent as an exception."""
    gc.disable()  # rows are not cyclic, and there are millions of them
    try:
        _fold(share, parent)
    except Exception as error:  # the parent tells it
        parent.send(("failed", error))
    finally:
        parent.close()


def _fold(share: Share, parent: Connection) -> None:
    store = SqliteEventStore.open_read_only(share.path, Registry())
    tables = DistantTables(parent, share.schemas)
    projector = Projector(PROJECTIONS, tables, Rules(store.load_kind("policy")), CACHED)
    store.close()
    log = ShareLog(share.path, share.number, share.of, share.until)
    decoding = Decoding(Registry())
    position = 0
    while stored := log.read_raw(position, BATCH):
        position = stored[-1][0]
        projector.apply(decoding.steps(stored))
        tables.save_checkpoint(len(stored))
    projector.close()
    log.close()


def serve_share(
    worker: Connection, tables: ClickHouseTables, progress: Callable[[int], None]
) -> None:
    """The parent's side: until the worker has ended. Raises what the worker stumbled over."""
    snapshots = {p.table: p for p in PROJECTIONS if isinstance(p, Snapshot)}
    while True:
        try:
            message = worker.recv()
        except EOFError:
            return
        match message:
            case ("current", table, keys):
                worker.send(tables.current(snapshots[table], keys))
            case ("insert", table, token):
                tables.insert_encoded(table, worker.recv_bytes(), token)
            case ("done", events):
                progress(events)
            case ("failed", error):
                raise error
