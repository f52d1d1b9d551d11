"""From a composed ranking to a published one that never changes, and to its corrections."""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid, Refused
from domain.rankings.commands import (
    ApproveRanking,
    ComposeRanking,
    PublishRanking,
    WithdrawRanking,
    ranking_key,
    slug,
)
from domain.rankings.composing import UnitTotal, compose, is_intact
from domain.rankings.decide import RANKINGS
from domain.rankings.events import (
    RankedUnit,
    RankingApproved,
    RankingComposed,
    RankingCorrected,
    RankingPublished,
    RankingWithdrawn,
)
from domain.rankings.rows import check_rows
from domain.registry import Registry
from tests.support.calendars import PLAIN
from tests.support.policies import policy
from tests.support.specification import Story

ROWS = (
    RankedUnit("东区", 1, Decimal("98.50"), 4),
    RankedUnit("西区", 2, Decimal("97.00"), 3),
    RankedUnit("南区", 2, Decimal("97.00"), 9),
    RankedUnit("北区", 4, Decimal("99.00"), 1, "fraud"),
)
CORRECTED = (
    RankedUnit("西区", 1, Decimal("99.00"), 4),
    RankedUnit("东区", 2, Decimal("98.50"), 4),
    RankedUnit("南区", 3, Decimal("97.00"), 9),
)
AFTER = datetime(2026, 3, 8, 16, tzinfo=UTC)  # Monday 9 March, 00:00 in China
ID = "example:2026-W10:district"


def composed(**more: Any) -> ComposeRanking:
    fields: dict[str, Any] = {
        "board": "example", "period": "2026-W10", "peer_group": "district", "rows": ROWS,
        "computed_at": 17, "policies": ("a" * 64,),
    }  # fmt: skip
    return ComposeRanking(**{**fields, **more})


def approve(story: Story) -> ApproveRanking:
    return ApproveRanking(ranking_id=ID, checksum=story.state.draft.checksum)


def publish(reason: str = "") -> PublishRanking:
    return PublishRanking(ranking_id=ID, reason=reason)


def withdraw() -> WithdrawRanking:
    return WithdrawRanking(ranking_id=ID, reason="wrong source")


@pytest.fixture
def story() -> Story:
    return Story(RANKINGS, PLAIN, at=AFTER, policies=(policy(),))


@pytest.fixture
def published(story: Story) -> Story:
    story.when(composed(), actor="clerk")
    story.when(approve(story), actor="chief")
    story.when(publish(), actor="clerk")
    return story


def test_a_ranking_is_composed_approved_by_somebody_else_and_published_whole(story: Story) -> None:
    (draft,) = story.when(composed(), actor="clerk")
    assert isinstance(draft, RankingComposed)
    assert draft.rows == ROWS
    assert story.when(approve(story), actor="chief") == [RankingApproved(checksum=draft.checksum)]
    (event,) = story.when(publish(), actor="clerk")
    assert event == RankingPublished(
        period="2026-W10", peer_group="district", rows=ROWS, computed_at=17,
        policies=("a" * 64,), checksum=draft.checksum, composed_by="clerk", board="example",
        approved_by="chief",
    )  # fmt: skip


def test_its_checksum_can_be_computed_by_anybody(story: Story) -> None:
    (draft,) = story.when(composed(), actor="clerk")
    rows = [
        {"entries": r.entries, "place": r.place, "points": str(r.points), "unit": r.unit}
        for r in ROWS
    ]
    rows[3]["veto"] = "fraud"
    content = {
        "board": "example", "computed_at": 17, "peer_group": "district", "period": "2026-W10",
        "policies": ["a" * 64], "rows": rows,
    }  # fmt: skip
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    assert isinstance(draft, RankingComposed)
    assert draft.checksum == hashlib.sha256(canonical).hexdigest()


def test_what_was_published_before_boards_had_names_is_still_intact() -> None:
    """The bytes of a first version, as they are stored: no board, no veto."""
    rows = '[{"unit":"a","place":1,"points":"9.50","entries":2}]'
    content = (
        f'{{"computed_at":3,"peer_group":"","period":"2026-03","policies":["p"],"rows":{rows}}}'
    )
    canonical = json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    stored = f'{content[:-1]},"checksum":"{digest}","composed_by":"li"}}'
    event = Registry().decode("ranking.published/1", stored.encode())
    assert isinstance(event, RankingPublished)
    assert is_intact(event)
    assert not is_intact(msgspec.structs.replace(event, board="example"))


@pytest.mark.parametrize(
    "changed",
    [
        {"rows": (RankedUnit("东区", 1, Decimal("98.5"), 4), *ROWS[1:])},
        {"rows": ROWS[:2]},
        {"rows": (*ROWS[:3], RankedUnit("北区", 4, Decimal("99.00"), 1, "other"))},
        {"computed_at": 18},
        {"period": "2026-W11"},
        {"peer_group": ""},
        {"policies": ("b" * 64,)},
        {"board": "other"},
        {"board": ""},
    ],
)
def test_any_change_of_what_is_stored_shows(published: Story, changed: dict[str, Any]) -> None:
    event, registry = published.past[-1], Registry()
    stored = registry.decode(registry.topic(event), registry.encode(event))
    assert isinstance(stored, RankingPublished)
    assert is_intact(stored)
    assert not is_intact(msgspec.structs.replace(stored, **changed))


def test_a_correction_stands_beside_what_was_published(published: Story) -> None:
    first = published.past[-1]
    assert isinstance(first, RankingPublished)
    published.when(composed(rows=CORRECTED, computed_at=40), actor="clerk")
    assert published.state.published == first
    published.when(approve(published), actor="chief")
    published.refused(publish(), "ranking.reason_missing")
    (event,) = published.when(publish("a case was counted twice"), actor="clerk")
    assert isinstance(event, RankingCorrected)
    assert (event.rows, event.corrects) == (CORRECTED, first.checksum)
    assert is_intact(event)
    published.when(composed(computed_at=50), actor="clerk")
    published.when(approve(published), actor="chief")
    (again,) = published.when(publish("it was right before"), actor="clerk")
    assert isinstance(again, RankingCorrected)
    assert again.corrects == event.checksum
    assert first in published.past  # and nothing was done to it


def test_with_the_same_rows_there_is_nothing_to_correct(published: Story) -> None:
    message = published.refused(composed(computed_at=99), "ranking.nothing_to_correct")
    assert "exactly these rows" in message


def test_who_composed_it_may_not_approve_it(story: Story) -> None:
    story.when(composed(), actor="clerk")
    message = story.refused(approve(story), "ranking.same_person", actor="clerk")
    assert message.endswith("somebody else must approve it")
    story.refused(approve(story), "ranking.system_actor", actor="system:reactions")


def test_approved_is_what_was_read_and_nothing_else(story: Story) -> None:
    story.when(composed(), actor="clerk")
    read = approve(story)
    story.when(composed(rows=CORRECTED), actor="clerk")
    message = story.refused(read, "ranking.draft_changed", actor="chief")
    assert message.endswith("read it again and approve what you have read")


def test_a_new_draft_needs_a_new_approval(story: Story) -> None:
    story.when(composed(), actor="clerk")
    story.when(approve(story), actor="chief")
    assert not story.when(composed(computed_at=30), actor="clerk")  # the same rows: it stands
    story.refused(approve(story), "ranking.approved", actor="deputy")
    story.when(composed(rows=CORRECTED), actor="clerk")
    message = story.refused(publish(), "ranking.not_approved", actor="chief")
    assert "was composed by clerk and nobody has approved it" in message


def test_nothing_is_published_or_approved_without_a_draft(published: Story) -> None:
    for command in (publish("why"), ApproveRanking(ranking_id=ID, checksum="c" * 64)):
        published.refused(command, "ranking.no_draft", actor="chief")
    unknown = Story(RANKINGS, PLAIN, at=AFTER)
    for command in (publish(), withdraw()):
        unknown.refused(command, "ranking.unknown")


def test_it_is_withdrawn_once_with_a_reason_and_can_be_corrected_after_that(
    published: Story,
) -> None:
    assert published.when(withdraw(), actor="chief") == [RankingWithdrawn(reason="wrong source")]
    published.refused(withdraw(), "ranking.withdrawn")
    published.when(composed(), actor="clerk")  # the same rows can come back
    published.when(approve(published), actor="chief")
    published.when(publish("the source was right after all"), actor="clerk")
    assert published.when(withdraw(), actor="chief")


def test_a_draft_cannot_be_withdrawn(story: Story) -> None:
    story.when(composed(), actor="clerk")
    story.refused(withdraw(), "ranking.unpublished", actor="chief")


def test_a_ranking_is_not_composed_before_its_period_has_ended_in_the_city(story: Story) -> None:
    story.later(seconds=-1)
    message = story.refused(composed(), "ranking.period_open")
    assert message.startswith("2026-W10 runs until 2026-03-09T00:00:00+08:00: compose its ranking")
    story.later(days=-7)
    message = story.refused(composed(), "ranking.period_not_begun")
    assert message.startswith("2026-W10 begins at 2026-03-02T00:00:00+08:00")
    assert story.later(days=7, seconds=1).when(composed())


def test_only_a_board_in_force_ranks_and_only_its_periods(story: Story) -> None:
    message = story.refused(composed(board="other"), "ranking.board_unknown")
    assert message.endswith("boards in force: example")


def test_a_ranking_of_nobody_is_not_frozen(story: Story) -> None:
    story.refused(composed(rows=()), "ranking.nobody_ranked")


def test_no_step_happens_before_the_one_it_follows(published: Story) -> None:
    published.later(minutes=-1).refused(withdraw(), "time.before_previous")


Line = tuple[str, int, str] | tuple[str, int, str, str]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("a", 1, "9"), ("a", 2, "8")], "a stands in the ranking twice"),
        ([("a", 2, "9")], "the first place is 1, not 2"),
        ([("a", 1, "9"), ("b", 2, "9")], "a (9) at place 1 and b (9) at place 2 contradict"),
        ([("a", 1, "9"), ("b", 1, "8")], "contradict each other: compose again"),
        ([("a", 1, "9"), ("b", 3, "8"), ("c", 2, "7")], "contradict each other: compose again"),
        ([("a", 1, "9"), ("b", 2, "10"), ("c", 3, "7")], "contradict each other: compose again"),
        ([("a", 1, "9", "veto"), ("b", 2, "10")], "vetoed units share the last place"),
        ([("a", 1, "9"), ("b", 1, "7", "veto")], "vetoed units share the last place"),
        ([("a", 1, "9"), ("b", 2, "7", "veto"), ("c", 3, "7", "veto")], "share the last place"),
    ],
)
def test_rows_that_contradict_themselves_are_not_frozen(
    story: Story, rows: list[Line], sentence: str
) -> None:
    given_rows = tuple(RankedUnit(r[0], r[1], Decimal(r[2]), 1, *r[3:]) for r in rows)
    message = story.refused(composed(rows=given_rows), "ranking.rows_invalid")
    assert sentence in message


@given(
    st.dictionaries(
        st.text(min_size=1),
        st.tuples(st.decimals(-200, 50, places=3), st.sampled_from(["", "", "fraud"])),
        min_size=1,
    ),
    st.sampled_from(["competition", "dense"]),
    st.sampled_from(["high_first", "low_first"]),
)
def test_whatever_is_composed_can_be_frozen(
    marks: dict[str, tuple[Decimal, str]], ties: str, order: str
) -> None:
    totals = [UnitTotal(unit, points, 1, veto) for unit, (points, veto) in marks.items()]
    board = policy(floor=0, ties=ties, order=order)
    check_rows(compose(board, totals, dict.fromkeys(marks, "g"))["g"])


@given(st.lists(st.sampled_from(["compose", "approve", "publish", "withdraw"]), max_size=30))
def test_what_was_published_is_never_touched_whatever_follows(steps: list[str]) -> None:
    """And nothing is published that the same person composed and approved."""
    story = Story(RANKINGS, PLAIN, at=AFTER, policies=(policy(),))
    out: list[RankingPublished | RankingCorrected] = []
    for number, step in enumerate(steps):
        story.later(minutes=1)
        rows = (RankedUnit("a", 1, Decimal(number), 1),)
        draft = story.state.draft if story.state else None
        seen = draft.checksum if draft else "c" * 64
        command = {
            "compose": composed(rows=rows),
            "approve": ApproveRanking(ranking_id=ID, checksum=seen),
            "publish": publish("because"),
            "withdraw": withdraw(),
        }[step]
        try:
            events = story.when(command, actor=f"person {number % 3}")
        except Refused:
            continue
        out += [e for e in events if isinstance(e, RankingPublished | RankingCorrected)]
        assert out == [e for e in story.past if isinstance(e, RankingPublished | RankingCorrected)]
    for before, after in pairwise(out):
        assert isinstance(after, RankingCorrected)
        assert after.corrects == before.checksum
    assert all(is_intact(event) and event.composed_by != event.approved_by for event in out)


def test_a_period_is_one_stream_however_it_is_written() -> None:
    assert composed(period="2026-w10").stream_id == f"ranking-{ID}"
    with pytest.raises(Invalid, match=r"no period .*2026-W60"):
        composed(period="2026-W60")


def test_the_name_of_a_peer_group_is_made_fit_for_an_address_without_mixing_two_up() -> None:
    assert ranking_key("city", "2012-04", "") == "city:2012-04:all"
    assert slug("街道") == "街道"
    assert slug("Food Take Out").startswith("food-take-out-")
    assert slug("...") == hashlib.sha256(b"...").hexdigest()[:8]
    names = [
        "Food Court", "food court", "Food/Court", "food-court", "foodcourt", "all", "", "x" * 99,
    ]  # fmt: skip
    assert len({slug(name) for name in names}) == len(names)
