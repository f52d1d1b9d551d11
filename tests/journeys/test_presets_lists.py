"""Golden stories of red and black lists, and of what is proposed after them."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.accountability import commands as ac
from domain.cases import commands as c
from domain.penalties.commands import DecidePenalty, OpenPenalty
from domain.policies.loading import load
from infra.bundled import preset_folder
from projections.backtesting import backtest
from tests.support.preset_cities import Story, told

THREE = {f"d{n}": ("district", "city") for n in (1, 2, 3)}
# Who is last in three fortnights that follow each other: W10 lies in F05, W14 in F07.
FORTNIGHTS = {"2026-F05": "d1", "2026-F06": "d2", "2026-F07": "d1"}
WEEK = timedelta(days=7)


def entries(story: Story) -> list[tuple[str, str, str]]:
    return sorted((e.period, e.rule, e.unit) for e in story.proposed("listing").values())


def actions(story: Story) -> list[tuple[str, str, str]]:
    """Rule, unit and organ of what was proposed, oldest first."""
    proposed = story.proposed("accountability").values()
    return [(event.reason.clause, event.unit, event.organ) for event in proposed]


def black_boards(story: Story) -> None:
    """Checks, a published ranking and a printed board in each of the three fortnights."""
    day = datetime(2026, 3, 3, 10)  # noqa: DTZ001 - the city's own time
    for period, last in FORTNIGHTS.items():
        story.at(str(day))
        for unit in THREE:
            story.sheet(unit, "70" if unit == last else "9" + unit[1], "covert_check")
        day += 2 * WEEK
        story.at(str(day))
        story.publish("qinhuangdao-composite", period, "district")
        story.react()
        story.list_all()


def test_twice_on_the_black_board_in_a_year_is_one_referral_that_names_both_entries(
    tmp_path: Path,
) -> None:
    with told(tmp_path, "qinhuangdao", THREE, "2026-02-23 08:00") as story:
        black_boards(story)
        assert [e for e in entries(story) if e[1] == "black"] == [
            ("2026-F05", "black", "d1"), ("2026-F06", "black", "d2"), ("2026-F07", "black", "d1"),
        ]  # fmt: skip
        assert actions(story) == [
            ("called-in", "d1", "市创卫工作领导小组"), ("called-in", "d2", "市创卫工作领导小组"),
            ("referred", "d1", "市纪委监委"),
        ]  # fmt: skip
        (key, referral) = list(story.proposed("accountability").items())[-1]
        assert referral.action == "referral"
        named = [
            (envelope.key, envelope.event.NAME)
            for position in referral.reason.events
            for envelope in story.runtime.store.read(position - 1, 1)
        ]
        mine = {
            k for k, e in story.proposed("listing").items() if (e.unit, e.rule) == ("d1", "black")
        }
        assert {k for k, name in named if name == "listing.published"} == mine
        assert len(mine) == 2
        hand_over(story, key)


def test_what_the_reactions_proposed_is_what_a_back_test_says_followed(tmp_path: Path) -> None:
    with told(tmp_path, "qinhuangdao", THREE, "2026-02-23 08:00") as story:
        black_boards(story)
        book = story.runtime.desk.standing.policies
        # Under these nothing would have followed, so every difference is what did.
        idle = [
            load(preset_folder("qinhuangdao")[file].replace(old, new))
            for file, old, new in (
                ("money.yaml", "ranked_at_least: 2", "ranked_at_least: 100"),
                ("listing.yaml", "number: 1", "number: 1, below: -1"),
            )
        ]
        found = backtest(
            story.runtime.store, book, idle, date(2026, 2, 23), date(2026, 4, 6), "fortnight"
        )
        real = [(x.kind, x.period, x.unit, x.what, x.real) for x in found.changes]
        assert {x.new for x in found.changes} == {""}
        proposed = [
            ("money", e.period, e.unit, e.currency,
             f"{'-' if e.direction == 'deduction' else ''}{e.amount:.0f}")
            for e in story.proposed("money").values()
        ]  # fmt: skip
        proposed += [
            ("listing", e.period, e.unit, f"{e.list}: {e.rule}", "1")
            for e in story.proposed("listing").values()
        ]
        assert sorted(x for x in real if x[0] != "accountability") == sorted(proposed)
        called = [(unit, what) for kind, _, unit, what, _ in real if kind == "accountability"]
        assert sorted(called) == [
            ("d1", "interview: 市创卫工作领导小组"), ("d1", "referral: 市纪委监委"),
            ("d2", "interview: 市创卫工作领导小组"),
        ]  # fmt: skip


def hand_over(story: Story, key: str) -> None:
    """Reviewed and ordered by two people, packed, and received by the commission."""
    story.do(ac.ReviewAccountability(accountability_id=key), "reader")
    story.do(
        ac.DecideAccountability(
            accountability_id=key, decision="ordered", authority="city", reason="属实"
        ),
        "mayor",
    )
    story.do(ac.PackReferral(accountability_id=key), "archivist")
    story.do(
        ac.ReceiptReferral(accountability_id=key, organ="市纪委监委", receipt="秦纪收〔2026〕7号"),
        "archivist",
    )
    assert story.rows(
        f"SELECT status, receipt FROM accountability WHERE accountability_id = '{key}'"
    ) == [("receipted", "秦纪收〔2026〕7号")]


def test_the_same_board_twice_but_not_in_a_row_is_no_referral_under_a_consecutive_window(
    tmp_path: Path,
) -> None:
    window = "window: {within: consecutive, consecutive: calendar_period, period: fortnight}"
    changes = [
        ("window: {within: year}\n    after: begin_anew", f"{window}\n    after: begin_anew")
    ]
    with told(tmp_path, "qinhuangdao", THREE, "2026-02-23 08:00", changes) as story:
        black_boards(story)
        assert [rule for rule, _, _ in actions(story)] == ["called-in", "called-in"]


# --- Jiangmen ----------------------------------------------------------------------------------

TOWNS = {"t1": ("street", "d"), "t2": ("street", "d"), "t3": ("street", "d")}
JIANGMEN: dict[str, Any] = {"d": ("district", "city"), **TOWNS} | {
    f"p{n:02}": ("department", "city") for n in range(1, 11)
}
# Of four problems each: how many were put right within the week. p10 and t3 had none.
RECTIFIED = {
    "p01": 4, "p02": 4, "p03": 4, "p04": 3, "p05": 2, "p06": 2, "p07": 1, "p08": 1, "p09": 0,
    "t1": 4, "t2": 0,
}  # fmt: skip


def week(story: Story, monday: datetime, rectified: dict[str, int]) -> None:
    """Problems of the week's circular and what became of them; its ranking and lists."""
    story.at(str(monday))
    for unit, number in rectified.items():
        for problem in range(4):
            case_id = story.case(f"{monday:%m%d}-{unit}-{problem}", unit)
            if problem < number:
                story.do(c.RectifyCase(case_id=case_id, note="已整改"), unit)
    story.at(str(monday + WEEK))
    period = "{}-W{:02}".format(*monday.isocalendar())
    for group in ("department", "street"):
        if any(JIANGMEN[unit][0] == group for unit in rectified):
            story.publish("jiangmen-composite", period, group)
    story.react()
    story.list_all()


def test_jiangmen_lists_all_that_share_the_edge_and_leaves_untouched_units_alone(
    tmp_path: Path,
) -> None:
    with told(tmp_path, "jiangmen", JIANGMEN, "2026-03-02 08:00") as story:
        week(story, datetime(2026, 3, 2, 9), RECTIFIED)  # noqa: DTZ001
        listed = {rule: [u for _, r, u in entries(story) if r == rule] for rule in ("red", "black")}
        # The fifth place is shared by two: six departments are on the red list.
        assert listed == {
            "red": ["p01", "p02", "p03", "p04", "p05", "p06", "t1"],
            "black": ["p07", "p08", "p09", "t2"],
        }
        ranked = story.rows("SELECT unit FROM rankings WHERE published ORDER BY unit")
        assert {unit for (unit,) in ranked} == set(RECTIFIED)  # neither p10, t3 nor the district


def test_the_third_time_in_a_row_jiangmen_proposes_accountability_and_decides_nothing(
    tmp_path: Path,
) -> None:
    with told(tmp_path, "jiangmen", JIANGMEN, "2026-03-02 08:00") as story:
        for number in range(3):
            monday = datetime(2026, 3, 2, 9) + number * WEEK  # noqa: DTZ001
            week(story, monday, {"t1": 4, "t2": 0})
        assert actions(story) == [
            ("first-time", "t2", "市分管领导"),
            ("second-in-a-row", "t2", "市委组织部领导"),
            ("third-in-a-row", "t2", "按干部管理权限的问责机关"),
        ]
        told_of = {event.NAME for _, event in story.events("accountability")}
        assert told_of == {"accountability.proposed"}


# --- Suqian ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("decision", "listed"), [("fined", ["shop"]), ("other", [])])
def test_suqian_exposes_a_trader_from_the_first_decided_penalty_on(
    tmp_path: Path, decision: Any, listed: list[str]
) -> None:
    units = {"d": ("district", "city"), "s": ("street", "d"), "shop": ("company", "s"),
             "inn": ("company", "s")}  # fmt: skip
    with told(tmp_path, "suqian", units, "2026-03-02 09:00") as story:
        for unit in ("shop", "inn"):  # what is only opened exposes nobody
            story.do(OpenPenalty(penalty_id=unit, unit=unit, kind="乱倒垃圾", currency="CNY"))
        amount = 200 if decision == "fined" else None
        story.do(DecidePenalty(penalty_id="shop", decision=decision, amount=amount), "judge")
        story.at("2026-03-03 09:00")
        rows = story.publish("suqian", "2026-03-02", "company")
        assert rows == [(1, "shop", "-1" if listed else "0")]
        story.react()
        assert [unit for _, _, unit in entries(story)] == listed
        for event in story.proposed("listing").values():
            assert "200" not in event.reason.zh + event.reason.en  # never the amount
