"""Missed deadlines: noticed in time or late, and exempted by an upheld appeal alone."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.appeals.decide import Appeal
from domain.cases import commands as c
from domain.cases import events as e
from domain.cases.decide import CASES
from domain.units.decide import Unit
from tests.support.calendars import PLAIN
from tests.support.specification import MONDAY, Story

ID = {"case_id": "A1"}
WORKS = Unit("works", "Works", "department", "city", "", "", "", None, None)
DUE = MONDAY + timedelta(hours=2)
MARK = c.MarkOverdue(**ID, due_at=DUE)


def upheld(due_at: datetime, case: str = "A1") -> Appeal:
    subject = f"{case}@{due_at.astimezone(UTC).isoformat()}"
    return Appeal("upheld", "timeout", subject, f"case-{case}", "chief", MONDAY)


@pytest.fixture
def story() -> Story:
    """A case dispatched on Monday with two hours."""
    told = Story(CASES, PLAIN, {"works": WORKS})
    told.when(c.ReportCase(**ID, source="patrol", category="1", text="x"))
    told.when(c.FileCase(**ID, standard="1"))
    told.when(c.DispatchCase(**ID, unit="works", limit=e.Limit(2, "urgent_hours")))
    return told


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (60, False), (61, True), (604800, True)])
def test_a_timeout_noticed_more_than_a_minute_after_was_noticed_late(
    story: Story, seconds: int, late: bool
) -> None:
    story.later(hours=2, seconds=seconds)
    assert story.when(MARK, "system:clock") == [e.CaseOverdue(due_at=DUE, detected_late=late)]


def test_an_upheld_appeal_exempts_the_timeout_it_was_against_once(story: Story) -> None:
    story.later(hours=3).when(MARK)
    exempt = c.ExemptCase(**ID, due_at=DUE, appeal="a")
    story.refused(exempt, "case.not_appealed")
    for other in (upheld(MONDAY), upheld(DUE, "B2")):
        story.states = {"appeal-a": other}
        assert "file one" in story.refused(exempt, "case.not_appealed")
    story.states = {"appeal-a": upheld(DUE)}
    assert story.when(exempt) == [e.CaseExempted(due_at=DUE, appeal="a")]
    assert story.when(exempt) == []
    assert story.state.misses == (DUE,)  # the raw fact stays


def test_only_what_was_missed_can_be_exempted(story: Story) -> None:
    story.states = {"appeal-a": upheld(DUE)}
    story.refused(c.ExemptCase(**ID, due_at=DUE, appeal="a"), "case.not_missed")


def test_an_earlier_timeout_can_be_exempted_after_a_later_one(story: Story) -> None:
    story.later(hours=3).when(MARK)
    story.when(c.RectifyCase(**ID, note="done"), "works")
    story.when(c.OrderRework(**ID, reason="still", limit=e.Limit(1, "urgent_hours")))
    again = story.at + timedelta(hours=1)
    story.later(hours=2).when(c.MarkOverdue(**ID, due_at=again))
    story.states = {"appeal-a": upheld(DUE)}
    story.when(c.ExemptCase(**ID, due_at=DUE, appeal="a"))
    assert (story.state.misses, story.state.exempted) == ((DUE, again), (DUE,))
