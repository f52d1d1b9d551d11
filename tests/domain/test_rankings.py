"""From totals to places, and from a composed ranking to a published one that never changes."""

import hashlib
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.policies.model import PeerGroups
from domain.policies.scoring import Entry, Fact, score
from domain.rankings.commands import PublishRanking, ranking_key, slug
from domain.rankings.composing import UnitTotal, compose, is_intact
from domain.rankings.decide import RANKINGS
from domain.rankings.events import RankedUnit, RankingPublished
from domain.registry import Registry
from tests.domain.test_scoring import DEFAULT, FACTS
from tests.support.calendars import PLAIN
from tests.support.policies import add_up, policy
from tests.support.specification import Story


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
    assert story_of(rows).past  # what is composed can be published


# --- publishing --------------------------------------------------------------------------------

ROWS = (
    RankedUnit("东区", 1, Decimal("98.50"), 4),
    RankedUnit("西区", 2, Decimal("97.00"), 3),
    RankedUnit("南区", 2, Decimal("97.00"), 9),
)
AFTER = datetime(2026, 3, 8, 16, tzinfo=UTC)  # Monday 9 March, 00:00 in China


def publish(**more: Any) -> PublishRanking:
    fields: dict[str, Any] = {
        "period": "2026-W10", "peer_group": "district", "rows": ROWS, "computed_at": 17,
        "policies": ("a" * 64,), "composed_by": "duty officer",
    }  # fmt: skip
    return PublishRanking(**{**fields, **more})


def story_of(rows: Sequence[RankedUnit]) -> Story:
    story = Story(RANKINGS, PLAIN, at=AFTER)
    story.when(publish(rows=rows), actor="director")
    return story


@pytest.fixture
def story() -> Story:
    return Story(RANKINGS, PLAIN, at=AFTER)


def test_a_ranking_is_published_with_a_checksum_that_anybody_can_compute(story: Story) -> None:
    (event,) = story.when(publish(), actor="director")
    assert isinstance(event, RankingPublished)
    content = {
        "computed_at": 17,
        "peer_group": "district",
        "period": "2026-W10",
        "policies": ["a" * 64],
        "rows": [
            {
                "entries": row.entries,
                "place": row.place,
                "points": str(row.points),
                "unit": row.unit,
            }
            for row in ROWS
        ],
    }
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    assert event.checksum == hashlib.sha256(canonical).hexdigest()


def test_a_published_ranking_is_intact_after_storage_and_shows_any_change(story: Story) -> None:
    (event,) = story.when(publish(), actor="director")
    registry = Registry()
    stored = registry.decode(registry.topic(event), registry.encode(event))
    assert isinstance(stored, RankingPublished)
    assert is_intact(stored)
    for changed in (
        {"rows": (RankedUnit("东区", 1, Decimal("98.5"), 4), *ROWS[1:])},
        {"rows": ROWS[:2]},
        {"computed_at": 18},
        {"period": "2026-W11"},
        {"peer_group": ""},
        {"policies": ("b" * 64,)},
    ):
        assert not is_intact(msgspec.structs.replace(stored, **changed))


def test_a_published_ranking_never_changes(story: Story) -> None:
    story.when(publish(), actor="director")
    message = story.refused(publish(rows=ROWS[:1]), "ranking.published_already", actor="director")
    assert message == (
        "the ranking 2026-W10 of district is published and never changes: "
        "what came later is published as a correction"
    )


def test_who_composed_a_ranking_may_not_publish_it(story: Story) -> None:
    message = story.refused(publish(), "ranking.same_person", actor="duty officer")
    assert "somebody else must approve and publish it" in message


def test_a_ranking_is_not_published_before_its_period_has_ended_in_the_city() -> None:
    story = Story(RANKINGS, PLAIN, at=AFTER).later(seconds=-1)
    message = story.refused(publish(), "ranking.period_open", actor="director")
    assert message.startswith("2026-W10 runs until 2026-03-09T00:00:00+08:00: publish its ranking")
    assert story.later(seconds=1).when(publish(), actor="director")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("a", 1, "9"), ("a", 2, "8")], "a stands in the ranking twice"),
        ([("a", 2, "9")], "the first place is 1, not 2"),
        ([("a", 1, "9"), ("b", 2, "9")], "a (9) at place 1 and b (9) at place 2 contradict"),
        ([("a", 1, "9"), ("b", 1, "8")], "contradict each other: compose again"),
        ([("a", 1, "9"), ("b", 3, "8"), ("c", 2, "7")], "contradict each other: compose again"),
        ([("a", 1, "9"), ("b", 2, "10"), ("c", 3, "7")], "contradict each other: compose again"),
    ],
)
def test_rows_that_contradict_themselves_are_not_frozen(
    story: Story, rows: list[tuple[str, int, str]], sentence: str
) -> None:
    given_rows = tuple(RankedUnit(unit, place, Decimal(p), 1) for unit, place, p in rows)
    message = story.refused(publish(rows=given_rows), "ranking.rows_invalid", actor="director")
    assert sentence in message


def test_a_period_is_one_stream_however_it_is_written() -> None:
    assert publish(period="2026-w10").stream_id == "ranking-2026-W10/district"
    with pytest.raises(Invalid, match=r"no period .*2026-W60"):
        publish(period="2026-W60")


def test_the_name_of_a_peer_group_is_made_fit_for_an_address_without_mixing_two_up() -> None:
    assert ranking_key("2012-04", "") == "2012-04/all"
    assert slug("街道") == "街道"
    assert slug("Food Take Out").startswith("food-take-out-")
    assert slug("...") == hashlib.sha256(b"...").hexdigest()[:8]
    names = [
        "Food Court",
        "food court",
        "Food/Court",
        "food-court",
        "foodcourt",
        "all",
        "",
        "x" * 99,
    ]
    assert len({slug(name) for name in names}) == len(names)
