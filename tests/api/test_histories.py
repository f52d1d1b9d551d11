"""What a case went through, then and now, and the audit trail behind it."""

from typing import Any

import pytest

from tests.api.caller import Caller, problem

REPORT = {"source": "patrol", "category": "litter", "text": "垃圾满溢", "place": {"grid": "lake-1"}}
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("file", {"standard": "4.1"}),
    ("dispatch", {"unit": "lake", "limit": {"amount": 2, "clock": "working_days"}}),
    ("rectify", {"note": "done"}),
)


@pytest.fixture(scope="module")
def story(api: Caller) -> list[dict[str, Any]]:
    """The events of a case that was reported a week late and then answered."""
    early = {"occurred_at": "2026-03-02T01:00:00Z"}
    api.done("/cases", {"case_id": "H1", **REPORT, **early})
    for verb, body in STEPS:
        api.done(f"/cases/H1/{verb}", body)
    found: list[dict[str, Any]] = api.json("/events", stream="case-H1")["items"]
    return found


@pytest.mark.usefixtures("story")
def test_a_history_tells_what_each_event_changed(api: Caller) -> None:
    told = api.json("/cases/H1/history")
    assert told["version"] == 4
    filed = told["steps"][1]
    changed = {change["field"]: (change["before"], change["after"]) for change in filed["changes"]}
    assert changed.keys() == {"status", "standard", "filed_at"}
    assert changed["status"] == ("reported", "filed")
    assert filed["event"]["actor"] == "officer"
    (rule,) = filed["rules"]
    assert rule.startswith("default@1#")


@pytest.mark.usefixtures("story")
def test_what_is_stored_long_after_it_happened_is_marked_late(api: Caller) -> None:
    steps = api.json("/cases/H1/history")["steps"]
    assert [step["late"] for step in steps] == [True, False, False, False]


def test_a_case_is_shown_as_it_was_known_at_each_moment(
    api: Caller, story: list[dict[str, Any]]
) -> None:
    statuses = ["reported", "filed", "dispatched", "rectified"]
    for event, status in zip(story, statuses, strict=True):
        assert api.json("/cases/H1", as_of=event["recorded_at"])["status"] == status
        assert api.json("/cases/H1", up_to=event["position"])["status"] == status
        told = api.json("/cases/H1/history", as_of=event["recorded_at"])
        assert told["state"]["status"] == status
        assert sum(step["known"] for step in told["steps"]) == event["version"]
        assert len(told["steps"]) == 4


@pytest.mark.usefixtures("story")
def test_before_it_was_recorded_nothing_was_known_whenever_it_happened(api: Caller) -> None:
    moment = api.json("/events", limit=1)["items"][0]["recorded_at"]
    found = problem(api.get("/cases/H1", as_of=moment))
    assert (found["status"], found["code"]) == (404, "case.unknown_then")
    assert api.json("/cases/H1/history", as_of=moment)["state"] is None


@pytest.mark.usefixtures("story")
def test_the_state_told_is_the_state_of_the_list(api: Caller) -> None:
    state = api.json("/cases/H1/history")["state"]
    (listed,) = api.json("/cases", q="H1")["items"]
    for field in ("status", "unit", "district", "due_at", "reworks", "version", "position"):
        assert state[field] == listed[field]


def test_units_inspections_and_penalties_have_histories_too(api: Caller) -> None:
    api.done("/units/hill/change", {"name": "山腰街道"})
    steps = api.json("/units/hill/history")["steps"]
    assert steps[1]["changes"] == [{"field": "name", "before": "山脚街道", "after": "山腰街道"}]
    visit = {"inspection_id": "I1", "unit": "lake", "source": "expert", "result": "pass"}
    api.done("/inspections", {**visit, "score": "92.5"})
    assert api.json("/inspections/I1/history")["state"]["score"] == "92.5000"
    assert problem(api.get("/penalties/none/history"))["code"] == "penalty.unknown"


def test_the_audit_trail_is_read_page_by_page(api: Caller, story: list[dict[str, Any]]) -> None:
    positions: list[int] = []
    page = api.get("/events", limit=5)
    while True:
        positions += [event["position"] for event in page.json()["items"]]
        if "Link" not in page.headers:
            break
        page = api.client.get(page.headers["Link"].split(">")[0].removeprefix("<"))
    assert positions == list(range(1, len(positions) + 1))
    assert set(positions) >= {event["position"] for event in story}
    assert page.json()["next"] is None


def test_a_stream_alone_has_its_payloads(story: list[dict[str, Any]]) -> None:
    assert [event["name"] for event in story] == [
        "case.reported", "case.filed", "case.dispatched", "case.rectified",
    ]  # fmt: skip
    assert story[2]["payload"]["limit"] == {"amount": 2.0, "clock": "working_days"}
    assert [event["version"] for event in story] == [1, 2, 3, 4]
