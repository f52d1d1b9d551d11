"""Rules and records that contradict each other are refused or handled in a clear sentence."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from api.explain import sources_of
from domain.errors import NotFound, Refused
from domain.messages import Command
from domain.money import commands as mo
from domain.policies.commands import AdoptPolicy
from domain.rankings.commands import ComposeRanking
from domain.reasons import Reason
from domain.units.commands import MoveUnit, RegisterUnit, RetireUnit
from infra.bundled import preset_folder
from projections.why import why
from tests.support.policies import clause, text
from tests.support.preset_cities import Story, told

UNITS = {
    "east": ("district", "city"), "west": ("district", "city"),
    "lake": ("street", "east"), "hill": ("street", "east"), "shore": ("street", "west"),
}  # fmt: skip
BY_DISTRICT = text(
    clause(points=-3),
    clause(
        id="given", on="case.dispatched", points=-1, to="lead_unit",
        reason={"zh": "派遣一件，扣1分", "en": "a case, 1 point off"},
    ),
    id="by-district", timezone="Asia/Shanghai", effective_from="2000-01-01", eligibility="all",
    peer_groups={"by": "district", "kinds": ["street"]},
)  # fmt: skip


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with told(tmp_path, "shenyang", UNITS, "2026-03-02 08:00") as opened:
        yield opened


def refused(story: Story, command: Command, code: str, actor: str = "officer") -> str:
    """The sentence of the refusal; nothing was recorded."""
    before = story.runtime.store.last_position()
    with pytest.raises(Refused) as refusal:
        story.do(command, actor)
    assert refusal.value.code == code
    assert story.runtime.store.last_position() == before
    return refusal.value.message


def supervision(**changes: str) -> str:
    (body,) = (b for name, b in preset_folder("sanming").items() if "supervision" in name)
    for old, new in changes.items():
        body = body.replace(old.replace("_", "-"), new)
    return body


def test_two_ladders_that_claim_one_matter_are_refused_when_the_second_is_adopted(
    story: Story,
) -> None:
    story.do(AdoptPolicy(body=supervision()))
    second = supervision(sanming_supervision="other-supervision", three_colours="other-colours")
    told_so = refused(story, AdoptPolicy(body=second), "policy.contradiction")
    assert "three-colours" in told_so
    assert "other-colours" in told_so
    assert "sanming-supervision" in told_so


def test_two_ladders_of_one_file_that_claim_one_matter_are_refused_at_their_line(
    story: Story,
) -> None:
    body = supervision()
    begin, end = body.index("  - id: three-colours"), body.index("unit_colour:")
    ladder = body[begin:end]
    twice = body.replace(ladder, ladder + ladder.replace("three-colours", "again"))
    told_so = refused(story, AdoptPolicy(body=twice), "policy.contradiction")
    assert re.search(r"line \d+.*again", told_so)


def test_versions_whose_dates_overlap_are_refused_with_the_day_to_start_after(
    story: Story,
) -> None:
    story.do(AdoptPolicy(body=BY_DISTRICT))
    later = BY_DISTRICT.replace('"version": 1', '"version": 2')
    told_so = refused(story, AdoptPolicy(body=later), "policy.overlaps")
    assert "must start after 2000-01-01" in told_so
    past = later.replace('"effective_from": "2000-01-01"', '"effective_from": "2026-01-01"')
    assert "'backdated'" in refused(story, AdoptPolicy(body=past), "policy.retroactive")
    story.do(AdoptPolicy(body=past, backdated="the council decided it late"))


def test_a_period_that_has_not_closed_is_never_frozen_and_nothing_follows_from_it(
    story: Story,
) -> None:
    story.at("2026-03-04 10:00")
    story.sheet("east", "80")
    compose = ComposeRanking(board="shenyang", period="2026-W10", peer_group="district")
    told_so = refused(story, compose, "ranking.period_open")
    assert "runs until 2026-03-09T00:00" in told_so
    never = compose.model_copy(update={"period": "2199-W10"})
    assert "begins at 2199" in refused(story, never, "ranking.period_not_begun")
    story.react()
    assert story.proposed("money") == {}
    # The board shows how it stands, and says that it runs.
    found = why(sources_of(story.runtime.services), "rank", "shenyang:2026-W10:district:east")
    assert any("The period still runs" in said.en for said in found.sentences)


def test_a_unit_that_moved_inside_the_period_stands_once_among_its_new_peers_with_all_its_points(
    story: Story,
) -> None:
    story.do(AdoptPolicy(body=BY_DISTRICT))
    story.at("2026-03-04 10:00")
    story.case("A1", "lake", limit=None)
    story.at("2026-03-16 10:00").do(MoveUnit(unit_id="lake", parent="west"))
    story.at("2026-03-20 10:00")
    story.case("A2", "lake", limit=None)
    story.at("2026-04-01 09:00").react()
    rows = story.publish("by-district", "2026-03", "west")
    assert rows == [(1, "shore", "100.00"), (2, "lake", "98.00")]
    assert [unit for _, unit, _ in story.publish("by-district", "2026-03", "east")] == ["hill"]
    sources = sources_of(story.runtime.services)
    found = why(sources, "rank", "by-district:2026-03:west:lake")
    assert [part.said.en for part in found.parts[1].parts] == [
        "2026-03-20 a case, 1 point off (A2)", "2026-03-04 a case, 1 point off (A1)",
    ]  # fmt: skip
    with pytest.raises(NotFound, match="is not ranked on the board by-district"):
        why(sources, "rank", "by-district:2026-03:east:lake")


def test_who_is_retired_or_was_never_there_decides_nothing(story: Story) -> None:
    office = RegisterUnit(
        unit_id="office", code="office", name="创卫办", kind="department", parent="city"
    )
    story.do(office)
    for day, scores in (("2026-03-04 10:00", (80, 90)), ("2026-03-11 10:00", (80, 90))):
        story.at(day)
        for unit, score in zip(("east", "west"), scores, strict=True):
            story.sheet(unit, str(score))
    story.at("2026-04-01 09:00")
    money = mo.ProposeMoney(
        money_id="m", unit="east", direction="deduction", amount=Decimal(1), currency="CNY",
        period="2026-W10", ranking="shenyang:2026-W10:district", authority="office",
        reason=Reason(zh="末位", en="last"),
    )  # fmt: skip
    story.publish("shenyang", "2026-W10", "district")
    story.do(money)
    story.do(mo.ReviewMoney(money_id="m"), "reader")
    unknown = mo.ApproveMoney(money_id="m", authority="deleted")
    assert "register it first" in refused(story, unknown, "unit.unknown", "mayor")
    story.do(RetireUnit(unit_id="office", reason="merged"))
    retired = mo.ApproveMoney(money_id="m", authority="office")
    told_so = refused(story, retired, "money.authority_retired", "mayor")
    assert "name the authority that has taken its place" in told_so
    found = why(sources_of(story.runtime.services), "money", "m")
    assert any("waiting for a decision" in said.en for said in found.sentences)


def test_a_unit_that_is_retired_is_given_no_case_but_answers_for_what_it_did(
    story: Story,
) -> None:
    story.do(AdoptPolicy(body=BY_DISTRICT))
    story.at("2026-03-04 10:00")
    story.case("A1", "lake", limit=None)
    story.do(RetireUnit(unit_id="lake", reason="merged into shore"))
    with pytest.raises(Refused, match="retired"):
        story.case("A2", "lake", limit=None)
    story.at("2026-04-01 09:00")
    rows = story.publish("by-district", "2026-03", "east")
    assert rows == [(1, "hill", "100.00"), (2, "lake", "99.00")]
