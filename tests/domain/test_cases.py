"""The closed loop of a case, move by move."""

from datetime import timedelta

import pytest

from domain.cases import commands as c
from domain.cases import events as e
from domain.cases.decide import CASES, LEGAL
from domain.cases.state import Case
from domain.messages import Command
from tests.domain.test_units import UNITS_HERE, unit
from tests.support.calendars import PLAIN
from tests.support.specification import MONDAY, Story

ID = {"case_id": "A1"}
PHOTO = e.Evidence("ab" * 32, "image/jpeg", "bin.jpg")
TWO_HOURS = e.Limit(2, "urgent_hours")
REPORT = c.ReportCase(
    **ID, source="patrol", category="0110", text="rubbish", place=e.Place(grid="grid")
)
FILE = c.FileCase(**ID, standard="exposed rubbish over 1 m²")
DISPATCH = c.DispatchCase(**ID, unit="works", assisting=("roads",), limit=TWO_HOURS)
RECTIFY = c.RectifyCase(**ID, note="carted away", evidence=(PHOTO,))
DUE = MONDAY + timedelta(hours=2)


@pytest.fixture
def story() -> Story:
    retired = unit("old", "department", "city", retired=True)
    return Story(CASES, PLAIN, {**UNITS_HERE, "old": retired})


@pytest.fixture
def dispatched(story: Story) -> Story:
    for command in (REPORT, FILE, DISPATCH):
        story.when(command)
    return story


def test_the_whole_loop_from_report_to_strike_off(dispatched: Story) -> None:
    dispatched.when(c.ClaimCase(**ID), actor="works")
    dispatched.later(hours=1).when(RECTIFY, actor="works")
    dispatched.when(c.VerifyCase(**ID, note="clean"))
    dispatched.when(c.CloseCase(**ID))
    assert [event.NAME for event in dispatched.past] == [
        "case.reported", "case.filed", "case.dispatched", "case.claimed", "case.rectified",
        "case.verified", "case.closed",
    ]  # fmt: skip
    assert dispatched.state.status == "closed"


def test_a_report_takes_its_district_from_the_grid(story: Story) -> None:
    (event,) = story.when(REPORT)
    assert isinstance(event, e.CaseReported)
    assert (event.place.grid, event.place.district, event.case_no) == ("grid", "east", "A1")


def test_a_report_about_a_unit_takes_its_place(story: Story) -> None:
    about = c.ReportCase(**ID, source="hotline", category="x", text="y", about="street")
    (event,) = story.when(about)
    assert isinstance(event, e.CaseReported)
    assert event.place.district == "east"


def test_a_case_is_reported_once(story: Story) -> None:
    story.when(REPORT)
    story.refused(REPORT, "case.exists")


def test_a_step_on_an_unknown_case_is_refused(story: Story) -> None:
    assert "report it first" in story.refused(FILE, "case.unknown")


def test_a_rejected_report_stays_rejected(story: Story) -> None:
    story.when(REPORT)
    story.when(c.RejectCase(**ID, reason="private ground"))
    message = story.refused(FILE, "case.rejected")
    assert "nothing follows" in message


def test_a_refusal_says_what_is_legal_now(story: Story) -> None:
    story.when(REPORT)
    message = story.refused(DISPATCH, "case.reported")
    assert "only this is possible now: case.file, case.reject, case.void" in message


def test_a_dispatch_sets_the_deadline_and_its_warning(dispatched: Story) -> None:
    (event,) = (p for p in dispatched.past if isinstance(p, e.CaseDispatched))
    assert event.deadline == e.Deadline(DUE, MONDAY + timedelta(minutes=96))
    assert event.assisting == ("roads",)


@pytest.mark.parametrize(
    ("lead", "assisting", "code"),
    [
        ("nobody", (), "unit.unknown"),
        ("works", ("nobody",), "unit.unknown"),
        ("old", (), "unit.retired"),
        ("works", ("works",), "case.unit_twice"),
        ("works", ("roads", "roads"), "case.unit_twice"),
    ],
)
def test_a_dispatch_names_each_living_unit_once(
    story: Story, lead: str, assisting: tuple[str, ...], code: str
) -> None:
    story.when(REPORT)
    story.when(FILE)
    story.refused(c.DispatchCase(**ID, unit=lead, assisting=assisting), code)


def test_a_limit_is_more_than_nothing(story: Story) -> None:
    story.when(REPORT)
    story.when(FILE)
    none = c.DispatchCase(**ID, unit="works", limit=e.Limit(0, "urgent_hours"))
    story.refused(none, "limit.out_of_range")


def test_a_returned_case_is_dispatched_again(dispatched: Story) -> None:
    dispatched.when(c.ReturnCase(**ID, reason="not our road"), actor="works")
    assert dispatched.state.status == "filed"
    dispatched.when(c.DispatchCase(**ID, unit="roads"))
    assert (dispatched.state.unit, dispatched.state.deadline) == ("roads", None)


def test_a_ruling_binds(dispatched: Story) -> None:
    dispatched.when(c.DisputeCase(**ID, reason="not ours", owner="roads"), actor="works")
    dispatched.refused(RECTIFY, "case.disputed")
    dispatched.when(c.RuleCase(**ID, unit="works", basis="three duties order, art. 4"))
    assert dispatched.state.deadline is not None
    dispatched.refused(c.ReturnCase(**ID, reason="still not ours"), "case.bound")
    dispatched.refused(c.DisputeCase(**ID, reason="still not ours"), "case.bound")
    dispatched.when(RECTIFY, actor="works")


def test_closing_needs_a_verified_rectification(dispatched: Story) -> None:
    dispatched.refused(c.CloseCase(**ID), "case.dispatched")
    dispatched.when(RECTIFY, actor="works")
    dispatched.refused(c.CloseCase(**ID), "case.not_verified")


def test_who_rectifies_may_not_verify(dispatched: Story) -> None:
    dispatched.when(RECTIFY, actor="works")
    dispatched.refused(c.VerifyCase(**ID), "case.own_work", actor="works")
    dispatched.refused(c.OrderRework(**ID, reason="dirty"), "case.own_work", actor="works")


def test_a_check_on_site_needs_no_answer_first(dispatched: Story) -> None:
    dispatched.when(c.VerifyCase(**ID, inspection_id="i2"))
    dispatched.refused(c.VerifyCase(**ID), "case.verified")
    dispatched.refused(c.OrderRework(**ID, reason="dirty"), "case.verified")
    dispatched.when(c.CloseCase(**ID, on_the_spot=True))


def test_rework_goes_back_to_the_same_unit_with_the_old_deadline(dispatched: Story) -> None:
    dispatched.when(RECTIFY, actor="works")
    dispatched.when(c.OrderRework(**ID, reason="still dirty", evidence=(PHOTO,)))
    state: Case = dispatched.state
    assert (state.status, state.unit, state.rectified_by) == ("dispatched", "works", "")
    assert state.deadline is not None
    assert state.deadline.due_at == DUE


def test_rework_with_a_limit_starts_a_new_clock(dispatched: Story) -> None:
    dispatched.later(hours=1).when(RECTIFY, actor="works")
    dispatched.when(c.OrderRework(**ID, reason="still dirty", limit=e.Limit(1, "urgent_hours")))
    assert dispatched.state.deadline.due_at == MONDAY + timedelta(hours=2)
    assert dispatched.state.limit == e.Limit(1, "urgent_hours")


def ask_and_approve(story: Story) -> None:
    story.when(c.RequestExtension(**ID, reason="rain"), actor="works")
    story.when(c.ApproveExtension(**ID))


def test_an_extension_adds_one_original_limit_and_a_third_is_refused(dispatched: Story) -> None:
    ask_and_approve(dispatched)
    assert dispatched.state.deadline.due_at == MONDAY + timedelta(hours=4)
    ask_and_approve(dispatched)
    assert dispatched.state.deadline.due_at == MONDAY + timedelta(hours=6)
    third = c.RequestExtension(**ID, reason="snow")
    assert "a third" in dispatched.refused(third, "case.extensions_used", actor="works")


def test_a_refused_extension_is_not_counted(dispatched: Story) -> None:
    for _ in range(3):
        dispatched.when(c.RequestExtension(**ID, reason="rain"), actor="works")
        dispatched.when(c.RefuseExtension(**ID, reason="no"))
    ask_and_approve(dispatched)
    ask_and_approve(dispatched)
    assert dispatched.state.extensions == 2


def test_who_asks_for_an_extension_may_not_grant_it(dispatched: Story) -> None:
    dispatched.refused(c.ApproveExtension(**ID), "case.no_request")
    dispatched.when(c.RequestExtension(**ID, reason="rain"), actor="works")
    dispatched.refused(c.RequestExtension(**ID, reason="x"), "case.extension_pending")
    dispatched.refused(c.ApproveExtension(**ID), "case.own_request", actor="works")
    dispatched.refused(c.RefuseExtension(**ID, reason="x"), "case.own_request", actor="works")


def test_no_extension_once_overdue(dispatched: Story) -> None:
    dispatched.when(c.RequestExtension(**ID, reason="rain"), actor="works")
    dispatched.later(hours=2, microseconds=1)
    dispatched.refused(c.ApproveExtension(**ID), "case.overdue")
    dispatched.when(c.RefuseExtension(**ID, reason="too late"))
    dispatched.refused(c.RequestExtension(**ID, reason="rain"), "case.overdue", actor="works")


def test_no_extension_without_a_deadline(story: Story) -> None:
    for command in (REPORT, FILE, c.DispatchCase(**ID, unit="works")):
        story.when(command)
    story.refused(c.RequestExtension(**ID, reason="rain"), "case.no_deadline")


def test_a_suspension_pauses_the_clock_exactly(dispatched: Story) -> None:
    dispatched.later(minutes=30)
    until = dispatched.at + timedelta(days=30)
    dispatched.when(c.SuspendCase(**ID, reason="frost", until=until))
    dispatched.refused(RECTIFY, "case.suspended")
    dispatched.later(days=3).when(c.ResumeCase(**ID))
    assert dispatched.state.deadline.due_at == DUE + timedelta(days=3)
    assert dispatched.state.status == "dispatched"
    again = c.SuspendCase(**ID, reason="frost", until=dispatched.at + timedelta(days=1))
    dispatched.refused(again, "case.suspension_used")


def test_a_suspension_that_nobody_ended_ends_on_its_date(dispatched: Story) -> None:
    dispatched.when(c.ClaimCase(**ID), actor="works")
    dispatched.when(c.SuspendCase(**ID, reason="frost", until=MONDAY + timedelta(days=2)))
    dispatched.later(days=5).when(c.ResumeCase(**ID))
    assert dispatched.state.deadline.due_at == DUE + timedelta(days=2)
    assert dispatched.state.status == "claimed"


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_suspension_ends_within_a_year(dispatched: Story, days: int) -> None:
    wrong = c.SuspendCase(**ID, reason="frost", until=MONDAY + timedelta(days=days))
    dispatched.refused(wrong, "case.suspension_length")


def test_an_overdue_case_cannot_be_suspended(dispatched: Story) -> None:
    dispatched.later(hours=3)
    late = c.SuspendCase(**ID, reason="frost", until=dispatched.at + timedelta(days=1))
    dispatched.refused(late, "case.overdue")


def test_a_missed_deadline_is_recorded_once_at_its_due_time(dispatched: Story) -> None:
    mark = c.MarkOverdue(**ID, due_at=DUE)
    dispatched.refused(mark, "case.not_due", actor="system")
    dispatched.later(hours=5)
    late = e.CaseOverdue(due_at=DUE, detected_late=True)
    assert dispatched.when(mark, actor="system") == [late]
    assert dispatched.when(mark, actor="system") == []


def test_a_moved_deadline_is_not_missed(dispatched: Story) -> None:
    ask_and_approve(dispatched)
    dispatched.later(hours=3)
    assert dispatched.when(c.MarkOverdue(**ID, due_at=DUE), actor="system") == []


def test_a_closed_case_reopens_with_its_limit_anew(dispatched: Story) -> None:
    dispatched.when(RECTIFY, actor="works")
    dispatched.when(c.VerifyCase(**ID))
    dispatched.when(c.CloseCase(**ID))
    dispatched.later(days=10).when(c.ReopenCase(**ID, reason="back again"))
    state: Case = dispatched.state
    assert state.status == "dispatched"
    assert not state.verified
    assert state.deadline is not None
    assert state.deadline.due_at == DUE + timedelta(days=10)


def test_a_void_case_is_out_of_everything(dispatched: Story) -> None:
    dispatched.when(c.VoidCase(**ID, reason="reported twice"))
    for command in (DISPATCH, RECTIFY, c.CloseCase(**ID), c.VoidCase(**ID, reason="x")):
        dispatched.refused(command, "case.void")


def test_a_step_cannot_have_happened_before_the_last_one(dispatched: Story) -> None:
    dispatched.later(minutes=-1)
    dispatched.refused(c.ClaimCase(**ID), "time.before_previous", actor="works")


def test_every_command_but_the_report_has_its_place_in_the_table() -> None:
    assert set(LEGAL) == set(c.COMMANDS) - {c.ReportCase}


@pytest.mark.parametrize("command", [FILE, DISPATCH, RECTIFY, c.ResumeCase(**ID)])
def test_a_refused_command_leaves_no_event(story: Story, command: Command) -> None:
    story.refused(command, "case.unknown")
    assert story.past == []
