"""What the public views compute: the lights of cases and the deadlines in force."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.schema import prepare
from infra.clickhouse.tables import ClickHouseTables, physical, stored_columns
from projections.cases import CASES, CaseRow
from projections.catalogue import PROJECTIONS, TABLES
from projections.lights import light

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=30)
BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
LATER = NOW + timedelta(hours=2)
EARLIER = NOW - timedelta(hours=2)
WAY_BACK = NOW - timedelta(hours=3)

FIRST_MOMENT = datetime(1900, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(2299, 12, 31, 23, 59, 59, 999_999, UTC)

# status, due, warn, answered, suspended → light; deadline's status, met
CASES_BY_HAND: tuple[tuple[str, Any, Any, Any, Any, str, str | None, bool | None], ...] = (
    ("reported", None, None, None, None, "none", None, None),
    ("dispatched", None, None, None, None, "none", None, None),
    ("dispatched", LATER, AFTER, None, None, "green", "running", None),
    ("claimed", AFTER, BEFORE, None, None, "yellow", "running", None),
    ("claimed", BEFORE, EARLIER, None, None, "red", "running", False),
    ("disputed", BEFORE, EARLIER, None, None, "red", "running", False),
    ("filed", BEFORE, EARLIER, None, None, "none", "ended", None),
    ("void", BEFORE, EARLIER, None, None, "none", "ended", None),
    ("void", AFTER, BEFORE, None, None, "none", "ended", None),
    ("rectified", BEFORE, EARLIER, WAY_BACK, None, "green", "answered", True),
    ("rectified", BEFORE, WAY_BACK, EARLIER, None, "green", "answered", True),
    ("rectified", EARLIER, WAY_BACK, EARLIER, None, "green", "answered", True),
    ("rectified", EARLIER, WAY_BACK, BEFORE, None, "red", "answered", False),
    ("closed", BEFORE, EARLIER, WAY_BACK, None, "green", "answered", True),
    ("closed", EARLIER, WAY_BACK, BEFORE, None, "red", "answered", False),
    ("suspended", BEFORE, EARLIER, None, WAY_BACK, "green", "suspended", None),
    ("suspended", BEFORE, WAY_BACK, None, EARLIER, "yellow", "suspended", None),
    ("suspended", LATER, AFTER, None, WAY_BACK, "green", "suspended", None),
)


def case(number: int) -> CaseRow:
    status, due_at, warn_at, rectified_at, suspended_at, *_ = CASES_BY_HAND[number]
    return CaseRow(
        case_id=str(number), case_no=str(number), status=status, source="patrol", category="x",
        severity="", district="", grid="", opened_at=LONG_AGO, text="", about="",
        inspection_id="", address="", latitude=None, longitude=None, due_at=due_at,
        warn_at=warn_at, rectified_at=rectified_at, suspended_at=suspended_at,
        started_at=LONG_AGO if due_at else None, changed_at=NOW, recorded_at=NOW, version=1,
        position=number + 1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChdbEngine]:
    engine = ChdbEngine(tmp_path_factory.mktemp("views"))
    prepare(engine)
    rows = [case(number) for number in range(len(CASES_BY_HAND))]
    ClickHouseTables(engine, PROJECTIONS).insert(CASES, rows, "1")
    yield engine
    engine.close()


def asked(engine: ChdbEngine, sql: str) -> list[tuple[Any, ...]]:
    with engine.client() as client:
        return [tuple(row) for row in client.query(sql).result_rows]


def test_the_light_of_every_kind_of_case(engine: ChdbEngine) -> None:
    lights = dict(asked(engine, "SELECT toUInt32(case_id), light FROM cases"))
    for number, by_hand in enumerate(CASES_BY_HAND):
        assert lights[number] == by_hand[5], by_hand
        assert light(case(number), NOW) == by_hand[5], by_hand


def test_the_deadline_of_every_kind_of_case(engine: ChdbEngine) -> None:
    found = asked(engine, "SELECT toUInt32(case_id), status, met FROM deadlines")
    assert {number: (status, met) for number, status, met in found} == {
        number: by_hand[6:]
        for number, by_hand in enumerate(CASES_BY_HAND)
        if by_hand[6] is not None
    }


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda p: p.table)
def test_a_row_holds_exactly_the_columns_of_its_table(engine: ChdbEngine, projection: Any) -> None:
    with engine.client() as client:
        columns = stored_columns(client, physical(projection))
    assert set(columns) == set(projection.row.__struct_fields__)


REQUIRED = {
    "events": "position event_id stream_kind stream_id version name actor unit district "
    "occurred_at recorded_at payload policies cause leaf_hash",
    "cases": "case_id case_no status source category severity unit district grid opened_at due_at "
    "closed_at on_the_spot reworks extensions bounces light position",
    "inspections": "inspection_id unit source result score occurred_at",
    "penalties": "penalty_id unit kind status amount currency opened_at decided_at",
    "units": "unit_id code name kind parent peer_group",
    "scores": "position unit points clause policy reason case_id occurred_at",
    "rankings": "period peer_group unit place points published position",
    "deadlines": "case_id unit due_at warn_at clock limit_amount started_at met position",
}


@pytest.mark.parametrize("table", REQUIRED)
def test_the_columns_that_other_peoples_queries_rely_on(engine: ChdbEngine, table: str) -> None:
    asked(engine, f"SELECT {', '.join(REQUIRED[table].split())} FROM {table}")


def test_every_public_table_and_column_says_what_it_is(engine: ChdbEngine) -> None:
    tables = dict(asked(engine, "SELECT name, comment FROM system.tables WHERE database = 'duban'"))
    assert set(TABLES) < set(tables)
    assert all(tables.values())
    silent = "SELECT table, name FROM system.columns WHERE database = 'duban' AND comment = ''"
    assert asked(engine, silent) == []


def test_an_event_id_is_a_uuid_made_of_the_hash(engine: ChdbEngine) -> None:
    with engine.client() as client:
        client.command(
            "INSERT INTO events_v2 (position, stream_id, version, leaf_hash) "
            f"VALUES (1, 'case-1', 1, '{'0123456789abcdef' * 4}')"
        )
    assert asked(engine, "SELECT toString(event_id) FROM events") == [
        ("01234567-89ab-8def-8123-456789abcdef",)
    ]


@pytest.mark.parametrize("moment", [FIRST_MOMENT, LAST_MOMENT], ids=str)
def test_far_times_come_back_exactly(engine: ChdbEngine, moment: datetime) -> None:
    tables = ClickHouseTables(engine, PROJECTIONS)
    row = case(0)
    row.case_id, row.opened_at = f"far-{moment.year}", moment
    tables.insert(CASES, [row], row.case_id)
    assert tables.current(CASES, [row.case_id])[row.case_id].opened_at == moment


def test_a_value_that_does_not_fit_is_refused_before_anything_is_written(
    engine: ChdbEngine,
) -> None:
    row = case(0)
    row.case_id, row.reworks = "misfit", 70_000
    with pytest.raises(ValueError, match="does not fit its table"):
        ClickHouseTables(engine, PROJECTIONS).insert(CASES, [case(1), row], "misfit")
    assert asked(engine, "SELECT count() FROM cases WHERE case_id = 'misfit'") == [(0,)]


def test_a_batch_is_one_part_whatever_its_size(engine: ChdbEngine) -> None:
    """So it is there whole or not at all after a crash."""
    rows = []
    for number in range(120_000):
        row = case(0)
        row.case_id = f"many-{number}"
        rows.append(row)
    count = "SELECT count() FROM system.parts WHERE table = 'cases_v2' AND rows >= 120000"
    with engine.client() as client:
        client.command("SYSTEM STOP MERGES cases_v2")
    ClickHouseTables(engine, PROJECTIONS).insert(CASES, rows, "many")
    assert asked(engine, count + " AND active") == [(1,)]
    with engine.client() as client:
        client.command("SYSTEM START MERGES cases_v2")
