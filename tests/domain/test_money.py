"""Money between the city and its units: from a place in a published ranking, by three hands."""

from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import ValidationError

from domain.money import commands as c
from domain.money import events as e
from domain.money.decide import MONEY
from domain.rankings.decide import Life
from domain.rankings.events import RankedUnit, RankingComposed, RankingPublished
from domain.reasons import Reason
from domain.units.decide import Unit
from tests.support.calendars import PLAIN
from tests.support.specification import MONDAY, Story

UNITS = {
    name: Unit(name, name, "district", "city", "", "", "", None, None)
    for name in ("east", "west", "mayor")
}
ID = {"money_id": "M1"}
ROWS = (RankedUnit("west", 1, Decimal(99), 1), RankedUnit("east", 2, Decimal(90), 1))
FROZEN = {
    "period": "2026-02", "peer_group": "", "rows": ROWS, "computed_at": 9, "policies": (),
    "checksum": "0", "board": "b",
}  # fmt: skip
PUBLISHED = Life(MONDAY, published=RankingPublished(**FROZEN, composed_by="x"))
RULED = Reason(zh="末位", en="last", policy="m@1#0", clause="last", events=(9,))
REVIEW, ISSUE = c.ReviewMoney(**ID), c.IssueMoney(**ID)
APPROVE = c.ApproveMoney(**ID, authority="mayor")
REVOKE = c.RevokeMoney(**ID, reason="the ranking was wrong")


def propose(**more: object) -> c.ProposeMoney:
    said = {
        **ID, "unit": "east", "direction": "deduction", "amount": "300.00", "currency": "CNY",
        "period": "2026-02", "ranking": "b:2026-02:all", "authority": "市政府",
        "reason": Reason(zh="末位", en="last"),
    }  # fmt: skip
    return c.ProposeMoney.model_validate({**said, **more})


def pay(amount: str) -> c.SettleMoney:
    return c.SettleMoney(**ID, amount=Decimal(amount))


@pytest.fixture
def story() -> Story:
    return Story(MONEY, PLAIN, UNITS, {"ranking-b:2026-02:all": PUBLISHED})


@pytest.fixture
def approved(story: Story) -> Story:
    for command, actor in ((propose(), "clerk"), (REVIEW, "auditor"), (APPROVE, "boss")):
        story.when(command, actor)
    return story


def test_it_follows_from_a_place_in_a_ranking_of_that_period(story: Story) -> None:
    story.refused(propose(unit="mayor"), "money.not_ranked")
    story.refused(propose(period="2026-01"), "money.other_period")
    story.refused(propose(unit="nobody"), "unit.unknown")


def test_nothing_follows_from_a_draft_or_from_what_was_withdrawn(story: Story) -> None:
    draft = Life(MONDAY, draft=RankingComposed(**FROZEN))
    story.states = {"ranking-b:2026-02:all": draft}
    story.refused(propose(), "money.ranking_unpublished")
    story.states = {"ranking-b:2026-02:all": Life(MONDAY, published=PUBLISHED.published)}
    story.when(propose(), "clerk")
    story.when(REVIEW, "auditor")
    withdrawn = Life(MONDAY, published=PUBLISHED.published, withdrawn=True)
    story.states = {"ranking-b:2026-02:all": withdrawn}
    story.refused(APPROVE, "money.ranking_withdrawn", "boss")
    story.when(c.DeclineMoney(**ID, reason="the ranking is withdrawn"))


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "Infinity", "1e17"])
def test_an_amount_is_positive_and_has_two_decimals(amount: str) -> None:
    with pytest.raises(ValidationError):
        propose(amount=amount)


def test_nobody_approves_what_they_proposed_or_reviewed(story: Story) -> None:
    story.when(propose(), "clerk")
    story.refused(APPROVE, "money.proposed", "boss")
    story.when(REVIEW, "auditor")
    for actor in ("clerk", "auditor"):
        assert actor in story.refused(APPROVE, "money.same_person", actor)


def test_the_unit_that_pays_is_not_the_authority_that_says_so(story: Story) -> None:
    story.when(propose(), "clerk")
    story.when(REVIEW, "auditor")
    own = c.ApproveMoney(**ID, authority="east")
    story.refused(own, "money.own_authority", "boss")


def test_payments_add_up_to_the_amount_and_never_above(approved: Story) -> None:
    approved.refused(pay("1"), "money.approved")
    assert approved.when(ISSUE) == [e.MoneyIssued(number="2026-M1")]
    approved.when(pay("299.99"))
    assert approved.state.status == "issued"
    assert "0.01" in approved.refused(pay("0.02"), "money.too_much")
    approved.when(pay("0.01"))
    assert approved.state.status == "settled"
    approved.refused(pay("0.01"), "money.settled")


@pytest.mark.parametrize("steps", [(), (ISSUE,), (ISSUE, pay("10")), (ISSUE, pay("300"))])
def test_it_can_be_taken_back_from_the_approval_on(
    approved: Story, steps: tuple[c.MoneyCommand, ...]
) -> None:
    for step in steps:
        approved.when(step)
    approved.when(REVOKE)
    assert approved.refused(ISSUE, "money.revoked").endswith("that is final")


def test_before_the_approval_it_is_declined_instead(story: Story) -> None:
    story.when(propose())
    assert "money.decline" in story.refused(REVOKE, "money.proposed")


def test_the_system_only_proposes(story: Story) -> None:
    story.when(propose(reason=RULED), "system:reactions")
    for command, actor in ((REVIEW, "auditor"), (APPROVE, "boss"), (ISSUE, "clerk")):
        story.refused(command, "money.system_actor", "system:reactions")
        story.when(command, actor)
    for command in (pay("1"), REVOKE):
        story.refused(command, "money.system_actor", "system:reactions")


@pytest.mark.parametrize("missing", ["zh", "en", "policy", "clause", "events"])
def test_a_proposal_by_rule_lacks_nothing(story: Story, missing: str) -> None:
    bare = replace(RULED, **{missing: type(getattr(RULED, missing))()})
    said = story.refused(propose(reason=bare), "money.reason_incomplete", "system:reactions")
    assert missing in said
