"""Tianmen's December and Jinhua's points, from cases in a real city to the last hundredth."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from domain.cases import commands as c
from domain.cases.events import Limit, Source
from domain.errors import Refused
from domain.messages import Command
from domain.periods import Period
from domain.policies.commands import AdoptPolicy
from domain.policies.composite import CompositePolicy
from domain.policies.loading import load
from domain.policies.measures import IndicatorPolicy
from domain.requests import Request
from domain.units.commands import RegisterUnit
from domain.units.events import UnitKind
from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings
from projections.indicators import Pick, counts, drill, rates_of, table
from projections.standings import ranking
from tests.support.policies import clause, composite_text, indicators_text, part, rate, text

MONTH = Period.parse("2016-12")
NOW = datetime(2017, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)
THREE_DAYS, TO_JANUARY = Limit(3, "natural_days"), Limit(40, "natural_days")
UNITS: tuple[tuple[str, UnitKind, str], ...] = (
    ("city", "city", ""), ("east", "district", "city"), ("hill", "street", "east"),
    ("lake", "street", "east"), ("calm", "street", "east"),
)  # fmt: skip


@dataclass(frozen=True)
class Life:
    """What becomes of a case that is reported on a day of December at nine in the morning."""

    day: int
    unit: str = "hill"
    category: str = "0201"
    source: Source = "patrol"
    limit: Limit = THREE_DAYS
    rejected: bool = False
    suspended: bool = False
    fraud: bool = False
    reworks: int = 0
    answered: float | None = None  # days after the report
    closed: bool = False


class City:
    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.reader = runtime.services.reader
        self._numbers = count(1)
        zone = "Asia/Shanghai"
        for unit, kind, parent in UNITS:
            self.ask(RegisterUnit(unit_id=unit, code=unit, name=unit, kind=kind, parent=parent,
                                  timezone="" if parent else zone))  # fmt: skip

    def ask(self, command: Command) -> None:
        self.runtime.desk.handle([Request(command, "clerk")], f"ask/{next(self._numbers)}")

    def adopt(self, body: str) -> Any:
        self.ask(AdoptPolicy(body=body))
        return load(body)

    def live(self, lives: list[Life]) -> None:
        groups = [(requests_of(life, next(self._numbers)), f"life/{next(self._numbers)}")
                  for life in lives]  # fmt: skip
        for answer in self.runtime.desk.handle_all(groups):
            if isinstance(answer, Refused):
                raise answer
        self.runtime.catch_up()


def requests_of(life: Life, number: int) -> list[Request]:
    at, case_id = datetime(2016, 12, life.day, 1, tzinfo=UTC), f"c{number}"
    told: list[Request] = []

    def say(command: Command, actor: str, days: float) -> None:
        told.append(Request(command, actor, at + days * DAY))

    say(c.ReportCase(case_id=case_id, source=life.source, category=life.category, text="x"), "p", 0)
    if life.rejected:
        say(c.RejectCase(case_id=case_id, reason="no case"), "clerk", 0)
        return told
    say(c.FileCase(case_id=case_id, standard="1"), "clerk", 0)
    say(c.DispatchCase(case_id=case_id, unit=life.unit, limit=life.limit), "clerk", 0)
    for turn in range(life.reworks):
        say(c.OrderRework(case_id=case_id, reason="still there"), "checker", 0.1 * (turn + 1))
    if life.fraud:
        say(c.VoidCase(case_id=case_id, reason="the photographs are of another place"), "clerk", 1)
    if life.suspended:
        until = at + 100 * DAY
        say(c.SuspendCase(case_id=case_id, reason="winter", until=until), "clerk", 1)
    if life.answered is not None:
        say(c.RectifyCase(case_id=case_id, note="done"), "unit", life.answered)
    if life.closed:
        assert life.answered is not None
        say(c.VerifyCase(case_id=case_id), "checker", life.answered + 0.5)
        say(c.CloseCase(case_id=case_id), "clerk", life.answered + 0.5)
    return told


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with closing(embedded(Settings(data_dir=tmp_path), SimulatedClock(NOW))) as runtime:
        yield City(runtime)


EFFECTIVE = {"effective_from": "2000-01-01"}
IN_TIME = rate("in-time", "closed_in_time", "due_to_close")
CLOSING = rate("closing", "closed", "due_to_close", at_least=90)


def tianmen() -> list[Life]:
    """1,054 received, 58 of them rejected; of 996 filed 24 are not due before January; of 972 due
    911 are closed, 737 of them answered within their three days."""
    done: Any = {"answered": 2, "closed": True}
    late: Any = {"answered": 4, "closed": True}

    def some(number: int, **what: Any) -> list[Life]:
        return [Life(day=1 + n % 20, **what) for n in range(number)]

    thing: Any = {"category": "0103"}
    return [
        *some(58, rejected=True),
        *some(730, **done), *some(172, **late), *some(956 - 902),
        *some(971 - 956, limit=TO_JANUARY),
        *some(7, **done, **thing), *some(2, **late, **thing), *some(16 - 9, **thing),
        *some(25 - 16, limit=TO_JANUARY, **thing),
    ]  # fmt: skip


def test_tianmen_december_2016(city: City) -> None:
    policy: IndicatorPolicy = city.adopt(
        indicators_text(CLOSING, IN_TIME, components=["01"], **EFFECTIVE)
    )
    city.live(tianmen())
    (whole,) = counts(city.reader, policy, MONTH, NOW, "total")
    assert {name: whole.counts[name] for name in ("reported", "filed", "rejected")} == {
        "reported": 1054, "filed": 996, "rejected": 58,
    }  # fmt: skip
    assert (whole.counts["due_to_close"], whole.counts["closed"]) == (972, 911)
    closing, in_time = rates_of(policy, whole.counts)
    assert (str(closing.value), closing.met) == ("93.72", True)
    assert (in_time.numerator, str(in_time.value)) == (737, "75.82")
    lines = {line.name: line for line in table(city.reader, policy, MONTH, NOW, "part")}
    of = {
        part: tuple(line.counts[n] for n in ("filed", "due_to_close", "closed"))
        for part, line in lines.items()
    }  # fmt: skip
    assert of == {"component": (25, 16, 9), "event": (971, 956, 902)}
    rates = {part: str(line.rates[0].value) for part, line in lines.items()}
    assert rates == {"component": "56.25", "event": "94.35"}
    behind = drill(city.reader, policy, MONTH, NOW, "closed", Pick(part="component"))
    assert len(behind) == 9


JINHUA = indicators_text(
    rate("in-time", "closed_in_time", "due_to_close", excluding=["suspended"]),
    rate("closing", "closed", "due_to_close", excluding=["suspended"]),
    **EFFECTIVE,
)
DEDUCTIONS = text(
    clause(id="rework", on="case.rework_ordered", when={"reworks": {"below": 3}}, points="-0.2"),
    clause(id="third-check", on="case.rework_ordered", when={"reworks": {"at_least": 3}},
           points="-0.5"),
    clause(id="fraud", on="case.voided", points=-1),
    id="deductions", base=30, multipliers=[
        {"id": "watched", "when": {"source": ["media", "supervisor"]}, "times": 2}
    ], **EFFECTIVE,
)  # fmt: skip
MARK = composite_text(
    part("in-time", 1, indicator="in-time", band={"full": 50, "from": 70, "per_point": 1}),
    part("closing", 1, indicator="closing", band={"full": 20, "from": 90, "per_point": 1}),
    part("deductions", 1, board="deductions"),
    id="jinhua", peer_groups={"by": "kind", "kinds": ["street"]}, **EFFECTIVE,
)  # fmt: skip


def test_jinhua_points(city: City) -> None:
    """Hill: 25 due, 5 of them suspended; of 20 closed 17 (85 %: 5 below), 13 in time (65 %: 5
    below); reworks −0.2 −0.2 −0.5 −0.5 on a patrol's case, twice 0.2 on one in the media; a
    fraud −1."""
    for body in (JINHUA, DEDUCTIONS):
        city.adopt(body)
    jinhua: CompositePolicy = city.adopt(MARK)
    in_time: Any = {"answered": 2, "closed": True}
    late: Any = {"answered": 4, "closed": True}
    city.live(
        [
            *[Life(day=5, **in_time) for _ in range(11)],
            Life(day=5, reworks=4, **in_time), Life(day=5, reworks=1, source="media", **in_time),
            *[Life(day=6, **late) for _ in range(4)], *[Life(day=7) for _ in range(3)],
            *[Life(day=8, suspended=True) for _ in range(5)], Life(day=8, fraud=True),
            *[Life(day=9, unit="lake", **in_time) for _ in range(7)],
            *[Life(day=9, unit="lake", **late) for _ in range(3)],
            Life(day=9, unit="lake", reworks=1, **in_time),
        ]
    )  # fmt: skip
    found = ranking(city.reader, jinhua, MONTH, now=NOW)
    assert [(row.unit, row.place, str(row.points)) for row in found.rows] == [
        ("lake", 1, "99.80"),  # 8 of 11 in time is 72.73 %, all closed, one rework
        ("hill", 2, "87.20"),  # 45 + 15 + 27.2
    ]


def test_a_unit_with_nothing_due_has_no_rate_and_the_other_marks_count_for_it(city: City) -> None:
    for body in (JINHUA, DEDUCTIONS):
        city.adopt(body)
    jinhua: CompositePolicy = city.adopt(MARK)
    city.live([Life(day=5, unit="calm", limit=TO_JANUARY, reworks=1)])
    found = ranking(city.reader, jinhua, MONTH, now=NOW)
    assert [(row.unit, row.balance) for row in found.rows] == [
        ("calm", Decimal("89.4"))
    ]  # 29.8 × 3
