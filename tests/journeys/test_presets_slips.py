"""Golden stories of the coloured slips: direct start, escalation, three reds in a row."""

from pathlib import Path

import pytest

from domain.accountability import commands as ac
from domain.supervision import commands as su
from tests.support.preset_cities import Story, told

UNITS = {"d": ("district", "city"), "s": ("street", "d"), "c1": ("community", "s"),
         "works": ("department", "city")}  # fmt: skip


def slips(story: Story) -> list[tuple[str, str]]:
    return [(key, event.colour) for key, event in story.proposed("slip").items()]


@pytest.mark.parametrize(
    ("severity", "colour"),
    [("重要", "blue"), ("紧急", "orange"), ("领导批示", "orange"), ("特别", "red"), ("一般", "")],
)
def test_in_sanming_a_task_starts_at_the_colour_of_its_weight(
    tmp_path: Path, severity: str, colour: str
) -> None:
    with told(tmp_path, "sanming", UNITS, "2026-03-02 09:00") as story:
        story.case("task", "works", severity)
        story.react()
        assert slips(story) == ([("task.1", colour)] if colour else [])


def test_in_sanming_a_slip_that_is_not_met_escalates_unless_there_was_a_good_reason(
    tmp_path: Path,
) -> None:
    with told(tmp_path, "sanming", UNITS, "2026-03-02 09:00") as story:
        story.case("task", "works")
        story.case("other", "works")
        story.at("2026-03-04 09:00").react()  # both overdue
        assert slips(story) == [("other.1", "blue"), ("task.1", "blue")]
        story.issue("task.1")
        story.issue("other.1")
        story.do(su.ExcuseSlip(slip_id="other.1", reason="汛期停工"), "chief")
        story.at("2026-03-16 09:00").react()  # five working days are over
        assert slips(story)[2:] == [("task.2", "orange")]
        story.issue("task.2")
        story.at("2026-03-24 09:00").react()
        assert slips(story)[3:] == [("task.3", "red")]
        story.issue("task.3")
        story.at("2026-03-30 09:00").react()
        assert len(slips(story)) == 4  # there is nothing above red
        assert story.rows("SELECT status, excused FROM slips WHERE slip_id = 'other.1'") == [
            ("failed", True)
        ]


def test_in_longchang_three_red_cards_in_a_row_are_an_interview_by_three_organs(
    tmp_path: Path,
) -> None:
    with told(tmp_path, "longchang", UNITS, "2026-03-02 09:00") as story:
        for number, severity in enumerate(("严重", "严重", "较重", "严重", "严重"), start=1):
            story.case(f"p{number}", "s", severity)
            story.react()
            story.issue(f"p{number}.1")
        assert [colour for _, colour in slips(story)] == ["red", "red", "yellow", "red", "red"]
        assert story.proposed("accountability") == {}  # the yellow one broke the row
        story.case("p6", "s", "严重")
        story.react()
        story.issue("p6.1")
        (proposal,) = story.proposed("accountability").values()
        assert (proposal.action, proposal.unit) == ("interview", "s")
        assert proposal.organ == "市领导、市纪委监委、市委组织部"
        assert "书面报告" in proposal.reason.zh
        assert len(proposal.reason.events) == 3


def test_in_tongchuan_a_red_slip_comes_before_the_discipline_office_at_once(
    tmp_path: Path,
) -> None:
    with told(tmp_path, "tongchuan", UNITS, "2026-03-02 09:00") as story:
        story.case("p", "c1")
        for day, colour in (("03-04", "white"), ("03-11", "yellow"), ("03-17", "red")):
            story.at(f"2026-{day} 10:00").react()
            assert slips(story)[-1][1] == colour
            assert story.proposed("accountability") == {}
            story.issue(slips(story)[-1][0])
        (proposal,) = story.proposed("accountability").values()
        assert (proposal.action, proposal.unit, proposal.organ) == ("interview", "c1", "街道纪工委")
        story.at("2026-04-01 09:00")
        # One problem, once overdue, one red slip.
        rows = story.publish("tongchuan", "2026-03", "community")
        assert rows == [(1, "c1", "92.00")]


def test_in_zhangjiagang_an_ordered_veto_puts_a_town_last_whatever_its_points(
    tmp_path: Path,
) -> None:
    towns = {"t1": ("street", "city"), "t2": ("street", "city")}
    with told(tmp_path, "zhangjiagang", towns, "2026-03-02 09:00") as story:
        story.case("p", "t2", source="covert_check")
        proposal = ac.ProposeAccountability(
            accountability_id="veto", action="veto", unit="t1", organ="市委市政府",
            authority="市委市政府", reason={"zh": "城市管理不达标", "en": "below the standard"},
        )  # fmt: skip
        story.do(proposal, "officer")
        story.do(ac.ReviewAccountability(accountability_id="veto"), "reader")
        decision = ac.DecideAccountability(
            accountability_id="veto", decision="ordered", authority="city", reason="属实"
        )
        story.do(decision, "mayor")
        story.at("2026-04-01 09:00")
        assert story.publish("zhangjiagang-towns", "2026-03", "street") == [
            (1, "t2", "99.00"), (2, "t1", "100.00"),
        ]  # fmt: skip
        _, ranking = story.runtime.desk.state("ranking-zhangjiagang-towns:2026-03:street")
        assert [row.veto for row in ranking.published.rows] == ["", "one-vote-veto"]
