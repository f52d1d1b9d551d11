"""What rows of service requests come to: a case each, with its deadline, lateness and end."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases import commands as c
from domain.cases.events import CaseDispatched, CaseReported, Limit
from domain.requests import Request
from domain.units.events import UnitRegistered
from infra.bundled import calendars_for
from infra.importing.loading import load_mapping, parse
from tests.support.importing import ROOT, City, opened

SAMPLE = ROOT / "tests/data/service-requests.csv"
TEXT = (ROOT / "infra/mappings/service-requests.yaml").read_text("utf-8")
OPENED = ["case.reported", "case.filed", "case.dispatched"]
ANSWERED = ["case.rectified", "case.verified", "case.closed"]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with opened(tmp_path / "city") as city:
        yield city


def take_sample(city: City, folder: Path, text: str = TEXT) -> dict[int, str]:
    """The reasons of the rejected rows by row number."""
    summary = city.take(parse(text), SAMPLE, rejected_folder=folder)
    if not summary.rejected_files:
        return {}
    with summary.rejected_files[0].open(encoding="utf-8") as stream:
        return {int(r["rejected_row"]): r["rejected_reason"] for r in csv.DictReader(stream)}


def copy(path: Path, **changes: str) -> Path:
    """The first request of the sample alone, changed."""
    with SAMPLE.open(encoding="utf-8") as stream:
        first = next(csv.DictReader(stream)) | changes
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, first)
        writer.writeheader()
        writer.writerow(first)
    return path


def test_requests_become_cases_that_end_as_the_rows_tell(city: City, tmp_path: Path) -> None:
    take_sample(city, tmp_path)
    stories = {n: city.story(f"case-SR-100{n}") for n in range(1, 8)}
    assert stories == {
        1: [*OPENED, *ANSWERED],
        2: [*OPENED, "case.overdue", *ANSWERED],
        3: [*OPENED, "case.overdue"],
        4: OPENED,
        5: [*OPENED, "case.voided"],
        6: ["case.reported", "case.rejected"],
        7: [*OPENED, *ANSWERED],
    }


def test_rows_that_contradict_themselves_are_rejected_with_the_reason(
    city: City, tmp_path: Path
) -> None:
    reasons = take_sample(city, tmp_path)
    assert sorted(reasons) == [9, 10, 11]
    assert reasons[9] == "it is said to be on time, but was closed after its target"
    assert reasons[10] == "it was closed before it was opened"
    assert "'2024-02-30T09:00:00' is not a date" in reasons[11]


def test_the_dates_can_be_told_to_win_over_the_words(city: City, tmp_path: Path) -> None:
    text = TEXT.replace("contradictions: reject", "contradictions: use_dates")
    assert sorted(take_sample(city, tmp_path, text)) == [10, 11]
    assert city.story("case-SR-1008") == [*OPENED, "case.overdue", *ANSWERED]


def test_the_target_is_the_deadline_to_the_second(city: City, tmp_path: Path) -> None:
    take_sample(city, tmp_path)
    dispatched = city.store.load("case-SR-1002")[2].event
    assert isinstance(dispatched, CaseDispatched)
    assert dispatched.deadline is not None
    assert dispatched.deadline.due_at == datetime(2024, 3, 2, 15, 0, tzinfo=UTC)
    times = [e.occurred_at for e in city.store.load("case-SR-1002")[3:]]
    assert times == [dispatched.deadline.due_at, *[datetime(2024, 3, 5, 13, 0, tzinfo=UTC)] * 3]


@given(st.integers(1, 9 * 366 * 86_400_000_000))
def test_every_target_can_be_met_by_a_limit_in_hours(microseconds: int) -> None:
    start, length = datetime(2020, 2, 29, 23, 59, 59, tzinfo=UTC), timedelta(0, 0, microseconds)
    limit = Limit(length.total_seconds() / 3600, "urgent_hours")
    assert calendars_for("America/New_York").due(start, limit).due_at == start + length


def test_place_unit_and_words_are_kept(city: City, tmp_path: Path) -> None:
    take_sample(city, tmp_path)
    event = city.store.load("case-SR-1001")[0].event
    assert isinstance(event, CaseReported)
    assert (event.category, event.text, event.severity) == (
        "Pothole", "Deep hole, right lane", "high",
    )  # fmt: skip
    assert (event.place.district, event.place.address) == ("district-old-town", "1 Elm Street")
    assert event.source == "hotline"
    units = {e.key: e.event.kind for e in city.log() if isinstance(e.event, UnitRegistered)}
    assert units["dept-public-works-department"] == "department"
    assert units["district-old-town"] == "district"


def test_the_same_export_again_adds_nothing(city: City, tmp_path: Path) -> None:
    take_sample(city, tmp_path)
    position = city.store.last_position()
    take_sample(city, tmp_path)
    assert city.store.last_position() == position


def test_a_later_export_adds_how_a_known_request_ended(city: City, tmp_path: Path) -> None:
    mapping = load_mapping("service-requests")
    running = copy(tmp_path / "monday.csv", status="Open", closed_datetime="", outcome="")
    late = copy(tmp_path / "tuesday.csv", status="Open", closed_datetime="", outcome="OVERDUE")
    done = copy(tmp_path / "friday.csv", closed_datetime="2024-03-08T09:00:00", outcome="OVERDUE")
    for path, told in ((running, OPENED), (late, ["case.overdue"]), (done, ANSWERED)):
        before = len(city.story("case-SR-1001"))
        assert not city.take(mapping, path).rejected
        assert city.story("case-SR-1001")[before:] == told


def test_lateness_that_is_known_already_adds_nothing(city: City, tmp_path: Path) -> None:
    mapping = load_mapping("service-requests")
    running = copy(tmp_path / "monday.csv", status="Open", closed_datetime="", outcome="")
    city.take(mapping, running)
    due_at = city.desk.state("case-SR-1001")[1].deadline.due_at
    overdue = c.MarkOverdue(case_id="SR-1001", due_at=due_at)
    city.desk.handle([Request(overdue, "system:clock", due_at)], "by the clock")
    late = copy(tmp_path / "tuesday.csv", status="Open", closed_datetime="", outcome="OVERDUE")
    summary = city.take(mapping, late)
    assert (summary.events, summary.imported, summary.already_there) == (0, 0, 2)


def test_a_known_request_that_stands_otherwise_is_not_replaced(city: City, tmp_path: Path) -> None:
    mapping = load_mapping("service-requests")
    city.take(mapping, copy(tmp_path / "a.csv"))
    moved = copy(tmp_path / "b.csv", expected_datetime="2024-03-05T17:00:00")
    assert city.take(mapping, moved).rejected == {"import.changed": 1}


def test_days_without_a_time_last_until_their_end(city: City, tmp_path: Path) -> None:
    text = TEXT
    for heading in ("expected_datetime", "closed_datetime"):
        text = text.replace(f"{heading}, type: datetime", f"{heading}, type: date")
    days = {"expected_datetime": "2024-03-01", "closed_datetime": "2024-03-01"}
    assert not city.take(parse(text), copy(tmp_path / "a.csv", **days)).rejected
    dispatched = city.store.load("case-SR-1001")[2].event
    assert isinstance(dispatched, CaseDispatched)
    assert dispatched.deadline is not None
    assert dispatched.deadline.due_at == datetime(2024, 3, 2, 5, 0, tzinfo=UTC)
    assert city.story("case-SR-1001") == [*OPENED, *ANSWERED]
