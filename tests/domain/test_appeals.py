"""Appeals: by whom it concerns, in time, once, reviewed by somebody who had no part in it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.appeals.commands import DismissAppeal, FileAppeal, UpholdAppeal, appeal_key
from domain.appeals.decide import APPEALS, Appeal
from domain.appeals.effects import effects
from domain.appeals.events import AppealDismissed, AppealFiled, AppealUpheld, ContestedEntry
from domain.cases.commands import ExemptCase
from domain.errors import Invalid
from domain.listings.commands import UpholdObjection, WithdrawListing
from domain.messages import Command, Envelope, Metadata
from domain.money.commands import RevokeMoney
from domain.policies.loading import load
from domain.policies.measures import AppealPolicy
from infra.bundled import preset_folder
from projections.appeals import APPEALS as TABLE
from projections.appeals import rows_of_appeal
from projections.projection import Step
from tests.support.calendars import PLAIN
from tests.support.specification import MONDAY, Story

ENTRY = ContestedEntry(
    position=12, entry=0, unit="east", points=Decimal("-2.5"), clause="overdue",
    policy="city@1#abc", policy_id="city", day=date(2026, 2, 27), occurred_at=MONDAY,
    case_id="A1",
)  # fmt: skip
APPEAL = appeal_key("score_entry", "12.0")
LATER = datetime(2026, 3, 6, 10, tzinfo=UTC)
RULES = AppealPolicy.model_validate(load(preset_folder("default")["appeals.yaml"]))


def file(**more: Any) -> FileAppeal:
    fields: dict[str, Any] = {
        "against": "score_entry", "subject": "12.0", "unit": "east", "grounds": "not our street",
        "stream": "case-A1", "concerned": "east", "known_at": MONDAY, "entries": (ENTRY,),
    }  # fmt: skip
    return FileAppeal(**{**fields, **more})


def uphold(appeal_id: str = APPEAL) -> UpholdAppeal:
    return UpholdAppeal(appeal_id=appeal_id, reason="the street is not theirs")


@pytest.fixture
def story() -> Story:
    policies = (RULES,)
    hands = {"case-A1": frozenset({"inspector", "dispatcher"})}
    return Story(APPEALS, PLAIN, policies=policies, hands=hands)


def test_an_appeal_names_its_reviewer_and_when_the_review_is_due(story: Story) -> None:
    (event,) = story.when(file(), actor="street chief")
    assert isinstance(event, AppealFiled)
    assert (event.authority, event.entries) == ("市创卫办", (ENTRY,))
    assert event.policy.startswith("default-appeals@1#")
    assert event.due_at == datetime(2026, 3, 16, 1, tzinfo=UTC)  # ten working days


def test_the_window_closes_to_the_second(story: Story) -> None:
    until = PLAIN.due(MONDAY, RULES.rules[0].within).due_at
    story.at = until
    late = Story(APPEALS, PLAIN, policies=story.policies, at=until).later(seconds=1)
    message = late.refused(file(), "appeal.too_late")
    assert "could be appealed until 2026-03-09T09:00+08:00" in message
    assert story.when(file(), actor="street chief")


def test_there_is_one_appeal_for_each_thing_however_it_is_written(story: Story) -> None:
    assert file(subject="0012.0").stream_id == f"appeal-{APPEAL}"
    assert (
        file(against="timeout", subject="A1@2026-03-02T09:00:00+08:00").stream_id
        == file(against="timeout", subject="A1@2026-03-02T01:00:00Z").stream_id
    )
    story.when(file(), actor="street chief")
    story.refused(file(), "appeal.exists", actor="deputy chief")
    story.when(uphold(), actor="reviewer")
    assert "is upheld: once only" in story.refused(file(), "appeal.exists")


@pytest.mark.parametrize(
    ("against", "subject"),
    [
        ("score_entry", "A1"), ("score_entry", "12"), ("score_entry", "-1.0"), ("timeout", "A1"),
        ("timeout", "A1@tomorrow"), ("timeout", "A1@2026-03-02T09:00:00"),
        ("timeout", "@2026-03-02T09:00:00Z"),
    ],
)  # fmt: skip
def test_a_subject_nobody_can_read_is_refused(against: str, subject: str) -> None:
    with pytest.raises(Invalid) as refusal:
        file(against=against, subject=subject)
    assert refusal.value.code == "appeal.subject_unreadable"


def test_only_the_unit_concerned_can_appeal_and_only_against_what_there_is(story: Story) -> None:
    message = story.refused(file(unit="west"), "appeal.not_concerned")
    assert message.endswith("only east can appeal against it")
    story.refused(file(stream="", known_at=None, concerned=""), "appeal.subject_unknown")
    story.refused(file(), "appeal.system_actor", actor="system:reactions")


def test_without_a_rule_the_refusal_says_what_to_adopt(story: Story) -> None:
    lawless = Story(APPEALS, PLAIN)
    assert "'against: score_entry'" in lawless.refused(file(), "appeal.no_rule")


@pytest.mark.parametrize("actor", ["street chief", "inspector", "dispatcher"])
def test_who_filed_it_or_took_part_may_not_review_it(story: Story, actor: str) -> None:
    story.when(file(), actor="street chief")
    dismiss = DismissAppeal(appeal_id=APPEAL, reason="no")
    for command in (uphold(), dismiss):
        message = story.refused(command, "appeal.took_part", actor=actor)
        assert message.endswith("somebody else must review it")
        story.refused(command, "appeal.system_actor", actor="system:clock")


def test_it_is_decided_once_and_late_if_need_be(story: Story) -> None:
    story.refused(uphold(), "appeal.unknown")
    story.when(file(), actor="street chief")
    story.later(days=-1).refused(uphold(), "time.before_previous", actor="reviewer")
    story.later(days=60)
    assert story.when(DismissAppeal(appeal_id=APPEAL, reason="it is theirs"), actor="reviewer") == [
        AppealDismissed(reason="it is theirs")
    ]
    story.refused(uphold(), "appeal.dismissed", actor="reviewer")


@dataclass
class Standing:
    status: str


@pytest.mark.parametrize(
    ("against", "subject", "stream", "status", "expected"),
    [
        ("score_entry", "12.0", "case-A1", "closed", []),
        ("timeout", "A1@2026-03-02T01:00:00+00:00", "case-A1", "closed",
         [ExemptCase(case_id="A1", due_at=MONDAY, appeal="X")]),
        ("timeout", "A1@2026-03-02T01:00:00+00:00", "case-A1", "void", []),
        ("list_entry", "L-1", "listing-L-1", "published",
         [WithdrawListing(listing_id="L-1", reason="the street is not theirs")]),
        ("list_entry", "L-1", "listing-L-1", "objected",
         [UpholdObjection(listing_id="L-1", reason="the street is not theirs")]),
        ("list_entry", "L-1", "listing-L-1", "expired", []),
        ("money", "M1", "money-M1", "issued",
         [RevokeMoney(money_id="M1", reason="the street is not theirs")]),
        ("money", "M1", "money-M1", "revoked", []),
    ],
)  # fmt: skip
def test_an_upheld_appeal_undoes_what_it_was_against(
    against: Any, subject: str, stream: str, status: str, expected: list[Command]
) -> None:
    appeal = Appeal("filed", against, subject, stream, "street chief", MONDAY)
    assert effects(appeal, uphold("X"), Standing(status)) == expected


def test_upheld_it_takes_the_entry_back_where_it_counted_and_shows_late_decisions() -> None:
    filed = AppealFiled(
        against="score_entry", subject="12.0", stream="case-A1", unit="east", grounds="g",
        authority="office", known_at=MONDAY, due_at=MONDAY, policy="p", entries=(ENTRY,),
    )  # fmt: skip
    before = TABLE.fold(None, _stored(1, filed, MONDAY))
    decision = _stored(2, AppealUpheld(reason="not theirs"), LATER)
    after = TABLE.fold(before, decision)
    assert (before.points, before.contested, before.late) == (Decimal("-2.5"), (12,), False)
    assert (after.status, after.late, after.decided_at) == ("upheld", True, LATER)
    (row,) = rows_of_appeal(Step(decision, "appeal", "X", "", b"", b"", 0, before, after))
    assert (row.unit, row.points, row.clause, row.policy_id) == (
        "east", Decimal("2.5"), "overdue", "city",
    )  # fmt: skip
    assert (row.day, row.occurred_at) == (ENTRY.day, ENTRY.occurred_at)
    assert (row.position, row.recorded_at) == (2, LATER)
    assert (row.reason, row.reason_en) == ("申诉成立：not theirs", "appeal upheld: not theirs")
    dismissed = _stored(2, AppealDismissed(reason="theirs"), MONDAY)
    assert not rows_of_appeal(Step(dismissed, "appeal", "X", "", b"", b"", 0, before, before))


def _stored(position: int, event: Any, at: datetime) -> Envelope:
    return Envelope(position, "appeal-X", position, at, Metadata(actor="a", occurred_at=at), event)
