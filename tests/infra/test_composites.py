"""Composite boards over real tables: roll-ups, surveys, what was known when, units that move."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Invalid, NotFound, Refused
from domain.inspections.events import InspectionRecorded
from domain.periods import Period
from domain.policies.book import PolicyBook
from domain.policies.events import PolicyAdopted
from domain.policies.loading import load
from domain.policies.model import Board
from domain.readings.events import ReadingCorrected, ReadingRecorded
from domain.units.events import UnitMoved, UnitRetired
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.reading import ClickHouseReader
from infra.clickhouse.schema import prepare
from projections.explanations import entries, scored_days
from projections.reading import Reader
from projections.standings import Ranking, boards_for, policy_for, ranking
from tests.infra.test_clickhouse_rankings import CHINA, FRAUD, POINTS, city, filled
from tests.support.memory_log import MemoryLog
from tests.support.policies import composite_text, part, text

SHEETS = text(POINTS, id="sheets", base=100, peer_groups={"by": "all"})
WEEKLY = part("weekly", 1, board="sheets", each="week", join="average")


def at(day: str, hour: int = 12) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC) - CHINA


class City:
    """Events of a small city, put into real tables when somebody asks."""

    def __init__(self, engine: ChdbEngine) -> None:
        self.log = MemoryLog()
        self.engine = engine
        self.adopted: list[PolicyAdopted] = []
        city(self.log)

    def adopt(self, body: str, day: str = "2026-01-01") -> Board:
        policy = load(body)
        event = PolicyAdopted(
            policy_id=policy.id, revision=policy.version, effective_from=policy.starts_at,
            digest=policy.digest, body=body,
        )  # fmt: skip
        self.adopted.append(event)
        self.log.append(f"policy-{policy.id}-{policy.version}", event, at(day))
        assert isinstance(policy, Board)
        return policy

    def sheet(self, unit: str, points: str, day: str, source: Any = "patrol") -> None:
        from_now = tuple(event.digest for event in self.adopted)
        visit: Any = {"unit": unit, "source": source, "result": "scored", "colour": "green"}
        self.log.append(
            f"inspection-{len(self.log.events)}",
            InspectionRecorded(score=Decimal(points), **visit),
            at(day),
            from_now,
        )

    def read(self, unit: str, period: str, value: str, day: str) -> str:
        stream = f"reading-{len(self.log.events)}"
        event = ReadingRecorded(
            indicator="satisfaction", unit=unit, period=period, value=Decimal(value)
        )
        self.log.append(stream, event, at(day))
        return stream

    def reader(self) -> Reader:
        filled(self.engine, self.log)
        return ClickHouseReader(self.engine)

    def board(self, board: Board, period: str, **asked: Any) -> dict[str, tuple[int, str]]:
        found = self.ranked(board, period, **asked)
        return {row.unit: (row.place, str(row.points)) for row in found.rows}

    def ranked(self, board: Board, period: str, **asked: Any) -> Ranking:
        return ranking(self.reader(), board, Period.parse(period), **asked)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[City]:
    with closing(ChdbEngine(tmp_path)) as engine:
        prepare(engine)
        yield City(engine)


def composite(*parts: dict[str, Any], **changes: Any) -> str:
    longer = ["month", "quarter", "year"]
    return composite_text(*parts, **{"peer_groups": {"by": "all"}, "periods": longer, **changes})


def test_weeks_become_months_where_they_end(town: City) -> None:
    town.adopt(SHEETS)
    monthly = town.adopt(composite(WEEKLY, id="monthly"))
    town.sheet("shop", "-10", "2026-02-24")  # W09 ends on Sunday 1 March
    town.sheet("shop", "-2", "2026-03-03")  # W10
    town.sheet("inn", "-4", "2026-03-04")
    town.sheet("inn", "-6", "2026-03-31")  # W14 ends in April
    assert town.board(monthly, "2026-03") == {"inn": (1, "96.00"), "shop": (2, "94.00")}
    assert town.board(monthly, "2026-04") == {"inn": (1, "94.00")}
    assert town.board(monthly, "2026-02") == {}


def test_a_day_rolls_up_into_week_fortnight_month_quarter_and_year(town: City) -> None:
    town.adopt(text(POINTS, id="daily", base=10, peer_groups={"by": "all"}))
    kinds = ("week", "fortnight", "month", "quarter", "year")
    boards = {
        kind: town.adopt(
            composite(
                part("x", 1, board=below, each=each, join="sum"), id=f"of-{kind}", periods=[kind]
            )
        )
        for kind, below, each in zip(
            kinds,
            ("daily", "of-week", "daily", "of-month", "of-quarter"),
            ("day", "week", "day", "month", "quarter"),
            strict=True,
        )
    }
    for day in ("2026-01-01", "2026-01-05", "2026-01-06", "2026-02-20", "2026-06-30"):
        town.sheet("shop", "1.5", day)
    for kind, period, points in (
        ("week", "2026-W01", "11.50"), ("week", "2026-W02", "23.00"),
        ("fortnight", "2026-F01", "34.50"), ("month", "2026-01", "34.50"),
        ("quarter", "2026-Q1", "46.00"), ("year", "2026", "57.50"),
    ):  # fmt: skip
        assert town.board(boards[kind], period) == {"shop": (1, points)}, period


def test_every_sub_period_is_judged_by_the_version_in_force_at_its_end(town: City) -> None:
    town.adopt(SHEETS)
    town.adopt(text(POINTS, id="sheets", version=2, base=50, effective_from="2026-03-09",
                    peer_groups={"by": "all"}), "2026-03-01")  # fmt: skip
    monthly = town.adopt(composite(WEEKLY, id="monthly"))
    town.sheet("shop", "0", "2026-03-03")
    town.sheet("shop", "0", "2026-03-10")
    found = town.ranked(monthly, "2026-03")
    assert [str(row.points) for row in found.rows] == ["75.00"]
    digests = {event.digest for event in town.adopted}
    assert set(found.policies) == digests
    assert found.policies[0] == monthly.digest


def test_everybody_counts_in_each_week_that_has_begun(town: City) -> None:
    town.adopt(text(POINTS, id="sheets", base=100, eligibility="all",
                    peer_groups={"by": "all", "kinds": ["company"]}))  # fmt: skip
    companies = {"by": "all", "kinds": ["company"]}
    monthly = town.adopt(composite(WEEKLY, id="monthly", peer_groups=companies))
    town.sheet("shop", "-10", "2026-03-03")
    whole = town.board(monthly, "2026-03")
    assert whole == {"bar": (1, "100.00"), "inn": (1, "100.00"), "shop": (3, "98.00")}
    so_far = town.board(monthly, "2026-03", now=at("2026-03-10"))
    assert so_far["shop"] == (3, "96.67")  # W09, W10, W11


def test_surveys_count_by_the_average_of_what_was_read_and_known(town: City) -> None:
    town.adopt(SHEETS)
    quarterly = town.adopt(
        composite(
            part("sheets", "0.9", board="sheets"), part("survey", "0.1", survey="satisfaction"),
            id="quarterly",
        )
    )  # fmt: skip
    town.sheet("shop", "0", "2026-03-03")
    town.sheet("inn", "0", "2026-03-03")
    town.read("shop", "2026-01", "80", "2026-02-02")
    wrong = town.read("shop", "2026-02", "91", "2026-03-02")
    town.read("shop", "2026-Q2", "10", "2026-03-02")  # lies outside
    found = town.ranked(quarterly, "2026-Q1")
    assert [(row.unit, str(row.points)) for row in found.rows] == [
        ("inn", "100.00"), ("shop", "98.55"),
    ]  # fmt: skip
    before = len(town.log.events)
    assert found.computed_at == before - 1
    town.log.append(wrong, ReadingCorrected(value=Decimal(93), reason="typed"), at("2026-04-01"))
    assert town.board(quarterly, "2026-Q1")["shop"] == (2, "98.65")
    then = town.ranked(quarterly, "2026-Q1", up_to=before)
    assert then.rows == found.rows


def test_a_veto_by_a_clause_of_a_board_reaches_the_composite(town: City) -> None:
    town.adopt(text(POINTS, FRAUD, id="sheets", base=100, peer_groups={"by": "all"}))
    monthly = town.adopt(composite(WEEKLY, id="monthly"))
    town.sheet("shop", "0", "2026-03-03", "expert")
    town.sheet("inn", "-40", "2026-03-03")
    rows = town.ranked(monthly, "2026-03").rows
    assert [(row.unit, row.place, row.veto) for row in rows] == [
        ("inn", 1, ""), ("shop", 2, "fraud"),
    ]  # fmt: skip


def test_a_board_made_of_itself_is_refused(town: City) -> None:
    one = town.adopt(composite(part("x", 1, board="two"), id="one"))
    town.adopt(composite(part("x", 1, board="one"), id="two"))
    with pytest.raises(Refused, match="one 2026-03 → two 2026-03 → one 2026-03") as refusal:
        town.board(one, "2026-03")
    assert refusal.value.code == "board.circular"


def test_a_composite_ranks_peers_only(town: City) -> None:
    monthly = town.adopt(composite(WEEKLY, id="monthly"))
    with pytest.raises(Invalid, match="ranks units among their peers"):
        town.board(monthly, "2026-03", by="district")


def test_boards_are_found_by_the_kind_of_period_they_rank(town: City) -> None:
    town.adopt(SHEETS)
    town.adopt(composite(WEEKLY, id="a-monthly", periods=["month"]))
    book = PolicyBook(town.adopted)
    zone, now = ZoneInfo("Asia/Shanghai"), at("2026-05-01")
    month, week = Period.parse("2026-03"), Period.parse("2026-W10")
    assert [b.id for b in boards_for(book, month, zone, now)] == ["a-monthly", "sheets"]
    assert [b.id for b in boards_for(book, week, zone, now)] == ["sheets"]
    assert policy_for(book, month, zone, now, "sheets").id == "sheets"
    with pytest.raises(NotFound, match="no policy a-monthly judges 2026-W10"):
        policy_for(book, week, zone, now, "a-monthly")


def test_the_entries_behind_a_composite_are_those_of_its_boards(town: City) -> None:
    town.adopt(SHEETS)
    monthly = town.adopt(composite(WEEKLY, id="monthly"))
    town.sheet("shop", "-10", "2026-03-03")
    reader, march = town.reader(), Period.parse("2026-03")
    assert [e.points for e in entries(reader, monthly, march, "shop")] == [Decimal(-10)]
    assert scored_days(reader, monthly) == (march.first + timedelta(2), march.first + timedelta(2))


# --- units that move ---------------------------------------------------------------------------

BY_DISTRICT = text(POINTS, id="sheets", peer_groups={"by": "district", "kinds": ["company"]})


def groups(found: Ranking) -> dict[str, list[tuple[str, str, int]]]:
    told: dict[str, list[tuple[str, str, int]]] = {}
    for row in found.rows:
        told.setdefault(row.peer_group, []).append((row.unit, str(row.points), row.entries))
    return told


def test_a_unit_that_moved_inside_the_period_stands_once_with_all_its_entries(town: City) -> None:
    sheets = town.adopt(BY_DISTRICT)
    town.sheet("shop", "-1", "2026-03-03")
    town.sheet("inn", "-5", "2026-03-03")
    town.log.append("unit-shop", UnitMoved(parent="lake"), at("2026-03-15"))  # east → west
    town.sheet("shop", "-2", "2026-03-20")
    march = {"west": [("shop", "97.00", 2), ("inn", "95.00", 1)]}
    assert groups(town.ranked(sheets, "2026-03")) == march
    before = {"west": [("inn", "95.00", 1)], "east": [("shop", "99.00", 1)]}
    assert groups(town.ranked(sheets, "2026-W10")) == before


def test_who_were_peers_is_as_it_was_known_then(town: City) -> None:
    """Also when a street moves with all that hangs under it, or a unit retires afterwards."""
    sheets = town.adopt(
        text(POINTS, id="sheets", eligibility="all",
             peer_groups={"by": "district", "kinds": ["company"]})
    )  # fmt: skip
    town.sheet("shop", "-1", "2026-03-03")
    known = len(town.log.events)
    then = groups(town.ranked(sheets, "2026-03"))
    assert then == {
        "east": [("bar", "100.00", 0), ("shop", "99.00", 1)], "west": [("inn", "100.00", 0)],
    }  # fmt: skip
    town.log.append("unit-hill", UnitMoved(parent="west"), at("2026-04-10"))
    town.log.append("unit-inn", UnitRetired(reason="closed"), at("2026-04-11"))
    assert groups(town.ranked(sheets, "2026-03")) == then
    assert groups(town.ranked(sheets, "2026-04")) == {
        "west": [("bar", "100.00", 0), ("shop", "100.00", 0)]
    }
    assert groups(town.ranked(sheets, "2026-04", up_to=known))["west"] == [("inn", "100.00", 0)]
