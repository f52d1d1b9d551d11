"""What follows from places, lists and slips: to the yuan, once, named completely."""

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.consequences.colours import OpenSlip, Visit, colour_of
from domain.consequences.counts import Counted, Proposal, proposals
from domain.consequences.ladders import Failed, first_slip, next_slip
from domain.consequences.places import from_both_ends, money_of
from domain.consequences.proposals import list_proposals, money_proposals
from domain.errors import Conflict
from domain.periods import Period
from domain.policies.consequences import (
    AccountabilityPolicy,
    AccountabilityRule,
    ListingPolicy,
    MoneyPolicy,
)
from domain.policies.loading import load
from domain.policies.scoring import Fact
from domain.policies.supervision import SupervisionPolicy
from domain.rankings.events import RankedUnit, RankingCorrected, RankingPublished
from infra.bundled import preset_folder

ZONE = ZoneInfo("Asia/Shanghai")


def policy(preset: str, kind: type[Any], *changes: tuple[str, str]) -> Any:
    for text in preset_folder(preset).values():
        changed = text
        for old, new in changes:
            changed = changed.replace(old, new)
        found = load(changed)
        if isinstance(found, kind):
            return found
    raise AssertionError(f"{preset} has no {kind}")


def nine(*places: int, vetoed: str = "") -> RankingPublished:
    rows = tuple(
        RankedUnit(f"d{n}", place, Decimal(100 - place), 1, "x" if f"d{n}" == vetoed else "")
        for n, place in enumerate(places, start=1)
    )
    return RankingPublished(
        period="2026-03", peer_group="district", rows=rows, computed_at=9, policies=(),
        checksum="c", composed_by="a", board="shenyang-composite", approved_by="b",
    )  # fmt: skip


TIED = (1, 2, 3, 4, 5, 6, 7, 7, 9)  # two districts share the second-last place


def test_the_amounts_of_the_last_three_are_explained_line_by_line() -> None:
    shenyang: MoneyPolicy = policy("shenyang", MoneyPolicy)
    found = money_proposals(shenyang, nine(*TIED, vetoed="d9"), position=7)
    assert {c.unit: str(c.amount) for c in found} == {
        "d9": "3000000.00", "d7": "2000000.00", "d8": "2000000.00",
    }  # fmt: skip
    last, tied, _ = found
    assert (tied.reason.policy, tied.reason.clause, tied.reason.events) == (
        shenyang.ref, "second-last", (7,),
    )  # fmt: skip
    for part in ("第7名", "倒数第2", "另外1个单位并列", "最重", "其后名次空缺", "2,000,000 CNY"):
        assert part in tied.reason.zh
    for part in ("place 7", "tied with 1 more over places 2 to 3", "these places are used up"):
        assert part in tied.reason.en
    assert "一票否决" in last.reason.zh
    assert "vetoed" in last.reason.en
    again = money_proposals(shenyang, nine(*TIED), position=7)
    assert [c.money_id for c in again] == [c.money_id for c in found]


def test_what_a_correction_brings_is_not_taken_for_what_was_proposed_before() -> None:
    shenyang: MoneyPolicy = policy("shenyang", MoneyPolicy)
    first = nine(*TIED)
    fields = {name: getattr(first, name) for name in first.__struct_fields__}
    corrected = RankingCorrected(**{**fields, "checksum": "d"}, corrects="c", reason="r")
    before = {c.money_id for c in money_proposals(shenyang, first, 7)}
    assert not before & {c.money_id for c in money_proposals(shenyang, corrected, 8)}


def test_who_is_first_and_last_at_once_neither_pays_nor_gets_anything() -> None:
    both: MoneyPolicy = policy("qinhuangdao", MoneyPolicy)
    rows = [RankedUnit(unit, 1, Decimal(90), 1) for unit in "abcd"]
    assert money_of(both, rows) == []
    assert from_both_ends(both, rows) == list("abcd")


@given(st.lists(st.booleans(), min_size=2, max_size=12), st.sampled_from(["shared", "lighter"]))
def test_ties_move_money_between_units_but_never_make_any(same: list[bool], ties: str) -> None:
    shenyang = policy("shenyang", MoneyPolicy, ("ties: heavier", f"ties: {ties}"))
    rows, place = [], 1
    for number, tied in enumerate(same, start=1):
        place = place if tied and number > 1 else number
        rows.append(RankedUnit(f"u{number:02}", place, Decimal(100 - place), 1))
    total = -sum(each.amount for each in money_of(shenyang, rows))
    assert total <= 6_000_000 + Decimal("0.06")
    assert len({each.unit for each in money_of(shenyang, rows)}) == len(money_of(shenyang, rows))


def test_a_list_entry_says_place_points_and_period_and_is_made_once() -> None:
    listing: ListingPolicy = policy(
        "default", ListingPolicy, ("board: default", "board: shenyang-composite")
    )
    found = list_proposals(listing, nine(*TIED), position=7)
    assert [(c.rule, c.unit) for c in found] == [("red", "d1"), ("black", "d9")]
    assert "2026年3月" in found[1].reason.zh
    assert "place 9" in found[1].reason.en
    assert found == list_proposals(listing, nine(*TIED), position=7)


# --- counting ----------------------------------------------------------------------------------


def rule(window: str, times: int = 2, after: str = "go_on") -> AccountabilityRule:
    old = "count: {list: black}\n    times: 2\n    window: {within: year}\n    after: begin_anew"
    new = (
        f"count: {{list: black}}\n    times: {times}\n    window: {{{window}}}\n    after: {after}"
    )
    found: AccountabilityPolicy = policy("default", AccountabilityPolicy, (old, new))
    return next(each for each in found.rules if each.id == "black-listed-twice")


def entry(period: str, position: int, gone: int = 0) -> Counted:
    at = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    return Counted(at, "u", "list", "black", "b", Period.parse(period), position, gone)


def fired(of: AccountabilityRule, *things: Counted, ranked: str = "") -> list[Proposal]:
    periods = [Period.parse(each) for each in ranked.split()]
    return list(proposals(of, things, lambda board, unit: periods, ZONE))


CALENDAR = "within: consecutive, consecutive: calendar_period, period: week"
RANKED = "within: consecutive, consecutive: ranked_period"


def test_twice_in_a_year_is_one_proposal_that_names_both_and_in_a_row_it_is_none() -> None:
    w10, w14 = entry("2026-W10", 5), entry("2026-W14", 9)
    (found,) = fired(rule("within: year"), w10, w14)
    assert found.counted == (w10, w14)
    assert fired(rule(CALENDAR), w10, w14) == []
    assert fired(rule(RANKED), w10, w14, ranked="2026-W10 2026-W12 2026-W14") == []
    assert len(fired(rule(RANKED), w10, w14, ranked="2026-W10 2026-W14")) == 1


def test_an_entry_counts_in_the_year_it_is_about_however_late_it_is_published() -> None:
    december, march = entry("2025-W51", 5), entry("2026-W10", 9)
    assert fired(rule("within: year"), december, march) == []
    assert len(fired(rule("within: ever"), december, march)) == 1


def test_an_entry_published_late_closes_the_gap_in_a_row_once() -> None:
    w10, w12, w11 = entry("2026-W10", 5), entry("2026-W12", 9), entry("2026-W11", 12)
    (found,) = fired(rule(CALENDAR, times=3), w10, w12, w11)
    assert found.counted == (w10, w11, w12)
    assert found.newest == w11
    assert fired(rule(CALENDAR, times=3), w10, w11, entry("2026-W11", 13)) == []


def test_a_second_thing_in_the_same_period_proposes_nothing_again() -> None:
    things = [entry("2026-W10", 5), entry("2026-W11", 6), entry("2026-W11", 7)]
    assert len(fired(rule(CALENDAR), *things)) == 1


def test_what_was_withdrawn_counts_no_more_from_then_on() -> None:
    w10, w14, w20 = entry("2026-W10", 5, gone=7), entry("2026-W14", 9), entry("2026-W20", 12)
    (found,) = fired(rule("within: year"), w10, w14, w20)
    assert found.counted == (w14, w20)
    kept = fired(rule("within: year"), entry("2026-W10", 5, gone=20), w14, w20)
    assert [each.newest for each in kept] == [w14]  # it still stood when it was counted


def test_a_count_that_begins_anew_does_not_count_again_what_a_proposal_has_named() -> None:
    weeks = [entry(f"2026-W{10 + n}", 5 + n) for n in range(5)]
    anew = fired(rule("within: year", after="begin_anew"), *weeks)
    assert [each.newest.position for each in anew] == [6, 8]
    taken_back = weeks[0]._replace(gone=7)
    anew = fired(rule("within: year", after="begin_anew"), taken_back, *weeks[1:])
    assert [each.newest.position for each in anew] == [6, 8]


@given(st.permutations(["a", "a", "b", "b", "c", "a", "c"]))
def test_what_happens_to_others_changes_no_count(order: list[str]) -> None:
    things = [entry(f"2026-W{10 + n}", n + 1)._replace(unit=unit) for n, unit in enumerate(order)]
    for unit in "abc":
        mine = [each for each in things if each.unit == unit]
        together = [each for each in fired(rule("within: year"), *things) if each.unit == unit]
        assert together == fired(rule("within: year"), *mine)


# --- ladders and colours -----------------------------------------------------------------------


def supervision(*changes: tuple[str, str]) -> SupervisionPolicy:
    found: SupervisionPolicy = policy("sanming", SupervisionPolicy, *changes)
    return found


def case(event: str = "case.overdue", **known: Any) -> Fact:
    return Fact(event=event, unit="u", case_id="k", **known)


def test_two_policies_that_claim_one_case_are_told_and_nothing_is_guessed() -> None:
    one = supervision()
    other = supervision(("id: sanming", "id: other"))
    assert first_slip([one], case(), "k.1", 7) is not None
    with pytest.raises(Conflict, match="both claim case k") as refused:
        first_slip([one, other], case(), "k.1", 7)
    assert refused.value.code == "slip.two_ladders"


def test_a_slip_that_was_not_met_climbs_unless_excused_and_stays_at_the_top() -> None:
    one = supervision()
    ladder = one.ladders[0]
    for colour, following in (("blue", "orange"), ("orange", "red"), ("red", None)):
        failed = Failed("k", 1, ladder.id, colour, "u", "k", False, 7)
        slip = next_slip(one, failed)
        assert (slip.colour if slip else None) == following
        assert next_slip(one, failed._replace(excused=True)) is None
        if slip is not None:
            assert (slip.slip_id, slip.reason.events) == ("k.2", (7,))


def test_a_unit_has_the_gravest_colour_of_its_open_slips_and_the_reason_beside_it() -> None:
    one = supervision()
    ladder = one.ladders[0].id
    slips = [OpenSlip("a.1", ladder, "red", "R1", 9), OpenSlip("b.1", ladder, "blue", "B1", 12)]
    found = colour_of(one, "u", slips)
    assert (found.colour, found.events, found.policy) == ("red", (9,), one.ref)
    assert "R1" in found.zh
    assert colour_of(one, "u").colour == one.unit_colour.otherwise


def test_in_toronto_a_unit_has_the_sign_of_its_last_visit() -> None:
    toronto: SupervisionPolicy = policy("toronto", SupervisionPolicy)
    assert colour_of(toronto, "u", visit=Visit("v", "yellow", 3)).colour == "yellow"
