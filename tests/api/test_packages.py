"""Packages over HTTP: for every kind of thing, and a referral that is carried out by packing it."""

from typing import Any

import pytest

from domain.access.events import AccessRecorded
from infra.commands.keys import _make as make_log_key
from infra.runtime import Runtime
from tests.api.caller import Caller, problem
from tests.support.packages import codes, files_in, log_key

REPORT = {
    "case_id": "PK1", "source": "patrol", "category": "litter", "text": "路边垃圾", "about": "lake",
}  # fmt: skip


@pytest.fixture(scope="module")
def case(api: Caller, runtime: Runtime) -> str:
    if not runtime.services.transparency.keys():
        make_log_key(runtime.settings, runtime.kept.ledger)
    assert runtime.services.transparency.keys()
    api.done("/cases", REPORT)
    api.done("/cases/PK1/file", {"standard": "litter"})
    return "PK1"


def test_a_case_is_downloaded_and_verifies(api: Caller, runtime: Runtime, case: str) -> None:
    answer = api.get(f"/cases/{case}/package", headers={"Actor": "auditor", "Purpose": "audit"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert "case-PK1.zip" in answer.headers["content-disposition"]
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert codes(answer.content, [log_key(runtime)]) == []
    reads = [e for e in runtime.store.load_kind("access") if e.actor == "auditor"]
    event = reads[-1].event
    assert isinstance(event, AccessRecorded)
    assert (event.act, event.kind, event.key) == ("export", "cases", "PK1")
    assert event.purpose == "audit"


@pytest.mark.parametrize("path", ["/units/lake", "/persons/officer"])
def test_units_and_persons_are_downloaded_too(
    path: str, api: Caller, runtime: Runtime, case: str
) -> None:
    answer = api.get(f"{path}/package", lang="en", evidence="false")
    assert answer.status_code == 200, answer.text
    assert codes(answer.content, [log_key(runtime)]) == []


@pytest.mark.parametrize("path", ["cases", "units", "persons", "rankings", "accountability"])
def test_what_is_not_there_is_not_downloaded(path: str, api: Caller, case: str) -> None:
    found = problem(api.get(f"/{path}/nobody/package"))
    assert (found["status"], found["code"].endswith(".unknown")) == (404, True)


def test_names_need_a_purpose(api: Caller, runtime: Runtime, case: str) -> None:
    found = problem(api.get(f"/cases/{case}/package", persons="true"))
    assert (found["status"], found["code"]) == (400, "purpose.missing")
    answer = api.get(f"/cases/{case}/package", persons="true", headers={"Purpose": "audit"})
    assert files_in(answer.content)["persons.json"] == b"{}\n"


def test_bad_questions_are_refused(api: Caller, case: str) -> None:
    for as_of in ("2000-01-01T00:00:00Z", "2199-01-01T00:00:00Z"):
        assert problem(api.get(f"/cases/{case}/package", as_of=as_of))["status"] == 400
    assert api.get(f"/cases/{case}/package", lang="xx").status_code == 422


def test_a_referral_is_carried_out_by_packing_it(
    api: Caller, runtime: Runtime, case: str
) -> None:
    position = runtime.store.load(f"case-{case}")[0].position
    reason = {"zh": "两次上黑榜", "en": "twice on the black list", "events": [position]}
    proposal: dict[str, Any] = {
        "action": "referral", "unit": "lake", "organ": "纪委", "authority": "city",
        "reason": reason,
    }  # fmt: skip
    path = "/accountability/REFPK"
    api.done("/accountability", {"accountability_id": "REFPK", **proposal}, actor="clerk")
    api.done(f"{path}/review", {"note": "complete"}, actor="auditor")
    early = problem(api.get(f"{path}/package"))
    assert (early["status"], early["code"]) == (409, "referral.not_packed")
    api.done(
        f"{path}/decide", {"decision": "ordered", "authority": "city", "reason": "agreed"},
        actor="mayor",
    )  # fmt: skip
    answer = api.post(f"{path}/package", actor="clerk")
    assert answer.status_code == 200, answer.text
    assert codes(answer.content, [log_key(runtime)]) == []
    assert [e.event.NAME for e in runtime.store.load("accountability-REFPK")][-1] == (
        "accountability.packed"
    )
    lines = files_in(answer.content)["events.jsonl"].decode()
    assert '"stream":"case-PK1"' in lines
    assert "accountability.packed" in lines
    again = api.get(f"{path}/package")
    assert codes(again.content, [log_key(runtime)]) == []
    assert problem(api.post(f"{path}/package", actor="clerk"))["status"] == 409
