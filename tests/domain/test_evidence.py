"""Evidence of a case: what may be attached, put right and taken back, and what is not told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.cases import commands as c
from domain.cases.decide import CASES
from domain.evidence.commands import AttachEvidence, CorrectEvidence, WithdrawEvidence
from domain.evidence.events import EvidenceAttached, EvidenceCorrected, EvidenceWithdrawn
from domain.messages import Envelope, Metadata
from projections.cases import CASES as CASE_ROWS
from projections.evidence import pieces
from tests.domain.test_cases import DISPATCH, FILE, ID, REPORT
from tests.domain.test_units import UNITS_HERE
from tests.support.calendars import PLAIN
from tests.support.specification import Story

ONE, OTHER = "1f" * 32, "2e" * 32
TAKEN = datetime(2026, 3, 1, 8, 15, 30)  # noqa: DTZ001 as cameras write it


def attaching(digest: str = ONE, **how: Any) -> AttachEvidence:
    found = {
        "media_type": "image/jpeg", "size": 4711, "copy_digest": "c0" * 32, "thumbnail": "70" * 32,
        "latitude": 30.25, "longitude": 120.15,
    }  # fmt: skip
    return AttachEvidence(**ID, digest=digest, **{**found, **how})


def reported(report: c.ReportCase = REPORT) -> Story:
    story = Story(CASES, PLAIN, UNITS_HERE)
    story.when(report)
    return story


@pytest.fixture
def story() -> Story:
    return reported()


def stored(story: Story, *moments: datetime) -> list[Envelope]:
    """What happened so far, as the log would hold it."""
    return [
        Envelope(n, "case-A1", n, story.at, Metadata(actor="officer", occurred_at=at), event)
        for n, (event, at) in enumerate(
            zip(story.past, moments or [story.at] * len(story.past), strict=True), 1
        )
    ]


def test_a_file_speaks_for_the_case_by_its_digest(story: Story) -> None:
    (event,) = story.when(attaching(caption="before"))
    assert event == EvidenceAttached(
        digest=ONE, media_type="image/jpeg", size=4711, caption="before", copy="c0" * 32,
        thumbnail="70" * 32, latitude=30.25, longitude=120.15,
    )  # fmt: skip
    assert story.state.evidence == {ONE}


def test_what_is_attached_already_stays_as_it_is(story: Story) -> None:
    story.when(attaching(caption="before"))
    assert list(story.when(attaching(caption="after"))) == []


def test_evidence_needs_a_case(story: Story) -> None:
    other = Story(CASES, PLAIN, UNITS_HERE)
    other.refused(attaching(), "case.unknown")


def test_evidence_comes_in_any_status_but_void_and_moves_nothing_on(story: Story) -> None:
    for command in (FILE, DISPATCH):
        story.when(command)
        before = story.state
        story.when(attaching(f"{len(story.past):064x}"))
        assert story.state.status == before.status
        assert story.state.last_at == before.last_at
    story.when(c.VoidCase(**ID, reason="reported twice"))
    story.refused(attaching(OTHER), "case.void")
    story.when(WithdrawEvidence(**ID, digest=f"{2:064x}", reason="another street"))


def test_evidence_of_later_keeps_nobody_from_telling_of_an_earlier_step(story: Story) -> None:
    first, then = story.at, story.at + timedelta(hours=1)
    story.later(hours=5).when(attaching())
    story.at = then
    story.when(FILE)
    row = None
    for envelope in stored(story, first, first + timedelta(hours=5), then):
        row = CASE_ROWS.fold(row, envelope)
    assert row is not None
    assert row.changed_at == then


def test_the_time_of_a_camera_without_a_zone_is_that_of_the_city(story: Story) -> None:
    (event,) = story.when(attaching(taken_at=TAKEN))
    assert isinstance(event, EvidenceAttached)
    assert event.taken_at == TAKEN.replace(tzinfo=PLAIN.zone).astimezone(UTC)


@pytest.mark.parametrize("source", ["hotline", "citizen_snap"])
def test_where_a_citizen_was_is_not_recorded(source: str) -> None:
    report = REPORT.model_copy(update={"source": source})
    (event,) = reported(report).when(attaching())
    assert isinstance(event, EvidenceAttached)
    assert (event.latitude, event.longitude) == (None, None)


def test_where_a_person_was_is_not_recorded(story: Story) -> None:
    (event,) = story.when(attaching(person="p-17"))
    assert isinstance(event, EvidenceAttached)
    assert (event.latitude, event.longitude, event.person) == (None, None, "p-17")


@pytest.mark.parametrize(
    "how", [{"caption": "call 13812345678"}, {"person": "王小明"}, {"person": "13812345678"}]
)
def test_no_personal_data_stands_beside_it(story: Story, how: dict[str, str]) -> None:
    message = story.refused(attaching(**how), "evidence.personal_data")
    assert "王小明" not in message


def test_what_was_said_is_put_right_and_what_was_sent_is_taken_back(story: Story) -> None:
    story.when(attaching(caption="before"))
    better = CorrectEvidence(**ID, digest=ONE, caption="after", reason="mixed up")
    assert story.when(better) == [EvidenceCorrected(digest=ONE, caption="after", reason="mixed up")]
    back = WithdrawEvidence(**ID, digest=ONE, reason="another street")
    assert story.when(back) == [EvidenceWithdrawn(digest=ONE, reason="another street")]
    piece = pieces(stored(story))[ONE]
    assert (piece.caption, piece.corrected, piece.withdrawn) == ("after", True, True)
    assert piece.reason == "another street"
    for command in (better, back):
        assert "attach it" in story.refused(command, "evidence.not_attached")
    story.when(attaching(caption="again"))
    again = pieces(stored(story))[ONE]
    assert (again.caption, again.corrected, again.withdrawn) == ("again", False, False)
