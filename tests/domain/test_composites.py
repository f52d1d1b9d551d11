"""Composite boards: weights, what is missing, bands, and periods within periods."""

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.periods import Period, PeriodKind
from domain.policies.composite import Band, CompositePolicy
from domain.policies.loading import load
from domain.rankings.composing import Mark, placed
from domain.rankings.composite import banded, joined, periods_in, put_together
from tests.support.policies import composite_text, part

THREE = [
    part("daily", "0.6", board="daily"),
    part("closing", "0.3", indicator="closing"),
    part("survey", "0.1", survey="satisfaction"),
]


def composite(*parts: dict[str, Any], **changes: Any) -> CompositePolicy:
    policy = load(composite_text(*parts, **changes))
    assert isinstance(policy, CompositePolicy)
    return policy


def points(policy: CompositePolicy, **marks: dict[str, str]) -> dict[str, str]:
    """Unit → points, from component → unit → mark."""
    found = put_together(policy, of(marks), ["a", "b", "c"])
    return {each.mark.unit: str(each.mark.points) for each in found}


def of(marks: dict[str, dict[str, str]]) -> dict[str, dict[str, Mark]]:
    return {
        component: {unit: Mark(unit, Decimal(mark), 1) for unit, mark in units.items()}
        for component, units in marks.items()
    }


def test_points_are_the_sum_of_marks_times_weights() -> None:
    assert points(
        composite(*THREE), daily={"a": "98.5"}, closing={"a": "93.72"}, survey={"a": "88.4"}
    ) == {"a": "96.06"}  # 59.1 + 28.116 + 8.84 = 96.056


@pytest.mark.parametrize(
    ("missing", "reached"),
    [
        ("zero", {"a": "87.22", "b": "54.00"}),
        ("unranked", {}),
        ("reweigh", {"a": "96.91", "b": "90.00"}),  # 87.216 ÷ 0.9
    ],
)
def test_what_is_missing_is_the_policy_s_choice(missing: str, reached: dict[str, str]) -> None:
    rules = composite(*THREE, missing=missing)
    found = points(rules, daily={"a": "98.5", "b": "90"}, closing={"a": "93.72"})
    assert found == reached


def test_everybody_is_on_the_board_only_where_nothing_counts_as_zero() -> None:
    everybody = {"eligibility": "all"}
    daily = {"daily": {"a": "100"}}
    assert points(composite(*THREE, missing="zero", **everybody), **daily) == {
        "a": "60.00", "b": "0.00", "c": "0.00",
    }  # fmt: skip
    assert points(composite(*THREE, missing="reweigh", **everybody), **daily) == {"a": "100.00"}


def test_floor_ceiling_and_standard_are_those_of_the_board() -> None:
    rules = composite(THREE[0], floor=50, ceiling=55, standard={"below": 51})
    found = put_together(rules, of({"daily": {"a": "95", "b": "86", "c": "10"}}), ())
    rows = placed(rules, [each.mark for each in found], dict.fromkeys("abc", ""))[""]
    assert [(row.unit, row.place, str(row.points), row.veto) for row in rows] == [
        ("a", 1, "55.00", ""), ("b", 2, "51.60", ""), ("c", 3, "50.00", "standard"),
    ]  # fmt: skip
    assert {each.mark.unit: str(each.sum) for each in found}["a"] == "57.0"


def test_a_veto_of_a_clause_reaches_the_composite_but_a_board_s_standard_does_not() -> None:
    parts = {
        "daily": {u: Mark(u, Decimal(90), 1, veto) for u, veto in
                  (("a", "fraud"), ("b", "standard"), ("c", ""))},
    }  # fmt: skip
    found = put_together(composite(THREE[0]), parts, ())
    assert [each.mark.veto for each in found] == ["fraud", "", ""]


@pytest.mark.parametrize(
    ("rate", "mark"),
    [("100", "50"), ("70.00", "50"), ("69.99", "49.99"), ("65.5", "45.5"), ("19", "0")],
)
def test_a_band_gives_the_full_mark_from_the_target_on_and_less_below(rate: str, mark: str) -> None:
    band = Band.model_validate({"full": 50, "from": 70, "per_point": 1})
    assert banded(band, Decimal(rate)) == Decimal(mark)
    assert banded(None, Decimal(rate)) == Decimal(rate)


def test_periods_are_joined_over_those_in_which_the_unit_stood() -> None:
    weeks = [Mark("a", Decimal(p), 2) for p in ("90", "95", "97")]
    assert joined("sum", weeks) == Mark("a", Decimal(282), 6)
    assert joined("average", weeks) == Mark("a", Decimal(94), 6)
    third = joined("average", [*weeks[:2], Mark("a", Decimal(96), 1, "fraud")])
    assert (str(third.points)[:12], third.veto) == ("93.666666666", "fraud")


@pytest.mark.parametrize(
    ("kind", "period", "within"),
    [
        ("week", "2026-03", ["2026-W09", "2026-W10", "2026-W11", "2026-W12", "2026-W13"]),
        ("week", "2026-02", ["2026-W05", "2026-W06", "2026-W07", "2026-W08"]),
        ("fortnight", "2026-01", ["2026-F01", "2026-F02"]),
        ("fortnight", "2027-01", ["2026-F27", "2027-F01", "2027-F02"]),
        ("month", "2026-Q1", ["2026-01", "2026-02", "2026-03"]),
        ("quarter", "2026", ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
        ("month", "2026-W10", []),
        (None, "2026-03", ["2026-03"]),
    ],
)
def test_a_period_belongs_where_it_ends(
    kind: PeriodKind | None, period: str, within: list[str]
) -> None:
    assert [str(each) for each in periods_in(kind, Period.parse(period))] == within


@pytest.mark.parametrize("kind", ["day", "week", "fortnight", "month"])
def test_every_period_belongs_to_exactly_one_month_and_year(kind: PeriodKind) -> None:
    months = [Period.parse(f"2026-{month:02}") for month in range(1, 13)]
    by_month = [each for month in months for each in periods_in(kind, month)]
    assert by_month == periods_in(kind, Period.parse("2026"))
    assert len(set(by_month)) == len(by_month)


MARKS = st.dictionaries(
    st.sampled_from(["daily", "closing", "survey"]),
    st.dictionaries(st.sampled_from("abcd"), st.decimals(0, 100, places=2), max_size=4),
)


@given(MARKS, st.randoms(use_true_random=False), st.sampled_from(["zero", "reweigh", "unranked"]))
def test_the_order_in_which_marks_are_read_never_changes_the_board(
    marks: dict[str, dict[str, Decimal]], chance: random.Random, missing: str
) -> None:
    rules = composite(*THREE, missing=missing, eligibility="all")

    def board(turned: bool) -> dict[str, Any]:
        names = chance.sample(sorted(marks), len(marks)) if turned else list(marks)
        parts = {
            name: {
                unit: Mark(unit, marks[name][unit], 1)
                for unit in sorted(marks[name], reverse=turned)
            }
            for name in names
        }
        everybody = "dcba" if turned else "abcd"
        found = [each.mark for each in put_together(rules, parts, everybody)]
        return placed(rules, found, dict.fromkeys("abcd", "g"))

    assert board(turned=True) == board(turned=False)
