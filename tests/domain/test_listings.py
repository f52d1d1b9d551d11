"""Entries of the red and black lists: impersonal, approved by another, open to objection."""

from datetime import timedelta

import pytest

from domain.listings import commands as c
from domain.listings import events as e
from domain.listings.decide import LISTINGS
from domain.personal_data import personal_data_in
from domain.reasons import Reason
from domain.units.decide import Unit
from tests.support.calendars import PLAIN
from tests.support.specification import MONDAY, Story

UNITS = {
    name: Unit(name, name, "street", "city", "", "", "", None, None) for name in ("hill", "mayor")
}
ID = {"listing_id": "L1"}
REVIEW = c.ReviewListing(**ID, personal_data="none", text="山街道：排名末位")
APPROVE = c.ApproveListing(**ID, authority="mayor")
PUBLISH = c.PublishListing(**ID, channel="晚报")
OBJECT = c.ObjectToListing(**ID, grounds="not our street")
DISMISS = c.DismissObjection(**ID, reason="it is theirs")
UPHOLD = c.UpholdObjection(**ID, reason="it is not theirs")
UNTIL = MONDAY + timedelta(days=30)
EXPIRE = c.ExpireListing(**ID, until=UNTIL)


def propose(**more: object) -> c.ProposeListing:
    said = {
        **ID, "list": "black", "rule": "black", "authority": "创卫办", "unit": "hill",
        "reason": Reason(zh="末位", en="last"), "valid_days": 30,
    }  # fmt: skip
    return c.ProposeListing.model_validate({**said, **more})


@pytest.fixture
def story() -> Story:
    return Story(LISTINGS, PLAIN, UNITS)


@pytest.fixture
def published(story: Story) -> Story:
    steps = ((propose(), "clerk"), (REVIEW, "reader"), (APPROVE, "boss"), (PUBLISH, "editor"))
    for command, actor in steps:
        story.when(command, actor)
    return story


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("身份证110101199001011234", "identity"), ("11010119900101123X。", "identity"),
        ("１１０１０１１９９００１０１１２３４", "identity"), ("110101 1990 0101 1234", "identity"),
        ("请拨13812345678", "telephone"), ("138-1234-5678", "telephone"),
        ("+8613812345678", "telephone"), ("li.si@example.org", "e-mail"),
        ("2026年第15周排名末位，扣3000000元", ""), ("督〔2026〕20260302号", ""),
        ("案卷20260302000123456789", ""), ("", ""),
    ],
)  # fmt: skip
def test_obvious_personal_data_is_found(text: str, found: str) -> None:
    assert (found in personal_data_in(text)) if found else personal_data_in(text) == ""


def test_personal_data_is_kept_out_of_every_text(story: Story) -> None:
    call = "请拨13812345678"
    story.refused(propose(reason=Reason(zh=call, en="x")), "listing.personal_data")
    story.when(propose(), "clerk")
    for review in ({"text": call}, {"text": "x", "note": call}):
        leak = c.ReviewListing.model_validate({**ID, "personal_data": "none", **review})
        said = story.refused(leak, "listing.personal_data")
        assert "13812345678" not in said


@pytest.mark.parametrize(
    ("kind", "unit", "subject"),
    [("unit", "", "p-1"), ("unit", "hill", "p-1"), ("unit", "", ""), ("person", "hill", ""),
     ("person", "", ""), ("company", "hill", "c-1")],
)  # fmt: skip
def test_an_entry_is_about_one_subject_of_its_kind(
    story: Story, kind: str, unit: str, subject: str
) -> None:
    wrong = propose(subject_kind=kind, unit=unit, subject=subject)
    story.refused(wrong, "listing.subject")


@pytest.mark.parametrize(
    ("kind", "unit", "subject"),
    [("person", "", "p-1"), ("company", "", "c-1"), ("company", "hill", "")],
)
def test_others_than_units_stand_under_a_pseudonym(
    story: Story, kind: str, unit: str, subject: str
) -> None:
    story.when(propose(subject_kind=kind, unit=unit, subject=subject))


@pytest.mark.parametrize(
    ("name", "code"),
    [("张三", "personal_data"), ("Li Si", "pseudonym"), ("p-13812345678", "personal_data")],
)
def test_a_name_is_no_pseudonym(story: Story, name: str, code: str) -> None:
    story.refused(propose(subject_kind="person", unit="", subject=name), f"listing.{code}")


def test_it_is_reviewed_before_it_is_approved_and_approved_before_it_is_published(
    story: Story,
) -> None:
    story.when(propose(), "clerk")
    story.refused(APPROVE, "listing.proposed", "boss")
    story.when(REVIEW, "reader")
    story.refused(PUBLISH, "listing.reviewed", "editor")
    for actor in ("clerk", "reader"):
        story.refused(APPROVE, "listing.same_person", actor)
    story.when(APPROVE, "boss")
    story.refused(PUBLISH, "listing.system_actor", "system:reactions")
    assert story.when(PUBLISH, "editor") == [e.ListingPublished(until=UNTIL, channel="晚报")]


def test_an_objection_is_answered_by_somebody_without_a_hand_in_it(published: Story) -> None:
    published.when(OBJECT, "hill chief")
    for actor in ("clerk", "reader", "boss", "editor", "hill chief"):
        for answer in (DISMISS, UPHOLD):
            published.refused(answer, "listing.same_person", actor)
    withdraw = c.WithdrawListing(**ID, reason="quietly")
    said = published.refused(withdraw, "listing.objected")
    assert "listing.uphold_objection" in said
    published.refused(PUBLISH, "listing.objected", "editor")
    published.when(DISMISS, "judge")
    assert published.state.status == "published"
    published.when(OBJECT, "hill chief")
    published.when(UPHOLD, "judge")
    assert published.state.status == "withdrawn"


def test_an_entry_expires_once_and_not_while_it_is_contested(published: Story) -> None:
    published.refused(EXPIRE, "listing.not_due", "system:clock")
    published.when(OBJECT, "hill chief")
    published.later(days=30)
    assert published.when(EXPIRE, "system:clock") == []
    published.when(DISMISS, "judge")
    assert published.when(c.ExpireListing(**ID, until=MONDAY), "system:clock") == []
    assert published.when(EXPIRE, "system:clock") == [e.ListingExpired()]
    assert published.when(EXPIRE, "system:clock") == []
    published.refused(OBJECT, "listing.expired", "hill chief")


def test_a_week_later_the_end_was_noticed_late(published: Story) -> None:
    published.later(days=37)
    assert published.when(EXPIRE, "system:clock") == [e.ListingExpired(detected_late=True)]
