"""The dossiers of a unit and a person over HTTP: paged, filtered, as of any moment."""

from typing import Any

import pytest

from tests.api.caller import Caller, problem

REPORT = {"source": "patrol", "category": "litter", "text": "垃圾满溢", "place": {"grid": "lake-1"}}
MARCH = "2026-03-0{}T01:00:00Z"


@pytest.fixture(scope="module")
def person(api: Caller) -> str:
    body = {"category": "official", "basis": "监察", "data": {"name": "某某"}}
    return str(api.done("/persons", body)["id"])


@pytest.fixture(scope="module")
def story(api: Caller, person: str) -> None:
    """A case that came to the lake from the hill, was answered late, and cost its leader a word."""
    limit = {"amount": 1, "clock": "urgent_hours"}
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("file", {"standard": "4.1"}),
        ("dispatch", {"unit": "hill", "assisting": ["works"], "limit": limit}),
        ("return", {"reason": "lies in the lake"}),
        ("dispatch", {"unit": "lake", "limit": limit}),
        ("claim", {}),
        ("rectify", {"note": "done"}),
    )
    api.done("/cases", {"case_id": "D1", **REPORT, "about": "hill", "occurred_at": MARCH.format(1)})
    for day, (verb, body) in enumerate(steps, start=2):
        api.done(f"/cases/D1/{verb}", {**body, "occurred_at": MARCH.format(day)})
    reason = {"zh": "逾期", "en": "late", "events": [1]}
    api.done(
        "/accountability",
        {"accountability_id": "D2", "action": "reminder", "unit": "lake", "person": person,
         "organ": "office", "authority": "city", "reason": reason},
    )  # fmt: skip


def told(api: Caller, unit: str, **asked: Any) -> list[tuple[str, str, str]]:
    items = api.json(f"/units/{unit}/dossier", **asked)["items"]
    return [
        (item["event"]["name"], item["part"], item["role"])
        for item in items
        if item["kind"] == "case"
    ]


@pytest.mark.usefixtures("story")
def test_each_unit_has_its_own_part_in_one_case(api: Caller) -> None:
    assert told(api, "hill") == [
        ("case.reported", "received", "named"), ("case.filed", "received", "named"),
        ("case.dispatched", "asked", "lead"), ("case.returned", "did", "lead"),
        ("case.dispatched", "received", "named"),
    ]  # fmt: skip
    assert told(api, "works") == [
        ("case.dispatched", "asked", "assisting"), ("case.returned", "received", "assisting"),
        ("case.dispatched", "received", "previous"),
    ]  # fmt: skip
    assert told(api, "lake") == [
        ("case.dispatched", "asked", "lead"), ("case.claimed", "did", "lead"),
        ("case.rectified", "did", "lead"),
    ]  # fmt: skip


@pytest.mark.usefixtures("story")
def test_what_a_unit_was_late_with_is_asked_for_by_name(api: Caller) -> None:
    late = api.json("/units/lake/dossier", part="late")
    assert [item["event"]["name"] for item in late["items"]] == ["case.rectified"]
    (item,) = late["items"]
    assert item["late"]
    assert item["recorded_late"]
    assert {change["field"] for change in item["changes"]} >= {"status", "rectified_at", "overdue"}
    assert sum(count["late"] for count in late["counts"]) == 1


@pytest.mark.usefixtures("story")
def test_a_dossier_is_told_as_of_any_moment(api: Caller) -> None:
    whole = api.json("/units/lake/dossier")
    assert whole["state"]["name"] == "湖滨街道"
    assert told(api, "lake", at=MARCH.format(6)) == told(api, "lake")[:2]
    assert told(api, "lake", **{"from": MARCH.format(6)}) == told(api, "lake")[1:]
    assert told(api, "lake", to=MARCH.format(6)) == told(api, "lake")[:1]
    recorded = whole["items"][0]["event"]["recorded_at"]
    then = api.json("/units/lake/dossier", as_of=recorded)
    assert len(then["items"]) < len(whole["items"])
    before = api.json("/units/lake/dossier", at="2020-01-01")
    assert before["state"] is None
    assert before["items"] == []


@pytest.mark.usefixtures("story")
def test_a_dossier_goes_on_page_by_page_and_is_a_table_too(api: Caller) -> None:
    whole = api.json("/units/lake/dossier")
    assert whole["next"] is None
    page = api.json("/units/lake/dossier", limit=2)
    following = api.json("/units/lake/dossier", limit=500, cursor=page["next"])
    assert page["items"] + following["items"] == whole["items"]
    table = api.get("/units/lake/dossier", format="csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert len(table.text.splitlines()) == len(whole["items"]) + 1
    only = api.json("/units/lake/dossier", kind="accountability")["items"]
    assert [item["kind"] for item in only] == ["accountability"]
    under = api.json("/units/east/dossier", under=True)
    assert len(under["items"]) > len(whole["items"])


@pytest.mark.usefixtures("story")
def test_a_person_has_what_was_about_them_and_what_they_did(api: Caller, person: str) -> None:
    received = api.json(f"/persons/{person}/dossier")["items"]
    assert [(i["event"]["name"], i["part"]) for i in received] == [
        ("person.registered", "received"),
        ("accountability.proposed", "received"),
    ]
    did = api.json("/persons/officer/dossier", kind="case")
    assert [i["event"]["name"] for i in did["items"]][:2] == ["case.reported", "case.filed"]
    assert {i["part"] for i in did["items"]} == {"did"}


def test_who_is_not_on_record_is_told_so(api: Caller) -> None:
    assert problem(api.get("/units/nobody/dossier"))["code"] == "unit.unknown"
    assert problem(api.get("/persons/nobody/dossier"))["code"] == "person.unknown"
    wrong = problem(api.get("/units/lake/dossier", part="guilty"))
    assert (wrong["status"], wrong["code"]) == (422, "request.invalid")
    assert problem(api.get("/units/lake/dossier", cursor="nonsense"))["code"] == "cursor.invalid"
