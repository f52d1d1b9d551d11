"""Accountability: proposed with reasons, decided by another, carried out or referred, answered."""

import pytest

from domain.accountability import commands as c
from domain.accountability.decide import ACCOUNTABILITY, package_digest
from domain.accountability.events import PackedEvent, ReferralPacked
from domain.reasons import Reason
from domain.units.decide import Unit
from tests.support.calendars import PLAIN
from tests.support.specification import Story

UNITS = {
    name: Unit(name, name, "district", "city", "", "", "", None, None, retired=name == "gone")
    for name in ("east", "mayor", "gone")
}
ID = {"accountability_id": "R1"}
REVIEW = c.ReviewAccountability(**ID)
CARRY_OUT = c.CarryOutAccountability(**ID, note="约谈一小时")
ANSWER = c.AnswerAccountability(**ID, note="我们接受")
REVOKE = c.RevokeAccountability(**ID, reason="mixed up")
RECEIPT = c.ReceiptReferral(**ID, organ="纪委", receipt="收20260302000100001号")


def propose(**more: object) -> c.ProposeAccountability:
    said = {
        **ID, "action": "interview", "unit": "east", "organ": "组织部", "authority": "市委",
        "reason": Reason(zh="两次上黑榜", en="twice on the black list", events=(4, 9)),
    }  # fmt: skip
    return c.ProposeAccountability.model_validate({**said, **more})


def decision(choice: str = "ordered", authority: str = "mayor") -> c.DecideAccountability:
    said = {"decision": choice, "authority": authority, "reason": "属实"}
    return c.DecideAccountability.model_validate({**ID, **said})


def packed(*positions: int) -> c.PackReferral:
    events = [PackedEvent(p, "listing-l", "listing.published", "ab" * 32) for p in positions]
    return c.PackReferral(**ID, events=tuple(events))


def ordered(action: str) -> Story:
    story = Story(ACCOUNTABILITY, PLAIN, UNITS)
    story.when(propose(action=action), "clerk")
    story.when(REVIEW, "auditor")
    story.when(decision(), "boss")
    return story


@pytest.fixture
def story() -> Story:
    return Story(ACCOUNTABILITY, PLAIN, UNITS)


def test_nobody_decides_what_they_proposed_or_reviewed(story: Story) -> None:
    story.when(propose(), "clerk")
    story.refused(decision(), "accountability.proposed", "boss")
    story.when(REVIEW, "auditor")
    for actor in ("clerk", "auditor"):
        story.refused(decision(), "accountability.same_person", actor)
    story.refused(decision(), "accountability.system_actor", "system:reactions")


def test_the_authority_is_a_unit_in_service_other_than_the_one_concerned(story: Story) -> None:
    story.when(propose(), "clerk")
    story.when(REVIEW, "auditor")
    story.refused(decision(authority="nobody"), "unit.unknown", "boss")
    story.refused(decision(authority="gone"), "accountability.authority_retired", "boss")
    story.refused(decision(authority="east"), "accountability.own_authority", "boss")


def test_a_proposal_is_declined_by_another_person_and_never_taken_back_by_one(
    story: Story,
) -> None:
    story.when(propose(), "clerk")
    story.refused(REVOKE, "accountability.proposed", "clerk")
    story.when(REVIEW, "clerk")
    story.refused(decision("declined"), "accountability.same_person", "clerk")
    story.when(decision("declined"), "boss")
    assert story.refused(CARRY_OUT, "accountability.declined").endswith("that is final")


@pytest.mark.parametrize("action", ["reminder", "interview", "circulated_criticism", "veto"])
def test_what_is_ordered_is_carried_out_and_answered(action: str) -> None:
    story = ordered(action)
    story.refused(packed(4, 9), "accountability.ordered")
    story.when(ANSWER, "east")
    assert story.state.status == "ordered"  # still to be carried out
    story.when(CARRY_OUT)
    assert story.state.status == "carried_out"
    story.when(ANSWER, "east")
    assert story.state.status == "answered"
    story.when(REVOKE)
    story.refused(ANSWER, "accountability.revoked", "east")


def test_a_package_holds_everything_the_referral_rests_on() -> None:
    story = ordered("referral")
    story.refused(packed(), "accountability.empty_package")
    assert "9" in story.refused(packed(4, 5), "accountability.incomplete_package")
    whole = packed(4, 5, 9)
    (event,) = story.when(whole)
    assert event == ReferralPacked(events=whole.events, digest=package_digest(whole.events))


def test_the_digest_of_a_package_changes_with_every_part_of_it() -> None:
    one = PackedEvent(4, "listing-l", "listing.published", "ab" * 32)
    others = [
        PackedEvent(5, "listing-l", "listing.published", "ab" * 32),
        PackedEvent(4, "listing-k", "listing.published", "ab" * 32),
        PackedEvent(4, "listing-l", "listing.withdrawn", "ab" * 32),
        PackedEvent(4, "listing-l", "listing.published", "ac" * 32),
    ]
    digests = {package_digest(found) for found in ([one], [], [one, one], *([x] for x in others))}
    assert len(digests) == 7


def test_a_referral_waits_for_a_receipt_and_its_outcome_is_a_fact() -> None:
    story = ordered("referral")
    story.refused(CARRY_OUT, "accountability.ordered")
    story.refused(RECEIPT, "accountability.ordered")
    story.when(packed(4, 9))
    outcome = c.RecordOutcome(**ID, organ="纪委", outcome="诫勉谈话", document="纪〔2026〕3号")
    story.refused(outcome, "accountability.packed")
    story.when(RECEIPT)
    story.when(outcome)
    story.when(ANSWER, "east")
    assert story.state.status == "concluded"
    story.refused(REVOKE, "accountability.concluded")


def test_a_person_stands_under_a_pseudonym(story: Story) -> None:
    for name in ("张三", "13812345678", "110101199001011234", "li@example.org"):
        story.refused(propose(person=name), "accountability.personal_data")
    story.refused(propose(person="Mr Li"), "accountability.pseudonym")
    story.when(propose(person="p-17"))
    leak = c.ReviewAccountability(**ID, note="手机 138 1234 5678")
    story.refused(leak, "accountability.personal_data")
