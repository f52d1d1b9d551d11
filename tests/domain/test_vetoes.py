"""One-vote veto (一票否决): below the standard, or by a clause with a veto, a unit is last."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.policies.model import ScoringPolicy
from domain.rankings.composing import UnitTotal, compose, left_out, reached
from domain.rankings.events import RankedUnit
from tests.support.policies import policy


def board(totals: list[UnitTotal], **rules: Any) -> list[tuple[str, int, str, str]]:
    ranked = compose(policy(**rules), totals, dict.fromkeys((t.unit for t in totals), ""))
    return [(row.unit, row.place, str(row.points), row.veto) for row in ranked.get("", ())]


def total(unit: str, points: str, veto: str = "") -> UnitTotal:
    return UnitTotal(unit, Decimal(points), 1, veto)


FIVE = [
    total("a", "-1"), total("c", "0", "fraud"), total("b", "-1"), total("d", "-50"),
    total("e", "-3"),
]  # fmt: skip


def test_vetoed_units_share_the_last_place_whatever_their_points() -> None:
    assert board(FIVE, standard={"below": 60}) == [
        ("a", 1, "99.00", ""), ("b", 1, "99.00", ""), ("e", 3, "97.00", ""),
        ("c", 4, "100.00", "fraud"), ("d", 4, "50.00", "standard"),
    ]  # fmt: skip


def test_with_dense_places_the_last_one_is_the_next() -> None:
    places = [(unit, place) for unit, place, *_ in board(FIVE, ties="dense")]
    assert places == [("a", 1), ("b", 1), ("e", 2), ("d", 3), ("c", 4)]


def test_vetoed_units_can_be_left_out() -> None:
    ranked = board(FIVE, standard={"below": 60}, vetoed="unranked")
    assert [(unit, place) for unit, place, *_ in ranked] == [("a", 1), ("b", 1), ("e", 3)]


def test_who_is_left_out_can_be_told_and_why() -> None:
    rules = policy(standard={"below": 60}, vetoed="unranked")
    peers = dict.fromkeys("abcd", "")
    assert left_out(rules, reached(rules, FIVE), peers) == [("c", "fraud"), ("d", "standard")]
    assert left_out(policy(standard={"below": 60}), reached(rules, FIVE), peers) == []


def test_where_fewest_points_win_a_veto_still_is_the_last_place() -> None:
    ranked = board(FIVE, order="low_first")
    assert [(unit, place) for unit, place, *_ in ranked] == [
        ("d", 1), ("e", 2), ("a", 3), ("b", 3), ("c", 5),
    ]  # fmt: skip


def test_a_group_of_vetoed_units_alone_has_its_places_too() -> None:
    assert board([total("a", "0", "x"), total("b", "5", "y")]) == [
        ("a", 1, "100.00", "x"), ("b", 1, "105.00", "y"),
    ]  # fmt: skip


@pytest.mark.parametrize(("points", "veto"), [("-40.005", ""), ("-40.006", "standard")])
def test_the_standard_is_held_against_the_points_that_are_shown(points: str, veto: str) -> None:
    (row,) = board([total("a", points)], standard={"below": 60})
    assert row[3] == veto


def test_of_two_vetoes_the_row_names_the_first_by_id_in_any_order() -> None:
    both = [total("a", "0", "late"), total("a", "0", "fraud")]
    assert board(both) == board(both[::-1]) == [("a", 1, "100.00", "fraud")]


TOTALS = st.lists(
    st.builds(
        UnitTotal,
        unit=st.sampled_from("abcdef"),
        points=st.decimals(-60, 10, places=1),
        entries=st.just(1),
        veto=st.sampled_from(["", "", "x", "y"]),
    ),
    min_size=1,
    max_size=12,
)
BELOW_70 = policy(standard={"below": 70})


@given(TOTALS, st.randoms(use_true_random=False))
def test_the_order_of_totals_never_changes_a_ranking(totals: list[UnitTotal], chance: Any) -> None:
    assert ranked(BELOW_70, totals) == ranked(BELOW_70, chance.sample(totals, len(totals)))


@given(TOTALS)
def test_every_unit_stands_once_and_no_vetoed_one_before_another(totals: list[UnitTotal]) -> None:
    rows = ranked(BELOW_70, totals)
    assert sorted(row.unit for row in rows) == sorted({each.unit for each in totals})
    assert [bool(row.veto) for row in rows] == sorted(bool(row.veto) for row in rows)
    assert all(bool(row.veto) or row.points >= 70 for row in rows)
    assert len({row.place for row in rows if row.veto}) <= 1


def ranked(rules: ScoringPolicy, totals: list[UnitTotal]) -> tuple[RankedUnit, ...]:
    return compose(rules, totals, dict.fromkeys("abcdef", ""))[""]
