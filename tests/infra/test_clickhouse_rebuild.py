"""Tables built anew equal those that grew, and nothing half-built is ever seen."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest

from domain.errors import Invalid, Refused
from domain.registry import Registry
from infra.clickhouse.schema import BESIDE
from infra.clickhouse.tables import ClickHouseTables, physical
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings
from projections.catalogue import PROJECTIONS, TABLES
from projections.rules import Rules
from streams.projector import Projector
from streams.wire import Decoding
from tests.support.cities import opened, synthetic

STORED = {projection.table: physical(projection) for projection in PROJECTIONS}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("city") / "data"
    synthetic(data)
    return data


@pytest.fixture
def data(grown: Path, tmp_path: Path) -> Path:
    return Path(copytree(grown, tmp_path / "data", symlinks=True))


@pytest.fixture
def resting(data: Path) -> Iterator[Runtime]:
    """The city open, with nothing going into its tables."""
    with closing(embedded(Settings(data_dir=data), follow=False)) as runtime:
        yield runtime


@pytest.fixture(params=["here", "in workers"])
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    least = 0 if request.param == "in workers" else 1_000_000
    monkeypatch.setattr("infra.clickhouse.rebuilding.WORTH_WORKERS", least)


def command(runtime: Runtime, sql: str) -> None:
    with runtime.engine.client() as client:
        client.command(sql)


def asked(runtime: Runtime, sql: str) -> Any:
    with runtime.engine.client() as client:
        return client.query(sql).result_rows[0][0]


def rebuilt(runtime: Runtime, *tables: str) -> list[str]:
    return runtime.rebuild(tables, lambda done, total: None)


def tables_there(runtime: Runtime) -> list[str]:
    with runtime.engine.client() as client:
        found = client.query("SELECT name FROM system.tables WHERE database = 'duban'")
    return sorted(name for (name,) in found.result_rows)


def assert_sound(data: Path) -> None:
    with opened(data) as runtime:
        found = runtime.verify(lambda done, total: None)
    assert found.sound, found.lines()


@pytest.mark.usefixtures("how")
def test_all_tables_are_put_right_and_nothing_is_left_behind(data: Path, resting: Runtime) -> None:
    before = tables_there(resting)
    command(resting, f"TRUNCATE TABLE {STORED['cases']}")
    scores = STORED["scores"]
    command(resting, f"INSERT INTO {scores} SELECT * REPLACE (points + 1 AS points) FROM {scores}")
    assert rebuilt(resting) == list(TABLES)
    assert tables_there(resting) == before
    resting.close()
    assert_sound(data)


@pytest.mark.usefixtures("how")
def test_progress_is_told_up_to_the_last_event(resting: Runtime) -> None:
    told: list[tuple[int, int]] = []
    resting.rebuild((), lambda done, total: told.append((done, total)))
    last = resting.store.last_position()
    assert told[-1] == (last, last)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_only_the_tables_named_are_built(resting: Runtime) -> None:
    count = asked(resting, "SELECT count() FROM units")
    command(resting, f"TRUNCATE TABLE {STORED['units']}")
    command(resting, f"TRUNCATE TABLE {STORED['scores']}")
    assert rebuilt(resting, "units", "rankings") == ["units", "rankings"]
    assert asked(resting, "SELECT count() FROM units") == count
    assert asked(resting, "SELECT count() FROM scores") == 0


def test_a_built_table_merges_its_parts_again(resting: Runtime) -> None:
    """While it was built it did not; for ever without would end in too many parts."""
    rebuilt(resting)
    for table in ("cases", "events"):
        command(resting, f"OPTIMIZE TABLE {STORED[table]} FINAL")
    in_parts = "SELECT count() FROM system.parts WHERE active AND table = "
    assert asked(resting, f"{in_parts}'{STORED['cases']}'") == 1


def test_an_unknown_table_is_refused(resting: Runtime) -> None:
    with pytest.raises(Invalid) as refusal:
        rebuilt(resting, "cases", "nonsense")
    assert refusal.value.code == "tables.unknown"
    assert "cases" in refusal.value.message


@pytest.mark.parametrize("table", ["cases", "scores"])
def test_tables_that_lag_behind_lose_nothing_when_another_is_built(data: Path, table: str) -> None:
    """The process died with the log ahead of its tables, and these ahead of their checkpoint: the
    new table must go no farther than the others."""
    rmtree(data / "tables")
    with closing(embedded(Settings(data_dir=data), follow=False)) as runtime:
        _fill(runtime, runtime.store.last_position() // 2)
        rebuilt(runtime, table)
    assert_sound(data)


@pytest.mark.usefixtures("how")
@pytest.mark.usefixtures("how")
def test_tables_built_anew_do_without_what_is_parked(data: Path) -> None:
    with closing(sqlite3.connect(data / "events.sqlite")) as store, store:
        store.execute("INSERT INTO types SELECT max(id) + 1, 'case.teleported/1' FROM types")
        store.execute(
            "INSERT INTO events SELECT (SELECT max(pos) + 1 FROM events), stream, version + 1, "
            "(SELECT max(id) FROM types), CAST('{}' AS BLOB), meta, "
            "(SELECT max(recorded_at) FROM events) FROM events "
            "WHERE stream = (SELECT id FROM streams WHERE kind = 'case' LIMIT 1) "
            "ORDER BY version DESC LIMIT 1"
        )
    with opened(data) as runtime:
        assert "parked" in runtime.follower.health().problem
        count = asked(runtime, "SELECT count() FROM events")
        assert count == runtime.store.last_position() - 1
    with closing(embedded(Settings(data_dir=data), follow=False)) as runtime:
        before = tables_there(runtime)
        rebuilt(runtime)
        assert tables_there(runtime) == before
        assert asked(runtime, "SELECT count() FROM events") == count
    with opened(data) as runtime:
        found = runtime.verify(lambda done, total: None)
        assert found.sound, found.lines()


def test_an_unreadable_event_leaves_the_tables_as_they_were(data: Path, resting: Runtime) -> None:
    count = asked(resting, "SELECT count() FROM events")
    resting.close()
    with closing(sqlite3.connect(data / "events.sqlite")) as store, store:
        store.execute("INSERT INTO types SELECT max(id) + 1, 'case.teleported/1' FROM types")
        store.execute(
            "INSERT INTO events SELECT max(pos) + 1, (SELECT id FROM streams WHERE "
            "kind = 'case' LIMIT 1), 9999, (SELECT max(id) FROM types), CAST('{}' AS BLOB), "
            "meta, recorded_at FROM events"
        )
    with closing(embedded(Settings(data_dir=data), follow=False)) as runtime:
        before = tables_there(runtime)
        with pytest.raises(Refused, match=r"case\.teleported/1"):
            rebuilt(runtime)
        assert tables_there(runtime) == before
        assert asked(runtime, "SELECT count() FROM events") == count


def test_what_a_crash_left_half_built_is_cleared_away(data: Path, resting: Runtime) -> None:
    command(resting, f"CREATE TABLE {STORED['cases']}{BESIDE} AS {STORED['cases']}")
    resting.close()
    with opened(data) as runtime:
        assert not [name for name in tables_there(runtime) if name.endswith(BESIDE)]


@pytest.mark.parametrize("table", ["cases", "scores"])
def test_a_table_of_another_version_is_built_at_the_start(
    data: Path, resting: Runtime, table: str
) -> None:
    command(resting, f"RENAME TABLE {STORED[table]} TO {table}_v0")
    resting.close()
    with opened(data) as runtime:
        assert f"{table}_v0" not in tables_there(runtime)
        assert asked(runtime, f"SELECT count() FROM {table}") > 0
    assert_sound(data)


def _fill(runtime: Runtime, events: int) -> None:
    tables = ClickHouseTables(runtime.engine, PROJECTIONS)
    with closing(Projector(PROJECTIONS, tables, Rules())) as projector:
        projector.apply(Decoding(Registry()).steps(runtime.store.read_raw(0, events)))
    tables.save_checkpoint(events - 30)
