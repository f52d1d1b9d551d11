"""Batches of rows on their way into the tables."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, TypeVar

import msgspec

from projections.projection import Facts, Projection, Snapshot
from streams.ports import Tables

P = TypeVar("P")


class Batch(msgspec.Struct, frozen=True):
    """What a stretch of the log adds to the tables."""

    first: int
    last: int
    highest: int
    facts: list[tuple[Facts[Any], list[Any]]]
    snapshots: list[tuple[Snapshot[Any], list[Any]]]

    @staticmethod
    def joined(batches: Sequence["Batch"]) -> "Batch":
        """Of streams that have nothing to do with each other, by the same projections."""
        return Batch(
            min(batch.first for batch in batches),
            max(batch.last for batch in batches),
            max(batch.highest for batch in batches),
            _joined([batch.facts for batch in batches]),
            _joined([batch.snapshots for batch in batches]),
        )


class Writing:
    """Puts batches into the tables."""

    def __init__(self, tables: Tables, threads: int = 4) -> None:
        """``threads`` write the tables of a batch in parallel; 0: one after the other."""
        self._tables = tables
        self._threads = ThreadPoolExecutor(threads, "tables") if threads else None

    def write(self, batch: Batch, span: str) -> None:
        """Facts before snapshots. ``span`` names the batch, the same whenever it comes again, for
        the tables to recognise. Raises what ``Tables.insert`` raises."""
        self._insert(batch.facts, span)
        self._insert(batch.snapshots, span)

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()

    def _insert(self, parts: Sequence[tuple[Projection, list[Any]]], span: str) -> None:
        """Only when all tables are done is any failure raised."""
        inserts = [(p, rows, f"{p.table}:{span}") for p, rows in parts if rows]
        if self._threads is None:
            for insert in inserts:
                self._tables.insert(*insert)
            return
        running = [self._threads.submit(self._tables.insert, *insert) for insert in inserts]
        wait(running)
        for done in running:
            done.result()


def _joined(parts: Sequence[list[tuple[P, list[Any]]]]) -> list[tuple[P, list[Any]]]:
    return [
        (of_one[0][0], [row for _, rows in of_one for row in rows])
        for of_one in zip(*parts, strict=True)
    ]
