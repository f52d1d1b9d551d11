"""What the tree over the log costs beside the appends, and how fast it proves."""

import random
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from domain.registry import Registry
from infra.benches.append import CALLERS, case_appends
from infra.clocks import SystemClock
from infra.event_store import SqliteEventStore
from infra.event_store.codec import Codec
from infra.transparency.files import FileLedger, FileTree
from streams.following import BATCH
from streams.notary import Notary
from streams.ports import RawEvent
from streams.transparency import TransparencyLog

ROUNDS = 5
APPENDED = 20_000  # events in each round
FED = 1_000  # events that the follower finds at a time under load
ASKED = 500

Take = Callable[[Sequence[RawEvent]], None]


def bench_tree(events: int, folder: Path | None = None) -> dict[str, Any]:
    """``append``: events per second of 64 callers while a thread reads the log as the follower
    does; ``append_with_tree``: the same while that thread also lets the tree grow; medians of
    rounds in turn. ``leaves_per_second``: hashing and growing alone, up to ``events`` leaves;
    proofs are of a tree of that size, in files."""
    without, beside = [], []
    for _ in range(ROUNDS):
        without.append(_appending(folder, False))
        beside.append(_appending(folder, True))
    plain, grown = statistics.median(without), statistics.median(beside)
    return {
        "bench": "tree",
        "events": events,
        "append": round(plain),
        "append_with_tree": round(grown),
        "cost_percent": round(100 * (1 - grown / plain), 1),
        **_growing(folder, events),
    }


def _appending(folder: Path | None, growing: bool) -> float:
    appends = case_appends(APPENDED, 1)
    with TemporaryDirectory(dir=folder, prefix="duban-bench-") as directory:
        path = Path(directory) / "events.sqlite"
        with (
            closing(SqliteEventStore.open(path, SystemClock(), Registry())) as store,
            closing(FileTree(path.parent / "log", store.store_id())) as tree,
        ):
            notary = _notary(store, tree, path.parent)
            take: Take = notary.take if growing else lambda raws: None
            follower = threading.Thread(target=_follow, args=(store, take, len(appends)))
            callers = [
                threading.Thread(target=_call, args=(store, appends[caller::CALLERS]))
                for caller in range(CALLERS)
            ]
            started = time.perf_counter()
            for thread in (follower, *callers):
                thread.start()
            for thread in (*callers, follower):
                thread.join()
            return len(appends) / (time.perf_counter() - started)


def _call(store: SqliteEventStore, mine: Sequence[Any]) -> None:
    for append in mine:
        store.append([append])


def _follow(store: SqliteEventStore, take: Take, until: int) -> None:
    position = 0
    while position < until:
        if store.wait(position, 1.0) and (raws := store.read_raw(position, BATCH)):
            take(raws)
            position = raws[-1][0]


def _growing(folder: Path | None, events: int) -> dict[str, float]:
    codec = Codec(Registry())
    write = codec.write(case_appends(1, 1)[0]).streams[0]
    ((version, topic, data, meta),) = write.rows
    numbers = count(1)
    with (
        TemporaryDirectory(dir=folder, prefix="duban-bench-") as directory,
        closing(FileTree(Path(directory), "bench")) as tree,
    ):
        notary = _notary(_Nothing(), tree, Path(directory))
        took = 0.0
        for _ in range(0, events, FED):
            raws = [(next(numbers), write.name, version, topic, data, meta, 1) for _ in range(FED)]
            started = time.perf_counter()
            notary.take(raws)
            took += time.perf_counter() - started
        log = TransparencyLog(tree, FileLedger(Path(directory)), lambda *_: False)
        inclusions = _times(lambda size: log.inclusion(random.randint(1, size), size), tree.size())
        older = _times(lambda size: log.consistency(random.randint(1, size), size), tree.size())
        return {
            "leaves_per_second": round(tree.size() / took),
            "inclusion_p50_ms": _at(inclusions, 50),
            "inclusion_p99_ms": _at(inclusions, 99),
            "consistency_p99_ms": _at(older, 99),
        }


class _Nothing:
    """A log that is only told of."""

    def read_raw(self, after: int, limit: int) -> Sequence[RawEvent]:
        return ()

    def last_position(self) -> int:
        return 0

    def wait(self, after: int, timeout: float) -> bool:
        return False


def _notary(log: Any, tree: FileTree, folder: Path) -> Notary:
    return Notary(log, tree, FileLedger(folder), lambda: None, lambda: 0, 600)


def _times(ask: Callable[[int], object], size: int) -> list[float]:
    found = []
    for _ in range(ASKED):
        started = time.perf_counter()
        ask(size)
        found.append(1000 * (time.perf_counter() - started))
    return sorted(found)


def _at(times: Sequence[float], percent: int) -> float:
    return round(times[len(times) * percent // 100], 2)
