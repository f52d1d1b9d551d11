"""Counts, rates and grades: Tianmen's December to the hundredth, and nothing out of nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.indicators.counting import belongs, counts_of, part_of
from domain.indicators.rates import Counts, grade_of, rate_of
from domain.policies.loading import load
from domain.policies.measures import COUNTS, IndicatorPolicy
from tests.support.policies import indicators_text, rate

JULY = datetime(2026, 7, 1, tzinfo=UTC)
END = datetime(2026, 8, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def indicators(*rates: dict[str, Any], **changes: Any) -> IndicatorPolicy:
    policy = load(indicators_text(*rates, **changes))
    assert isinstance(policy, IndicatorPolicy)
    return policy


def counts(**known: int) -> Counts:
    return {count: known.get(count, 0) for count in COUNTS}


@pytest.mark.parametrize(
    ("closed", "due", "percent"),
    [(911, 972, "93.72"), (737, 972, "75.82"), (902, 956, "94.35"), (9, 16, "56.25")],
)
def test_tianmen_s_december_of_2016(closed: int, due: int, percent: str) -> None:
    policy = indicators(rate("closing", "closed", "due_to_close"))
    found = rate_of(policy, "closing", counts(closed=closed, due_to_close=due))
    assert (found.numerator, found.denominator, str(found.value)) == (closed, due, percent)
    assert found.formula == policy.ref


def test_nothing_divided_by_nothing_is_not_applicable() -> None:
    policy = indicators(rate("closing", "closed", "due_to_close", at_least=90))
    found = rate_of(policy, "closing", counts())
    assert (found.denominator, found.value, found.met) == (0, None, None)


def test_exclusions_leave_the_denominator_and_are_told() -> None:
    policy = indicators(rate("closing", "closed", "due_to_close", excluding=["suspended"]))
    found = rate_of(policy, "closing", counts(closed=18, due_to_close=25, suspended=5))
    assert (found.denominator, found.value) == (20, Decimal(90))
    assert found.exclusions == {"suspended": 5}
    everything = rate_of(policy, "closing", counts(due_to_close=5, suspended=5))
    assert everything.value is None


def test_a_rate_may_subtract_from_its_numerator_first() -> None:
    policy = indicators(rate("right", "filed", "filed", minus="bounced"))
    assert rate_of(policy, "right", counts(filed=8, bounced=1)).value == Decimal("87.50")


@pytest.mark.parametrize(
    ("mode", "shown"), [("half_up", "12.5"), ("half_even", "12.4")]
)  # 249 of 2,000 are 12.45 %
def test_a_rate_is_rounded_as_it_says(mode: str, shown: str) -> None:
    policy = indicators(rate("r", "closed", "due_to_close", rounding={"decimals": 1, "mode": mode}))
    assert str(rate_of(policy, "r", counts(closed=249, due_to_close=2000)).value) == shown


@pytest.mark.parametrize(
    ("target", "met"),
    [({"at_least": 90}, True), ({"at_least": "90.01"}, False), ({"at_most": 90}, True),
     ({"at_most": 5}, False), ({}, None)],
)  # fmt: skip
def test_a_target_is_met_by_the_value_that_is_shown(target: dict[str, Any], met: bool) -> None:
    policy = indicators(rate("r", "closed", "due_to_close", **target))
    assert rate_of(policy, "r", counts(closed=899_996, due_to_close=1_000_000)).met is met


@pytest.mark.parametrize(
    ("mark", "grade"),
    [("100", "A"), ("90", "A"), ("89.99", "B"), ("60", "C"), ("40", "D"), ("0", "E")],
)
def test_grades_begin_at_their_mark(mark: str, grade: str) -> None:
    bounds = {"A": 90, "B": 75, "C": 60, "D": 40, "E": 0}
    grades = [{"name": name, "at_least": bound} for name, bound in bounds.items()]
    policy = indicators(rate("r", "closed", "due_to_close"), grades=grades)
    assert grade_of(policy, Decimal(mark)) == grade
    assert grade_of(policy, None) == grade_of(policy, Decimal(-1)) == ""


@dataclass
class Case:
    status: str = "dispatched"
    category: str = "0110"
    opened_at: datetime = JULY
    filed_at: datetime | None = JULY
    dispatched_at: datetime | None = JULY
    due_at: datetime | None = JULY + 2 * DAY
    rectified_at: datetime | None = None
    closed_at: datetime | None = None
    reworks: int = 0
    extensions: int = 0
    bounces: int = 0
    reopenings: int = 0
    overdue: bool = False
    missed_at: datetime | None = None
    exempt: bool = False


ANSWERED = {"status": "closed", "rectified_at": JULY + DAY, "closed_at": JULY + 3 * DAY}
LATE = {**ANSWERED, "rectified_at": JULY + 3 * DAY, "closed_at": JULY + 4 * DAY}
OPEN = {"reported", "filed", "dispatched"}
DONE = {*OPEN, "due_to_handle", "handled", "due_to_close", "closed"}
IN_TIME = {"handled_in_time", "closed_in_time"}


@pytest.mark.parametrize(
    ("case", "counted"),
    [
        ({}, {*OPEN, "due_to_handle", "due_to_close", "overdue", "pending"}),
        ({"due_at": END}, {*OPEN, "pending"}),
        ({"due_at": None}, {*OPEN, "pending"}),
        (ANSWERED, {*DONE, *IN_TIME}),
        ({**ANSWERED, "due_at": END + DAY}, {*DONE, *IN_TIME}),  # early: due because it is done
        ({**ANSWERED, "due_at": None}, {*DONE, *IN_TIME}),
        (LATE, {*DONE, "overdue"}),
        ({**LATE, "exempt": True}, {*DONE, *IN_TIME}),
        ({**ANSWERED, "overdue": True, "missed_at": JULY + DAY}, {*DONE, *IN_TIME, "overdue"}),
        ({**ANSWERED, "overdue": True, "missed_at": END}, {*DONE, *IN_TIME}),
        ({**ANSWERED, "closed_at": END}, (DONE | {"handled_in_time"}) - {"closed"}),
        ({"status": "suspended", "due_at": END},
         {*OPEN, "due_to_handle", "due_to_close", "suspended"}),
        ({"status": "void", "reworks": 3}, {"reported", "voided"}),
        ({"status": "rejected", "filed_at": None, "dispatched_at": None, "due_at": None},
         {"reported", "rejected"}),
        ({"status": "reported", "filed_at": None, "dispatched_at": None, "due_at": None},
         {"reported"}),
        ({"status": "filed", "bounces": 1}, {"reported", "filed", "due_to_close", "bounced"}),
        ({**ANSWERED, "extensions": 2, "reopenings": 1}, {*DONE, *IN_TIME, "extended", "reopened"}),
    ],
)  # fmt: skip
def test_every_case_is_counted_as_its_life_went(case: dict[str, Any], counted: set[str]) -> None:
    found = counts_of(Case(**case), END)
    assert {count for count, times in found.items() if times} == counted
    assert list(found) == list(COUNTS)


def test_reworks_are_counted_as_often_as_they_happened_and_once_per_case() -> None:
    found = counts_of(Case(reworks=3), END)
    assert (found["reworks"], found["reworked_cases"]) == (3, 1)


def test_no_rate_of_these_counts_passes_a_hundred_per_cent() -> None:
    lives: list[dict[str, Any]] = [
        ANSWERED,
        LATE,
        {**ANSWERED, "due_at": END},
        {"status": "suspended", "due_at": None},
    ]
    for life in lives:
        found = counts_of(Case(**life), END)
        assert found["handled_in_time"] <= found["handled"] <= found["due_to_handle"]
        assert found["closed_in_time"] <= found["closed"] <= found["due_to_close"]
        assert found["suspended"] <= found["due_to_close"]


def test_a_case_belongs_to_the_period_of_its_cohort_s_moment() -> None:
    case = Case(opened_at=JULY, filed_at=END, dispatched_at=None, due_at=JULY - DAY)
    assert belongs(case, "reported", JULY, END)
    assert not belongs(case, "filed", JULY, END)
    assert not belongs(case, "dispatched", JULY, END)
    assert not belongs(case, "due", JULY, END)


def test_a_category_is_a_thing_if_the_policy_lists_its_beginning() -> None:
    assert part_of("0101 井盖", ("01", "路灯")) == "component"
    assert part_of("0201", ("01",)) == part_of("0101", ()) == "event"
