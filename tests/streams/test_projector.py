"""However events are delivered, cut, repeated or interrupted, the tables come out the same."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from random import Random
from typing import Any

import pytest

from domain.cases.events import CaseClaimed, CaseFiled
from projections.catalogue import PROJECTIONS
from projections.projection import Facts, Snapshot, Step
from projections.rules import Rules
from streams.ports import TablesUnavailable
from streams.projector import Poisoned, Projector
from streams.wire import Decoding
from tests.support.lives import Lives
from tests.support.memory_log import REGISTRY, MemoryLog, MemoryTables, unavailable
from tests.support.specification import MONDAY

TABLES = [projection.table for projection in PROJECTIONS]


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    return Lives(seed=1).until(800)


@pytest.fixture(scope="module")
def expected(log: MemoryLog) -> dict[str, list[Any]]:
    tables = MemoryTables()
    apply(tables, log, [len(log.events)])
    return shown(tables)


def steps(log: MemoryLog, after: int = 0, until: int | None = None) -> list[Step]:
    return Decoding(REGISTRY).steps(log.events[after:until])


def apply(
    tables: MemoryTables, log: MemoryLog, ends: Sequence[int], start: int = 0, **options: int
) -> None:
    """Applies what follows ``start``, cut after each of ``ends``, as a fresh process would."""
    known = [e for e in log.load_kind("policy") if e.position <= start]
    with closing(Projector(PROJECTIONS, tables, Rules(known), **options)) as projector:
        for end in ends:
            projector.apply(steps(log, start, end))
            start = end


def shown(tables: MemoryTables) -> dict[str, list[Any]]:
    return {projection.table: tables.rows(projection) for projection in PROJECTIONS}


def cuts(length: int, seed: int) -> Iterator[int]:
    """Where batches end: random, many of them single events."""
    random, end = Random(seed), 0
    while end < length:
        end = min(length, end + random.choice((1, 1, 2, 7, 60)))
        yield end


def test_every_table_gets_something(expected: dict[str, list[Any]]) -> None:
    assert not [table for table, rows in expected.items() if not rows]


@pytest.mark.parametrize("seed", range(4))
def test_batches_may_end_anywhere(
    log: MemoryLog, expected: dict[str, list[Any]], seed: int
) -> None:
    tables = MemoryTables()
    apply(tables, log, list(cuts(len(log.events), seed)))
    assert shown(tables) == expected


def test_rows_that_were_forgotten_are_read_back(
    log: MemoryLog, expected: dict[str, list[Any]]
) -> None:
    tables = MemoryTables()
    apply(tables, log, list(cuts(len(log.events), 5)), cached=2)
    assert shown(tables) == expected


def test_without_threads_the_tables_are_the_same(
    log: MemoryLog, expected: dict[str, list[Any]]
) -> None:
    tables = MemoryTables()
    apply(tables, log, list(cuts(len(log.events), 6)), threads=0)
    assert shown(tables) == expected


@pytest.mark.parametrize("seed", range(3))
def test_what_was_applied_before_changes_nothing(
    log: MemoryLog, expected: dict[str, list[Any]], seed: int
) -> None:
    """A checkpoint may lie: after it everything comes again, cut in other places."""
    tables = MemoryTables()
    length, random = len(log.events), Random(seed)
    apply(tables, log, list(cuts(length, seed)))
    for start in (0, random.randrange(length), length - 1):
        ends = [end for end in cuts(length, seed + 50) if end > start]
        apply(tables, log, ends, start)
    assert shown(tables) == expected


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("table", [table for table in TABLES if table != "publications"])
@pytest.mark.parametrize("crashed", [False, True], ids=["retried", "crashed"])
def test_an_insert_may_fail_at_any_point(
    log: MemoryLog, expected: dict[str, list[Any]], table: str, when: str, crashed: bool
) -> None:
    """After a crash a fresh process starts from an old checkpoint, with other batches."""
    tables, ends = MemoryTables(), list(cuts(len(log.events), 7))
    with closing(Projector(PROJECTIONS, tables, Rules(), threads=0)) as projector:
        start = 0
        for number, end in enumerate(ends):
            batch = steps(log, start, end)
            tables.trouble = unavailable(table, when) if number % 5 == 3 else lambda *point: None
            try:
                projector.apply(batch)
            except TablesUnavailable:
                if crashed:
                    break
                projector.apply(batch)
            start = end
    tables.trouble = lambda *point: None
    if crashed:
        again = max(0, start - 40)
        apply(tables, log, [*(e for e in cuts(len(log.events), 8) if e > again)], again)
    assert shown(tables) == expected


def test_an_outage_may_last_while_more_and_more_is_stored(
    log: MemoryLog, expected: dict[str, list[Any]]
) -> None:
    """Some facts are written, then nothing can be read or written; later the batch is longer."""
    tables = MemoryTables()

    def outage(table: str, when: str) -> None:
        if table != "events" or when == "newest":
            raise TablesUnavailable("no connection")

    with closing(Projector(PROJECTIONS, tables, Rules(), threads=0)) as projector:
        projector.apply(steps(log, 0, 200))
        tables.trouble = outage
        for end in (230, 231, 260):
            with pytest.raises(TablesUnavailable):
                projector.apply(steps(log, 200, end))
        tables.trouble = lambda *point: None
        projector.apply(steps(log, 200))
    assert shown(tables) == expected


def test_facts_are_written_before_the_rows_of_their_streams(log: MemoryLog) -> None:
    tables = MemoryTables()
    facts = {p.table for p in PROJECTIONS if isinstance(p, Facts)}
    with closing(Projector(PROJECTIONS, tables, Rules())) as projector:
        for start in range(0, 400, 50):
            tables.inserts.clear()
            projector.apply(steps(log, start, start + 50))
            kinds = [table in facts for table in tables.inserts]
            assert kinds == sorted(kinds, reverse=True)


def test_a_gap_in_a_stream_is_refused(log: MemoryLog) -> None:
    tables = MemoryTables()
    with closing(Projector(PROJECTIONS, tables, Rules())) as projector:
        projector.apply(steps(log, 0, 100))
        stream = next(e[1] for e in log.events[100:] if e[2] == 1 and e[1].startswith("case-"))
        missing = [s for s in steps(log, 100) if s.envelope.stream_id == stream][1:]
        with pytest.raises(Poisoned, match=r"know 0 events .* get number 2: rebuild"):
            projector.apply(missing)


def test_a_poisoned_batch_leaves_nothing_and_names_its_event() -> None:
    log = MemoryLog()
    log.append("case-1", CaseFiled(standard="x"), MONDAY)
    log.append("case-1", CaseClaimed(), MONDAY)
    tables = MemoryTables()
    with closing(Projector(PROJECTIONS, tables, Rules())) as projector:
        with pytest.raises(Poisoned) as poison:
            projector.apply(steps(log))
        assert poison.value.position == 1
        assert shown(tables) == {table: [] for table in TABLES}


def test_an_old_event_never_folds_twice(log: MemoryLog) -> None:
    """It gives the row that stands, even when its content would change it."""
    snapshots = {p.kind: p for p in PROJECTIONS if isinstance(p, Snapshot)}
    rows: dict[str, Any] = {}
    folded: list[Step] = []
    for step in steps(log):
        snapshot = snapshots.get(step.kind)
        if snapshot is not None:
            stream = step.envelope.stream_id
            rows[stream] = snapshot.fold(rows.get(stream), step.envelope)
            folded.append(step)
    for step in folded:
        row = rows[step.envelope.stream_id]
        assert snapshots[step.kind].fold(row, step.envelope) is row


def test_folding_leaves_the_row_it_was_given_alone(log: MemoryLog) -> None:
    snapshots = {p.kind: p for p in PROJECTIONS if isinstance(p, Snapshot)}
    rows: dict[str, Any] = {}
    for step in steps(log):
        if (snapshot := snapshots.get(step.kind)) is not None:
            stream = step.envelope.stream_id
            before = rows.get(stream)
            kept = repr(before)
            rows[stream] = snapshot.fold(before, step.envelope)
            assert repr(before) == kept
