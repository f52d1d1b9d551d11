"""From totals to places."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.policies.model import PeerGroups
from domain.policies.scoring import Entry, Fact, score
from domain.rankings.composing import UnitTotal, compose
from domain.rankings.events import RankedUnit
from tests.domain.test_scoring import DEFAULT, FACTS
from tests.support.policies import add_up, policy


def board(points: dict[str, str], **rules: Any) -> list[tuple[str, int, str]]:
    totals = [UnitTotal(unit, Decimal(each), 1) for unit, each in points.items()]
    ranked = compose(policy(**rules), totals, dict.fromkeys(points, ""))
    return [(row.unit, row.place, str(row.points)) for row in ranked[""]]


SIX = {"b": "-2", "a": "-2", "c": "0", "d": "-7.5", "f": "-3", "e": "-3"}


def test_equal_points_share_a_place_and_the_next_is_skipped() -> None:
    assert board(SIX) == [
        ("c", 1, "100.00"), ("a", 2, "98.00"), ("b", 2, "98.00"), ("e", 4, "97.00"),
        ("f", 4, "97.00"), ("d", 6, "92.50"),
    ]  # fmt: skip


def test_dense_places_skip_nothing() -> None:
    assert [place for _, place, _ in board(SIX, ties="dense")] == [1, 2, 2, 3, 3, 4]


def test_where_fewest_points_win_the_order_turns_but_ties_stay_by_id() -> None:
    turned = board(SIX, order="low_first")
    assert [(unit, place) for unit, place, _ in turned] == [
        ("d", 1), ("e", 2), ("f", 2), ("a", 4), ("b", 4), ("c", 6),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "decimals", "shown"),
    [
        ("half_up", 2, "97.13"),
        ("half_even", 2, "97.12"),
        ("half_up", 0, "97"),
        ("half_up", 4, "97.1250"),
    ],
)
def test_points_are_rounded_as_the_policy_says(mode: str, decimals: int, shown: str) -> None:
    rounding = {"decimals": decimals, "mode": mode}
    assert board({"a": "-2.875"}, rounding=rounding) == [("a", 1, shown)]


def test_units_are_tied_when_their_published_points_are_equal() -> None:
    rounding = {"decimals": 1, "mode": "half_up"}
    assert [place for _, place, _ in board({"a": "-0.51", "b": "-0.54"}, rounding=rounding)] == [
        1,
        1,
    ]


def test_floor_and_ceiling_hold_before_rounding() -> None:
    limits = {"floor": 0, "ceiling": 105}
    assert board({"a": "-250", "b": "12", "c": "-100.001"}, **limits) == [
        ("b", 1, "105.00"), ("a", 2, "0.00"), ("c", 2, "0.00"),
    ]  # fmt: skip
    assert board({"a": "-100.001"}) == [("a", 1, "0.00")]  # never -0.00


def test_only_touched_units_are_ranked_unless_the_policy_says_all() -> None:
    totals = [UnitTotal("a", Decimal(0), 1)]
    peers = {"a": "街道", "b": "街道", "c": "部门"}
    assert compose(policy(), totals, peers) == {"街道": (RankedUnit("a", 1, Decimal("100.00"), 1),)}
    everybody = compose(policy(eligibility="all"), totals, peers)
    assert list(everybody) == ["街道", "部门"]
    assert [(row.unit, row.entries) for row in everybody["街道"]] == [("a", 1), ("b", 0)]


def test_a_unit_outside_every_peer_group_is_not_ranked() -> None:
    totals = [UnitTotal("a", Decimal(0), 1), UnitTotal("stranger", Decimal(5), 1)]
    assert [row.unit for row in compose(policy(), totals, {"a": ""})[""]] == ["a"]


@pytest.mark.parametrize(
    ("by", "name"),
    [
        ("peer_group", "面馆"),
        ("kind", "company"),
        ("district", "east"),
        ("parent", "g1"),
        ("all", ""),
    ],
)
def test_a_peer_group_is_named_by_what_its_units_have_in_common(by: str, name: str) -> None:
    peers = PeerGroups.model_validate({"by": by, "kinds": ["company"]})
    properties = {"peer_group": "面馆", "district": "east", "parent": "g1"}
    assert peers.name_for(kind="company", **properties) == name
    assert peers.name_for(kind="street", **properties) is None


def test_totals_add_up_exactly_and_count_the_entries() -> None:
    entries = [Entry("a", Decimal("0.1"), "x", "p", "", "")] * 10
    assert add_up(entries) == [UnitTotal("a", Decimal("1.0"), 10)]
    twice = compose(policy(), [*add_up(entries), *add_up(entries)], {"a": ""})
    assert twice[""] == (RankedUnit("a", 1, Decimal("102.00"), 20),)


@given(st.lists(FACTS, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_facts_never_changes_a_ranking(
    facts: list[Fact], chance: random.Random
) -> None:
    shuffled = chance.sample(facts, len(facts))
    assert rank(facts) == rank(shuffled)


def rank(facts: Sequence[Fact]) -> bytes:
    entries = [entry for fact in facts for entry in score(DEFAULT, fact)]
    peers = dict.fromkeys(["u3", "u1", "u4", "u2"], "街道")
    return msgspec.json.encode(compose(DEFAULT, add_up(entries), peers))


@given(st.dictionaries(st.text(min_size=1), st.decimals(-200, 50, places=3), min_size=1))
def test_places_fit_the_points(points: dict[str, Decimal]) -> None:
    totals = [UnitTotal(unit, each, 1) for unit, each in points.items()]
    rows = compose(policy(floor=0), totals, dict.fromkeys(points, "g"))["g"]
    for row in rows:
        assert row.place == 1 + sum(other.points > row.points for other in rows)
    assert [(-row.points, row.unit) for row in rows] == sorted((-r.points, r.unit) for r in rows)
