"""Indicators in SQL: the same counts as the definition gives, then, now and case by case."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from domain.indicators.counting import Cohort, belongs, counts_of, part_of
from domain.periods import Period
from domain.policies.loading import load
from domain.policies.measures import COUNTS, IndicatorPolicy
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.reading import ClickHouseReader
from infra.clickhouse.schema import prepare
from projections.cases import CASES, CaseRow
from projections.indicators import Dimension, Pick, counts, drill, unit_counts, units_under
from streams.wire import Decoding
from tests.infra.test_clickhouse_rankings import filled
from tests.support.lives import Lives
from tests.support.memory_log import REGISTRY, MemoryLog
from tests.support.policies import indicators_text, rate
from tests.support.specification import MONDAY

MARCH = Period.parse("2026-03")
ZONE = ZoneInfo("Asia/Shanghai")
EVENTS = 1_500


def rules(cohort: Cohort = "reported", **changes: Any) -> IndicatorPolicy:
    body = indicators_text(rate("closing", "closed", "due_to_close"), cohort=cohort, **changes)
    policy = load(body)
    assert isinstance(policy, IndicatorPolicy)
    return policy


@pytest.fixture(scope="module")
def lives() -> MemoryLog:
    return Lives(7).until(EVENTS)


@pytest.fixture(scope="module")
def reader(lives: MemoryLog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with closing(ChdbEngine(tmp_path_factory.mktemp("tables"))) as engine:
        prepare(engine)
        filled(engine, lives)
        yield ClickHouseReader(engine)


def cases_of(log: MemoryLog, until: int = EVENTS * 2) -> list[CaseRow]:
    rows: dict[str, CaseRow] = {}
    for step in Decoding(REGISTRY).steps(log.events[:until]):
        if step.kind == "case":
            rows[step.key] = CASES.fold(rows.get(step.key), step.envelope)
    return list(rows.values())


Told = dict[str, dict[str, int]]


def by_hand(
    cases: list[CaseRow], policy: IndicatorPolicy, by: Dimension, at: datetime, period: Period
) -> Told:
    start, end = period.bounds(ZONE)
    sums: Told = {}
    for case in cases:
        if belongs(case, policy.cohort, start, end):
            names = {"total": "", "part": part_of(case.category, policy.components or ())}
            name = names[by] if by in names else getattr(case, by)
            line = sums.setdefault(name, dict.fromkeys(COUNTS, 0))
            for count, times in counts_of(case, at).items():
                line[count] += times
    return sums


def told(found: Any) -> Told:
    return {each.name: dict(each.counts) for each in found}


@pytest.mark.parametrize("cohort", get_args(Cohort))
@pytest.mark.parametrize("by", get_args(Dimension))
@pytest.mark.parametrize("days", [3, 11, 400])
def test_sql_counts_what_the_definition_counts(
    lives: MemoryLog, reader: Any, cohort: Cohort, by: Dimension, days: int
) -> None:
    policy = rules(cohort, components=["0110"])
    now = MONDAY + timedelta(days=days, hours=5)
    at = min(now, MARCH.bounds(ZONE)[1])
    found = told(counts(reader, policy, MARCH, now, by))
    assert found == by_hand(cases_of(lives), policy, by, at, MARCH)
    assert days == 3 or sum(line["reported"] for line in found.values()) > 10


@pytest.mark.parametrize("position", [40, 300, 900, EVENTS - 1])
def test_what_was_known_then_can_be_counted_again(
    lives: MemoryLog, reader: Any, position: int
) -> None:
    policy = rules("dispatched")
    at = MARCH.bounds(ZONE)[1]
    found = counts(reader, policy, MARCH, None, "unit", up_to=position)
    assert told(found) == by_hand(cases_of(lives, position), policy, "unit", at, MARCH)
    assert max((each.position for each in found), default=0) <= position


def test_every_number_drills_down_to_its_cases(reader: Any) -> None:
    policy, pick = rules(), Pick(source="patrol", part="event")
    (line,) = counts(reader, policy, MARCH, None, "total", pick)
    for count in COUNTS:
        cases = drill(reader, policy, MARCH, None, count, pick, limit=10_000)
        assert sum(times for _, times in cases) == line.counts[count], count
        pages = [
            drill(reader, policy, MARCH, None, count, pick, limit=7, offset=offset)
            for offset in range(0, len(cases) + 7, 7)
        ]
        assert [case for page in pages for case in page] == cases


def test_a_unit_answers_for_all_that_hang_under_it(reader: Any) -> None:
    policy = rules()
    own = {each.name: each.counts for each in counts(reader, policy, MARCH)}
    with_all = unit_counts(reader, policy, MARCH)
    assert units_under(reader, "east") == ("east", "grid", "hill", "shop")
    for count in COUNTS:
        under = sum(own[unit][count] for unit in ("hill", "shop") if unit in own)
        assert with_all["east"].counts[count] == with_all["hill"].counts[count] == under
        whole = sum(own[unit][count] for unit in own if unit)
        assert with_all["city"].counts[count] == whole
    pick = Pick(units=units_under(reader, "east"))
    (line,) = counts(reader, policy, MARCH, None, "total", pick)
    assert line.counts == with_all["east"].counts


def test_the_public_table_adds_up_to_the_same_numbers(reader: Any) -> None:
    policy, now = rules(), datetime.now(UTC)
    year = Period.parse("2026")
    rows = [row for row in reader.rows("indicators.by_day") if row["day"].year == 2026]
    sums = dict.fromkeys(COUNTS, 0)
    for row in rows:
        sums[row["indicator"]] += row["value"]
    (line,) = counts(reader, policy, year, now, "total")
    assert sums == line.counts
    days = {row["day"] for row in rows}
    assert min(days) >= MONDAY.date()
