"""Anything at any moment over HTTP: states, marks, differences, lists, rules, colours, rankings."""

from typing import Any

import pytest

from tests.api.caller import Caller, problem

REPORT = {"source": "patrol", "category": "litter", "text": "垃圾满溢", "place": {"grid": "lake-1"}}
DAYS = ("2026-03-02T01:00:00Z", "2026-03-03T01:00:00Z", "2026-03-04T01:00:00Z")


@pytest.fixture(scope="module")
def story(api: Caller) -> list[dict[str, Any]]:
    """A case that happened in March and was recorded in one go today."""
    api.done("/cases", {"case_id": "P1", **REPORT, "occurred_at": DAYS[0]})
    api.done("/cases/P1/file", {"standard": "4.1", "occurred_at": DAYS[1]})
    given = {"unit": "lake", "limit": {"amount": 2, "clock": "working_days"}}
    api.done("/cases/P1/dispatch", {**given, "occurred_at": DAYS[2]})
    found: list[dict[str, Any]] = api.json("/events", stream="case-P1")["items"]
    return found


def status(api: Caller, **moment: str) -> str | None:
    state = api.json("/cases/P1/past", **moment)["state"]
    return state and str(state["status"])


def test_known_and_so_are_two_times(api: Caller, story: list[dict[str, Any]]) -> None:
    reported, filed, _ = (event["recorded_at"] for event in story)
    assert status(api) == "dispatched"
    assert status(api, as_of=reported) == "reported"
    assert status(api, at=DAYS[1]) == "filed"
    # Both together: in March it was filed, but at that moment nobody had written that down.
    assert status(api, as_of=reported, at=DAYS[2]) == "reported"
    assert status(api, as_of=filed, at=DAYS[0]) == "reported"
    assert status(api, at="2026-03-01") is None
    assert api.json("/cases/P1", at=DAYS[1])["status"] == "filed"


def test_a_slider_has_a_mark_for_every_event(api: Caller, story: list[dict[str, Any]]) -> None:
    told = api.json("/cases/P1/past", at=DAYS[0])
    assert [mark["name"] for mark in told["marks"]] == [event["name"] for event in story]
    assert [mark["since"] for mark in told["marks"]] == list(DAYS)
    assert all(mark["late"] for mark in told["marks"])
    assert told["moment"]["at"] == DAYS[0]
    assert told["version"] == 3


@pytest.mark.usefixtures("story")
def test_two_moments_stand_side_by_side(api: Caller) -> None:
    told = api.json("/cases/P1/difference", from_at=DAYS[0], to_at=DAYS[1])
    fields = {field["field"]: (field["before"], field["after"]) for field in told["fields"]}
    assert fields["status"] == ("reported", "filed")
    assert fields["standard"] == ("", "4.1")
    assert "text" not in fields
    assert [(b["event"]["name"], b["added"]) for b in told["between"]] == [("case.filed", True)]
    back = api.json("/cases/P1/difference", from_at=DAYS[1], to_at=DAYS[0])
    assert [(b["event"]["name"], b["added"]) for b in back["between"]] == [("case.filed", False)]
    nothing = api.json("/cases/P1/difference", from_at="2026-03-01", to_at=DAYS[0])
    assert nothing["before"] is None
    assert nothing["after"]["status"] == "reported"


def test_a_correction_holds_since_what_it_puts_right(api: Caller) -> None:
    visit = {"inspection_id": "P2", "unit": "lake", "source": "patrol", "result": "pass"}
    api.done("/inspections", {**visit, "occurred_at": DAYS[0]})
    api.done("/inspections/P2/correct", {"result": "closed", "reason": "mistyped"})
    first, second = api.json("/events", stream="inspection-P2")["items"]
    assert api.json("/inspections/P2/past", at=DAYS[1])["state"]["result"] == "closed"
    then = api.json("/inspections/P2/past", at=DAYS[1], as_of=first["recorded_at"])
    assert then["state"]["result"] == "pass"
    assert then["marks"][1]["since"] == DAYS[0] != second["occurred_at"]


def test_lists_are_told_as_they_stood(api: Caller, story: list[dict[str, Any]]) -> None:
    found = api.json("/past/cases", as_of=story[0]["recorded_at"], unit="")
    (listed,) = (row for row in found["items"] if row["case_id"] == "P1")
    assert listed["status"] == "reported"
    assert not api.json("/past/cases", at="2026-03-01")["items"]
    chosen = api.json("/past/cases", status="dispatched", unit="lake", which="patrol")
    assert [row["case_id"] for row in chosen["items"]] == ["P1"]
    assert not api.json("/past/listings", which="black")["items"]
    assert problem(api.get("/past/weather"))["code"] == "kind.unknown"


def test_a_list_goes_on_page_by_page(api: Caller) -> None:
    for number in range(5):
        api.done("/cases", {"case_id": f"L{number}", **REPORT})
    whole = [row["case_id"] for row in api.json("/past/cases")["items"]]
    pages: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = api.json("/past/cases", limit=2, **cursor)
        pages += [row["case_id"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert pages == whole
    assert len(whole) >= 6


def test_the_rules_of_a_moment_are_those_known_and_in_force(api: Caller) -> None:
    (rule,) = api.json("/past/rules")["items"]
    assert (rule["policy_id"], rule["in_force"]) == ("default", True)
    first = api.json("/events", limit=1)["items"][0]
    assert api.json("/past/rules", as_of=first["recorded_at"])["items"] == [rule]
    long_ago = api.json("/past/rules", at="1999-01-01")["items"]
    assert [(r["policy_id"], r["in_force"]) for r in long_ago] == [("default", False)]


def test_the_colour_of_a_unit_needs_a_policy_that_colours(api: Caller) -> None:
    assert api.json("/units/lake/colour")["colour"] is None
    assert problem(api.get("/units/nobody/colour"))["code"] == "unit.unknown"


def test_a_ranking_stands_side_by_side_with_itself(api: Caller) -> None:
    told = api.json("/rankings/difference", period="2026-03")
    assert told["units"] == []
    before = api.json("/events", limit=1)["items"][0]["recorded_at"]
    since = api.json("/rankings/difference", **{"period": "2026-03", "from": before})
    assert {unit["unit"] for unit in since["units"]} == {
        row["unit"] for row in api.json("/rankings", period="2026-03")["rows"]
    }
    assert all(unit["before"] is None for unit in since["units"])
    nobody = api.json("/rankings", period="2026-03", at="2026-03-01")
    assert nobody["rows"] == []


BAD = {
    "2999-01-01": (400, "time.out_of_range"),
    "2199-01-01": (400, "as_of.future"),
    "2026-01-01T00:00:00Z": (400, "as_of.before_first"),
    "soon": (400, "time.unreadable"),
    "2026-03-02T09:00 08:00": (400, "time.unreadable"),
    "2026-03-02T09:00 EST": (400, "time.zone_unknown"),
    "1986-05-04T02:30": (400, "time.skipped"),
    "1986-09-14T01:30": (400, "time.ambiguous"),
    "2" * 100: (422, "request.invalid"),
}  # fmt: skip
PLACES = (
    "/cases/P1", "/cases/P1/past", "/cases/P1/history", "/past/cases", "/past/rules",
    "/units/lake/dossier", "/units/lake/colour", "/rankings", "/explain/case/P1",
    "/rankings/published?period=2026-03",
)  # fmt: skip


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("place", PLACES)
def test_a_moment_that_cannot_be_asked_about_is_told_everywhere_alike(
    api: Caller, place: str, text: str
) -> None:
    path, _, query = place.partition("?")
    extra: dict[str, Any] = dict([query.split("=")]) if query else {}
    found = problem(api.get(path, as_of=text, **extra))
    assert (found["status"], found["code"]) == BAD[text]


@pytest.mark.usefixtures("story")
def test_what_has_not_come_yet_was_not_so_either(api: Caller) -> None:
    assert problem(api.get("/cases/P1/past", at="2190-01-01"))["code"] == "at.future"
    assert problem(api.get("/cases/P1", at="2026-03-01"))["code"] == "case.unknown_then"
    assert problem(api.get("/cases/none/past"))["code"] == "case.unknown"


@pytest.mark.usefixtures("story")
def test_another_zones_time_is_answered_with_the_citys_beside_it(api: Caller) -> None:
    told = api.json("/cases/P1/past", at="2026-03-02T20:00:00-05:00")
    assert told["state"]["status"] == "filed"
    (notice,) = told["notices"]
    assert notice["code"] == "time.foreign_zone"
    assert "2026-03-03T09:00:00+08:00 in this city (Asia/Shanghai)" in notice["detail"]
    assert api.json("/cases/P1/past", at="2026-03-03T09:00")["notices"] == []
