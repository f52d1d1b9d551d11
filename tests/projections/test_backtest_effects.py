"""What would have followed under other policies: money, lists, proposals, slips and colours."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.cases import commands as c
from domain.consequences.counts import Counted, proposals
from domain.consequences.places import listed, money_of
from domain.periods import Period
from domain.policies.consequences import (
    AccountabilityPolicy,
    AccountabilityRule,
    ListingPolicy,
    MoneyPolicy,
)
from domain.policies.loading import load
from domain.rankings.events import RankedUnit
from infra.bundled import calendars_for, preset_folder
from projections.backtesting import Backtest, backtest
from tests.support.preset_cities import Story, told

ZONE = ZoneInfo("Asia/Shanghai")
MARCH = (date(2026, 3, 1), date(2026, 4, 1))
UNITS = {"d": ("district", "city"), "s": ("street", "d"), "c1": ("community", "s"),
         "works": ("department", "city")}  # fmt: skip


def text(preset: str, file: str, *changes: tuple[str, str]) -> str:
    found = preset_folder(preset)[file]
    for old, new in changes:
        assert old in found, old
        found = found.replace(old, new)
    return found


def ranked(*places: int) -> list[RankedUnit]:
    """Units a, b, c … in these places, with points that fit."""
    return [
        RankedUnit(chr(ord("a") + n), place, Decimal(100 - place), 1)
        for n, place in enumerate(places)
    ]


# --- money and lists ---------------------------------------------------------------------------

SHENYANG = text("shenyang", "money.yaml")
BOTTOM = {"last": 3, "second-last": 2, "third-last": 1}  # millions


@pytest.mark.parametrize(
    ("ties", "places", "millions"),
    [
        ("heavier", (1, 2, 3, 4, 5), {"e": 3, "d": 2, "c": 1}),
        ("heavier", (1, 2, 3, 3, 5), {"e": 3, "d": 2, "c": 2}),
        ("heavier", (1, 2, 3, 3, 3), {"c": 3, "d": 3, "e": 3}),
        ("lighter", (1, 2, 3, 3, 5), {"e": 3, "d": 1, "c": 1}),
        ("lighter", (1, 2, 2, 2, 5), {"e": 3}),
        ("shared", (1, 2, 3, 3, 5), {"e": 3, "d": "1.5", "c": "1.5"}),
        ("shared", (1, 2, 2, 2, 5), {"e": 3, "b": 1, "c": 1, "d": 1}),
        ("heavier", (1, 2, 3), {}),  # too few to punish the last
    ],
)
def test_tied_units_share_the_places_from_the_end_as_the_policy_says(
    ties: str, places: tuple[int, ...], millions: dict[str, Any]
) -> None:
    policy = load(SHENYANG.replace("ties: heavier", f"ties: {ties}"))
    assert isinstance(policy, MoneyPolicy)
    found = {each.unit: -each.amount / 1_000_000 for each in money_of(policy, ranked(*places))}
    assert found == {unit: Decimal(amount) for unit, amount in millions.items()}


@pytest.mark.parametrize(
    ("ties", "places", "black"),
    [
        ("all", (1, 2, 3, 4, 5), "cde"),
        ("all", (1, 2, 2, 4, 5), "bcde"),
        ("none", (1, 2, 2, 4, 5), "de"),
        ("none", (1, 1, 1, 1, 1), ""),
    ],
)
def test_who_shares_the_last_place_taken_is_listed_or_left_out(
    ties: str, places: tuple[int, ...], black: str
) -> None:
    policy = load(text("jiangmen", "listing.yaml", ("ties: all", f"ties: {ties}")))
    assert isinstance(policy, ListingPolicy)
    rule = next(rule for rule in policy.lists if rule.id == "black")
    assert listed(policy, rule, "department", ranked(*places)).keys() == set(black)
    assert listed(policy, rule, "company", ranked(*places)) == {}


# --- counting ----------------------------------------------------------------------------------


def rule(window: str, times: int = 2, after: str = "go_on", count: str = "list: black") -> Any:
    body = text("qinhuangdao", "accountability.yaml")
    head, _, _ = body.partition("rules:")
    policy = load(
        f"{head.replace('assumed: [', 'assumed: [rules] #')}rules:\n"
        f"  - {{id: r, title: {{zh: 一, en: a}}, count: {{{count}}}, times: {times}, "
        f"window: {{{window}}}, after: {after}, action: interview, organ: o, authority: a, "
        "reason: {zh: 一, en: a}}\n"
    )
    assert isinstance(policy, AccountabilityPolicy)
    return policy.rules[0]


def entry(week: str, name: str = "black") -> Counted:
    period = Period.parse(week)
    at = period.bounds(ZONE)[0]
    return Counted(at, "u", "list", name, "board", period)


def fired(of: AccountabilityRule, things: list[Counted], ranked_in: str = "") -> list[str]:
    weeks = [Period.parse(week) for week in ranked_in.split()]
    found = proposals(of, things, lambda board, unit: weeks, ZONE)
    return ["{}-W{:02}".format(*p.at.astimezone(ZONE).isocalendar()) for p in found]


W10, W11, W14, NEXT = (entry(w) for w in ("2026-W10", "2026-W11", "2026-W14", "2027-W02"))
CALENDAR = "within: consecutive, consecutive: calendar_period, period: week"
RANKED = "within: consecutive, consecutive: ranked_period"


@pytest.mark.parametrize(
    ("window", "things", "weeks"),
    [
        ("within: ever", [W10, NEXT], ["2027-W02"]),
        ("within: year", [W10, NEXT], []),
        ("within: year", [W10, W14], ["2026-W14"]),
        ("within: year", [W10, entry("2026-W11", "red"), W14], ["2026-W14"]),
        ("within: rolling, days: 28", [W10, W14], ["2026-W14"]),
        ("within: rolling, days: 27", [W10, W14], []),
        (CALENDAR, [W10, W14], []),
        (CALENDAR, [W10, W11], ["2026-W11"]),
        (CALENDAR, [W10, W11, W14], ["2026-W11"]),
        (RANKED, [W10, W14], ["2026-W14"]),
    ],
)
def test_the_window_says_which_entries_count_together(
    window: str, things: list[Counted], weeks: list[str]
) -> None:
    assert fired(rule(window), things, "2026-W09 2026-W10 2026-W11 2026-W14") == (
        weeks if window != RANKED else []
    )
    if window == RANKED:  # not ranked in between: the two follow each other
        assert fired(rule(window), things, "2026-W10 2026-W14") == weeks


def test_after_a_proposal_the_count_goes_on_or_begins_anew() -> None:
    things = [entry(f"2026-W{week}") for week in range(10, 16)]
    assert fired(rule("within: year"), things) == ["2026-W11"]
    anew = fired(rule("within: year", after="begin_anew"), things)
    assert anew == ["2026-W11", "2026-W13", "2026-W15"]


def test_a_slip_of_another_colour_in_between_breaks_the_row() -> None:
    def slip(day: int, colour: str) -> Counted:
        return Counted(datetime(2026, 3, day, tzinfo=UTC), "u", "slip", colour)

    three = rule("within: consecutive, consecutive: sequence", times=3, count="slip: red")
    reds = [slip(day, "red") for day in (2, 3, 4)]
    assert len(list(proposals(three, reds, lambda b, u: (), ZONE))) == 1
    broken = [*reds[:2], slip(3, "yellow"), *reds[2:]]
    assert list(proposals(three, broken, lambda b, u: (), ZONE)) == []


# --- whole cities ------------------------------------------------------------------------------


def replayed(story: Story, *new: str) -> Backtest:
    book = story.runtime.desk.standing.policies
    files = [load(each) for each in new]
    return backtest(
        story.runtime.store, book, files, *MARCH, calendars=calendars_for("Asia/Shanghai")
    )


def changed(found: Backtest) -> list[tuple[str, str, str, str, str, str]]:
    return [(x.kind, x.period, x.unit, x.what, x.real, x.new) for x in found.changes]


def test_other_amounts_and_windows_change_money_and_referrals_and_no_place(tmp_path: Path) -> None:
    units = {f"d{n}": ("district", "city") for n in (1, 2, 3)}
    with told(tmp_path, "qinhuangdao", units, "2026-02-23 08:00") as story:
        for day, last in (("02-24", "d1"), ("03-10", "d1")):
            story.at(f"2026-{day} 10:00")
            for unit in units:
                story.sheet(unit, "70" if unit == last else "9" + unit[1], "covert_check")
        story.at("2026-04-01 09:00")
        money = text("qinhuangdao", "money.yaml", ("version: 1", "version: 2"),
                     ("direction: deduction\n    amount: 1000000",
                      "direction: deduction\n    amount: 2500000"))  # fmt: skip
        rules = text("qinhuangdao", "accountability.yaml", ("times: 2", "times: 3"))
        found = replayed(story, money, rules)
    assert found.moves == ()
    # March widens to no more than itself: the fortnight of W09 and W10 ends in it, and so does
    # that of W11 and W12.
    assert changed(found) == [
        ("accountability", "2026-03", "d1", "referral: 市纪委监委", "1", ""),
        ("money", "2026-F05", "d1", "CNY", "-1000000", "-2500000"),
        ("money", "2026-F06", "d1", "CNY", "-1000000", "-2500000"),
    ]
    assert any("publication" in note or "published" in note for note in found.notes)


def test_slips_escalate_until_the_case_was_answered_and_colour_the_unit(tmp_path: Path) -> None:
    with told(tmp_path, "sanming", UNITS, "2026-03-02 09:00") as story:
        story.case("quick", "works", "紧急")  # answered within the limit of the orange slip
        story.case("slow", "s", "紧急")
        story.at("2026-03-03 09:00").put_right("quick", "works")
        story.at("2026-03-06 10:00").do(c.RectifyCase(case_id="slow", note="已整改"), "s")
        story.at("2026-04-01 09:00")
        milder = text("sanming", "supervision.yaml", ("colour: orange\n        reason",
                      "colour: blue\n        reason"))  # fmt: skip
        found = replayed(story, milder)
        harder = text("sanming", "supervision.yaml", ("amount: 3", "amount: 0.5"),
                      ("amount: 1,", "amount: 30,"))  # fmt: skip
        open_ended = replayed(story, harder)
    assert changed(found) == [
        ("slip", "2026-03", "s", "blue", "", "1"),
        ("slip", "2026-03", "s", "orange", "1", ""),
        ("slip", "2026-03", "s", "red", "1", ""),
        ("slip", "2026-03", "works", "blue", "", "1"),
        ("slip", "2026-03", "works", "orange", "1", ""),
    ]
    assert ("slip", "2026-03", "works", "red", "", "1") in changed(open_ended)


def test_a_unit_s_colour_follows_its_open_slips(tmp_path: Path) -> None:
    with told(tmp_path, "sanming", UNITS, "2026-03-30 09:00") as story:
        story.case("a", "works", "重要")
        story.case("b", "works", "特别")
        story.at("2026-04-01 09:00")
        gentle = text("sanming", "supervision.yaml", ("[特别, special]", "[从不]"),
                      ("otherwise: green", "otherwise: white"))  # fmt: skip
        found = replayed(story, gentle)
    assert [x for x in changed(found) if x[0] == "colour"] == [
        ("colour", "2026-03", "works", "", "red", "blue")
    ]
