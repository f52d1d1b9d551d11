"""The overview over HTTP: a day's numbers, the colours, trends without holes."""

from datetime import UTC, datetime

import pytest

from tests.api.caller import Caller, problem

LIMIT = {"amount": 2, "clock": "urgent_hours"}
REPORT = {"source": "patrol", "category": "litter", "text": "x"}


@pytest.fixture(scope="module", autouse=True)
def _week(api: Caller) -> None:
    """Three cases and a visit on 2 and 4 March; the city's day begins at 16:00 UTC."""
    for case, at in (
        ("B1", "2026-03-01T16:00:00Z"),
        ("B2", "2026-03-02T15:59:59Z"),
        ("B3", "2026-03-03T16:30:00Z"),
    ):
        then = {"occurred_at": at}
        api.done("/cases", {"case_id": case, **REPORT, **then})
        api.done(f"/cases/{case}/file", {"standard": "4.1", **then})
        api.done(f"/cases/{case}/dispatch", {"unit": "lake", "limit": LIMIT, **then})
    again = {"occurred_at": "2026-03-03T17:00:00Z"}
    api.done("/cases/B1/order-rework", {"reason": "still there", **again}, actor="inspector")
    api.done("/cases/B1/rectify", {"note": "done", **again}, actor="lake")
    api.done("/cases/B1/verify", again, actor="inspector")
    api.done("/cases/B1/close", again)
    for unit, result, at in (
        ("lake", "closed", "2026-03-01T17:00:00Z"),
        ("lake", "pass", "2026-03-03T17:00:00Z"),
        ("sweepers", "conditional_pass", "2026-03-03T17:00:00Z"),
    ):
        visit = {"unit": unit, "source": "expert", "result": result, "occurred_at": at}
        api.done("/inspections", visit)


def test_a_day_is_the_city_s_day(api: Caller) -> None:
    second = api.json("/overview", day="2026-03-02")["numbers"]
    assert (second["reported"], second["filed"], second["due"]) == (2, 2, 1)
    assert (second["closed"], second["reworks"], second["inspections"]) == (0, 0, 1)
    third = api.json("/overview", day="2026-03-03")["numbers"]
    assert (third["reported"], third["due"], third["closed"]) == (0, 1, 0)
    fourth = api.json("/overview", day="2026-03-04")["numbers"]
    assert (fourth["reported"], fourth["closed"]) == (1, 1)
    assert (fourth["reworks"], fourth["inspections"]) == (1, 2)


def test_what_stands_open_is_counted_by_colour(api: Caller) -> None:
    board = api.json("/overview")
    assert board["lights"] == {"green": 0, "yellow": 0, "red": 2, "none": 0}
    assert (board["numbers"]["overdue"], board["numbers"]["running"]) == (2, 2)
    assert board["colours"] == {"green": 1, "yellow": 1, "red": 0}
    assert (board["first_day"], board["last_day"]) == ("2026-03-02", "2026-03-04")
    today = api.json("/overview")["numbers"]
    assert (today["reported"], today["closed"]) == (0, 0)


def test_a_trend_has_every_day_also_the_empty_ones(api: Caller) -> None:
    days = api.json("/trend", by="day", first="2026-03-01", last="2026-03-05")
    assert [day["period"] for day in days] == [f"2026-03-0{day}" for day in range(1, 6)]
    assert [day["reported"] for day in days] == [0, 2, 0, 1, 0]
    assert [day["inspections"] for day in days] == [0, 1, 0, 2, 0]
    assert [day["closed"] for day in days] == [0, 0, 0, 1, 0]
    assert [day["due"] for day in days] == [0, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("by", "periods"),
    [
        ("week", ["2026-W08", "2026-W09", "2026-W10"]),
        ("fortnight", ["2026-F04", "2026-F05"]),
        ("month", ["2026-02", "2026-03"]),
        ("quarter", ["2026-Q1"]),
        ("year", ["2026"]),
    ],
)
def test_a_trend_by_longer_periods_loses_nothing(api: Caller, by: str, periods: list[str]) -> None:
    buckets = api.json("/trend", by=by, first="2026-02-20", last="2026-03-05")
    assert [bucket["period"] for bucket in buckets] == periods
    assert sum(bucket["reported"] for bucket in buckets) == 3
    assert sum(bucket["reworks"] for bucket in buckets) == 1


def test_a_trend_that_runs_backwards_or_too_long_is_refused(api: Caller) -> None:
    for span in (("2026-03-05", "2026-03-01"), ("1990-01-01", "2026-01-01")):
        found = problem(api.get("/trend", by="day", first=span[0], last=span[1]))
        assert (found["status"], found["code"]) == (400, "trend.span")


def test_the_newest_events_name_their_units(api: Caller) -> None:
    """That somebody has read something is no news."""
    newest, before = api.json("/latest", limit=2)
    events = api.json("/events", after=before["position"] - 1, limit=100)["items"]
    told = [each["position"] for each in events if each["name"] != "access.recorded"]
    assert told == [before["position"], newest["position"]]
    assert (newest["name"], newest["unit_name"]) == ("inspection.recorded", "洁净公司")


def test_a_voided_case_is_out_of_all_counts(api: Caller) -> None:
    day = datetime.now(UTC).isoformat()
    before = api.json("/overview")["numbers"]["running"]
    api.done("/cases", {"case_id": "V", **REPORT, "occurred_at": day})
    assert api.json("/overview")["numbers"]["running"] == before + 1
    api.done("/cases/V/void", {"reason": "reported twice"})
    after = api.json("/overview")["numbers"]
    assert (after["running"], after["reported"]) == (before, 0)
