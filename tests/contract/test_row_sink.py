"""What every set of read tables must keep to, whatever holds them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.schema import prepare
from infra.clickhouse.tables import ClickHouseTables
from projections.cases import CASES
from projections.catalogue import PROJECTIONS
from projections.events import EVENTS
from projections.projection import Facts, Projection, Snapshot
from projections.rules import Rules
from streams.ports import Tables
from streams.projector import Projector
from streams.wire import Decoding
from streams.writing import Batch
from tests.support.clickhouse import http_engine
from tests.support.lives import Lives
from tests.support.memory_log import REGISTRY, MemoryTables

SNAPSHOTS = [p for p in PROJECTIONS if isinstance(p, Snapshot)]


@pytest.fixture(scope="module")
def history() -> Batch:
    """What a random history adds to every table, never written anywhere."""
    log = Lives(seed=11).until(600)
    with closing(Projector(PROJECTIONS, MemoryTables(), Rules())) as projector:
        return projector.fold(Decoding(REGISTRY).steps(log.events))


@pytest.fixture(params=["memory", "chdb", "http"])
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tables]:
    if request.param == "memory":
        yield MemoryTables()
        return
    if request.param == "http":
        with http_engine(tmp_path) as engine:
            prepare(engine)
            yield ClickHouseTables(engine, PROJECTIONS)
        return
    with closing(ChdbEngine(tmp_path)) as engine:
        prepare(engine)
        yield ClickHouseTables(engine, PROJECTIONS)


def rows_of(history: Batch, projection: Projection) -> list[Any]:
    return next(rows for p, rows in (*history.facts, *history.snapshots) if p is projection)


@pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=lambda p: p.table)
def test_rows_come_back_as_they_went_in(
    tables: Tables, history: Batch, snapshot: Snapshot[Any]
) -> None:
    rows = rows_of(history, snapshot)
    tables.insert(snapshot, rows, "1")
    found = tables.current(snapshot, [getattr(row, snapshot.key) for row in rows] + ["nobody"])
    assert found == {getattr(row, snapshot.key): row for row in rows}
    for row in found.values():
        kept = {f: type(getattr(row, f)) for f in row.__struct_fields__}
        before = next(r for r in rows if getattr(r, snapshot.key) == getattr(row, snapshot.key))
        assert kept == {f: type(getattr(before, f)) for f in row.__struct_fields__}


def test_there_is_nothing_at_the_beginning(tables: Tables) -> None:
    assert tables.current(CASES, ["1"]) == {}
    assert {tables.newest(p) for p in PROJECTIONS if isinstance(p, Facts)} == {0}
    assert tables.checkpoint() == 0


def test_the_newest_row_of_a_key_counts_whatever_came_last(tables: Tables, history: Batch) -> None:
    row = rows_of(history, CASES)[0]
    newer = msgspec.structs.replace(row, position=row.position + 5, status="void")
    tables.insert(CASES, [newer], "1")
    tables.insert(CASES, [row], "2")
    assert tables.current(CASES, [row.case_id]) == {row.case_id: newer}


def test_a_token_inserts_once(tables: Tables, history: Batch) -> None:
    rows = rows_of(history, EVENTS)
    tables.insert(EVENTS, rows[:10], "1")
    tables.insert(EVENTS, rows[10:20], "1")
    assert tables.newest(EVENTS) == 10
    tables.insert(EVENTS, rows[10:20], "2")
    assert tables.newest(EVENTS) == 20


def test_what_is_stored_is_told_by_position(tables: Tables, history: Batch) -> None:
    rows = rows_of(history, EVENTS)
    tables.insert(EVENTS, [*rows[:10], *rows[20:30]], "1")
    asked = [row.position for row in rows[5:25]] + [rows[-1].position + 7]
    here = {row.position for row in [*rows[5:10], *rows[20:25]]}
    assert tables.stored(EVENTS, asked) == here
    assert tables.stored(EVENTS, []) == set()


def test_a_token_of_one_table_says_nothing_about_another(tables: Tables, history: Batch) -> None:
    tables.insert(EVENTS, rows_of(history, EVENTS), "1")
    tables.insert(CASES, rows_of(history, CASES), "1")
    assert tables.current(CASES, ["1"])


def test_a_checkpoint_is_kept(tables: Tables) -> None:
    tables.save_checkpoint(7)
    tables.save_checkpoint(12)
    assert tables.checkpoint() == 12
