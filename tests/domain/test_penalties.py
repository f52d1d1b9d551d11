"""Penalties and their outcomes."""

from decimal import Decimal

import pytest

from domain.penalties.commands import DecidePenalty, OpenPenalty, SettlePenalty, WithdrawPenalty
from domain.penalties.decide import PENALTIES
from domain.penalties.events import PenaltyDecided, PenaltySettled, PenaltyWithdrawn
from tests.domain.test_units import UNITS_HERE
from tests.support.calendars import PLAIN
from tests.support.specification import Story

OPEN = OpenPenalty(penalty_id="p1", unit="works", kind="ticket", currency="CAD")
FINED = DecidePenalty(penalty_id="p1", decision="fined", amount=Decimal("180.00"))


@pytest.fixture
def story() -> Story:
    return Story(PENALTIES, PLAIN, UNITS_HERE)


def test_a_penalty_is_opened_decided_and_settled(story: Story) -> None:
    story.when(OPEN)
    assert story.when(FINED) == [PenaltyDecided(decision="fined", amount=Decimal("180.00"))]
    assert story.when(SettlePenalty(penalty_id="p1")) == [PenaltySettled()]


def test_a_fine_needs_its_amount_and_nothing_else_has_one(story: Story) -> None:
    story.when(OPEN)
    story.refused(DecidePenalty(penalty_id="p1", decision="fined"), "penalty.amount")
    suspended = DecidePenalty(penalty_id="p1", decision="suspended_sentence", amount=Decimal(5))
    story.refused(suspended, "penalty.amount")


def test_a_decided_penalty_may_still_be_withdrawn_but_a_withdrawn_one_is_over(
    story: Story,
) -> None:
    story.when(OPEN)
    story.when(FINED)
    withdrawal = WithdrawPenalty(penalty_id="p1", reason="charges quashed")
    assert story.when(withdrawal) == [PenaltyWithdrawn(reason="charges quashed")]
    message = story.refused(FINED, "penalty.withdrawn")
    assert "nothing follows a withdrawal" in message


def test_an_undecided_penalty_cannot_be_settled(story: Story) -> None:
    story.refused(SettlePenalty(penalty_id="p1"), "penalty.unknown")
    story.when(OPEN)
    message = story.refused(SettlePenalty(penalty_id="p1"), "penalty.open")
    assert "decided or withdrawn" in message
    story.refused(OPEN, "penalty.exists")
