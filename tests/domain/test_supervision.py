"""A supervision slip from proposal to its end: numbered, served, answered in time or failed."""

from datetime import timedelta

import pytest

from domain.cases.events import Limit
from domain.policies.loading import load
from domain.reasons import Reason
from domain.supervision import commands as c
from domain.supervision import events as e
from domain.supervision.decide import LEGAL, SLIPS
from domain.units.decide import Unit
from infra.bundled import preset_folder
from tests.support.calendars import PLAIN
from tests.support.specification import MONDAY, Story

UNITS = {
    "city": Unit("city", "City", "city", "", "", "", "", None, None),
    "east": Unit("east", "East", "district", "city", "", "", "", None, None),
    "hill": Unit("hill", "Hill", "street", "east", "", "", "", None, None),
    "old": Unit("old", "Old", "street", "east", "", "", "", None, None, retired=True),
}
WHY = Reason(zh="逾期未改", en="not put right in time")
ID = {"slip_id": "A1.1"}
SERVE = c.ServeSlip(**ID, receiver="门卫")
ANSWER = c.AnswerSlip(**ID, note="已整改")
DUE = MONDAY + timedelta(days=1)


def propose(**more: object) -> c.ProposeSlip:
    said = {**ID, "unit": "hill", "ladder": "l", "colour": "yellow", "authority": "督查办",
            "limit": Limit(1, "natural_days"), "reason": WHY}  # fmt: skip
    return c.ProposeSlip.model_validate({**said, **more})


@pytest.fixture
def story() -> Story:
    return Story(SLIPS, PLAIN, UNITS)


@pytest.fixture
def served(story: Story) -> Story:
    for command in (propose(), c.IssueSlip(**ID), SERVE):
        story.when(command)
    return story


def test_it_is_numbered_by_colour_year_and_id_and_its_limit_runs_from_service(
    story: Story,
) -> None:
    (proposed,) = story.when(propose())
    assert isinstance(proposed, e.SlipProposed)
    assert (proposed.matter, proposed.district) == ("A1", "east")
    assert story.when(c.IssueSlip(**ID)) == [e.SlipIssued(number="Y2026-A1.1", authority="督查办")]
    (handed,) = story.later(days=3).when(SERVE)
    assert isinstance(handed, e.SlipServed)
    assert handed.deadline.due_at == MONDAY + timedelta(days=4)


def test_a_number_of_its_own_may_be_given(story: Story) -> None:
    story.when(propose())
    (issued,) = story.when(c.IssueSlip(**ID, number="督〔2026〕1号", authority="市政府"))
    assert issued == e.SlipIssued(number="督〔2026〕1号", authority="市政府")


def test_what_is_not_there_or_out_of_service_gets_no_slip(story: Story) -> None:
    story.refused(propose(unit="nobody"), "unit.unknown")
    story.refused(propose(unit="old"), "unit.retired")
    story.refused(propose(case_id="A9"), "case.unknown")
    story.refused(propose(limit=Limit(1e9, "natural_days")), "limit.out_of_range")
    assert story.refused(c.IssueSlip(**ID), "slip.unknown").endswith("propose it first")


def test_a_person_names_a_ladder_and_a_colour_of_the_policy_in_force(story: Story) -> None:
    policy = load(preset_folder("default")["supervision.yaml"])
    story.policies = (policy,)
    (ladder, *_) = policy.ladders  # type: ignore[attr-defined]
    assert ladder.id in story.refused(propose(ladder="nonsense"), "slip.ladder_unknown")
    unknown = propose(ladder=ladder.id, colour="pink")
    assert ladder.steps[0].colour in story.refused(unknown, "slip.colour_unknown")
    story.when(propose(ladder=ladder.id, colour=ladder.steps[-1].colour))  # starts at the top


def test_the_refusal_says_what_would_be_legal(served: Story) -> None:
    said = served.refused(c.IssueSlip(**ID), "slip.served")
    assert "slip.answer" in said
    assert "slip.lift" in said
    served.when(c.WithdrawSlip(**ID, reason="x"))
    assert served.refused(ANSWER, "slip.withdrawn").endswith("that is final")


def test_a_rejected_answer_lets_the_old_limit_go_on(served: Story) -> None:
    served.when(ANSWER, "hill")
    served.refused(c.RejectAnswer(**ID, reason="no photo"), "slip.own_answer", "hill")
    served.later(days=2).when(c.RejectAnswer(**ID, reason="no photo"), "chief")
    fail = c.FailSlip(**ID, due_at=DUE)
    (failed,) = served.when(fail, "system:clock")
    assert isinstance(failed, e.SlipFailed)
    assert (failed.deadline.due_at, failed.detected_late) == (DUE, True)
    assert served.when(fail, "system:clock") == []


def test_a_late_answer_does_not_save_a_slip_whose_failure_nobody_has_noticed(
    served: Story,
) -> None:
    served.later(days=1, seconds=1)
    assert "lifted" in served.refused(ANSWER, "slip.overdue", "hill")
    served.when(c.FailSlip(**ID, due_at=DUE), "system:clock")
    served.refused(ANSWER, "slip.failed", "hill")
    served.when(c.LiftSlip(**ID, reason="all done by now"))


def test_a_deadline_of_another_day_fails_nothing(served: Story) -> None:
    served.later(days=9)
    assert served.when(c.FailSlip(**ID, due_at=MONDAY), "system:clock") == []


def test_a_good_reason_is_recorded_once_before_or_after_the_failure(served: Story) -> None:
    served.when(c.ExcuseSlip(**ID, reason="flood"))
    served.refused(c.ExcuseSlip(**ID, reason="flood"), "slip.excused")
    served.later(days=1).when(c.FailSlip(**ID, due_at=DUE), "system:clock")
    assert (served.state.status, served.state.excused) == ("failed", True)


def test_a_step_does_not_happen_before_the_last_one(served: Story) -> None:
    served.later(hours=-1)
    served.refused(ANSWER, "time.before_previous", "hill")


@pytest.mark.parametrize("command", [kind for kind in LEGAL if kind is not c.FailSlip])
def test_the_system_does_nothing_but_propose_and_keep_time(
    served: Story, command: type[c.SlipCommand]
) -> None:
    words = {"reason": "r", "note": "n", "receiver": "x"}
    said = {name: word for name, word in words.items() if name in command.model_fields}
    served.refused(command.model_validate({**ID, **said}), "slip.system_actor", "system:reactions")
