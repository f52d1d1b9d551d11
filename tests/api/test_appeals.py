"""Appeals over HTTP: against what is on record, and with what an upheld one undoes."""

from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from infra.bundled import preset_folder
from infra.runtime import Runtime
from tests.api.caller import Caller

LIMIT = {"amount": 2, "clock": "natural_days"}
NUMBERS = count(1)
MARCH = {"period": "2026-03", "peer_group": "street"}


@pytest.fixture(scope="module", autouse=True)
def rules(api: Caller) -> None:
    text = preset_folder("default")["appeals.yaml"]
    api.done("/policies", {"body": text, "occurred_at": "2020-01-01T00:00:00Z"})


def dispatched(api: Caller, case: str, unit: str) -> int:
    at = {"occurred_at": "2026-03-02T01:00:00Z"}
    report = {"source": "patrol", "category": "litter", "text": "x", "severity": "major"}
    api.done("/cases", {"case_id": case, **report, **at}, actor="inspector")
    api.done(f"/cases/{case}/file", {"standard": "4.1", **at}, actor="clerk")
    done = api.done(f"/cases/{case}/dispatch", {"unit": unit, "limit": LIMIT, **at}, actor="clerk")
    return int(done["position"])


def points(api: Caller, unit: str, **then: Any) -> Decimal:
    rows = api.json("/rankings", **MARCH, **then)["rows"]
    (found,) = [row["points"] for row in rows if row["unit"] == unit]
    return Decimal(found)


def against(position: int, **more: Any) -> dict[str, Any]:
    body = {"against": "score_entry", "subject": f"{position}.0", "unit": "lake"}
    return {**body, "grounds": "the heap lies on the other side of the road", **more}


def test_an_upheld_appeal_changes_the_board_from_then_on_and_the_fact_stays(
    api: Caller, runtime: Runtime
) -> None:
    position = dispatched(api, "AP1", "lake")
    before = points(api, "lake")
    filed = api.post("/appeals", against(position), actor="lake chief", key="appeal-1")
    assert filed.status_code == 201
    appeal = filed.json()["id"]
    replayed = api.post("/appeals", against(position), actor="lake chief", key="appeal-1")
    assert replayed.headers["Idempotency-Replayed"] == "true"
    (event,) = runtime.store.load(f"appeal-{appeal}")
    (entry,) = event.event.entries  # type: ignore[attr-defined]
    assert (entry.unit, entry.points, entry.position) == ("lake", Decimal("-4.0000"), position)
    (case,) = [e for e in runtime.store.load("case-AP1") if e.position == position]
    assert event.event.known_at == case.recorded_at  # type: ignore[attr-defined]
    reason = {"reason": "the survey shows it"}
    for person in ("lake chief", "inspector", "clerk"):
        found = api.refused(f"/appeals/{appeal}/uphold", reason, actor=person)
        assert (found["status"], found["code"]) == (403, "appeal.took_part")
    done = api.done(f"/appeals/{appeal}/uphold", reason, actor="reviewer", key="uphold-1")
    assert done["events"] == ["appeal.upheld"]
    again = api.done(f"/appeals/{appeal}/uphold", reason, actor="reviewer", key="uphold-1")
    assert (again["replayed"], again["position"]) == (True, done["position"])
    assert points(api, "lake") == before + 4
    assert points(api, "lake", up_to=done["position"] - 1) == before
    as_known = runtime.store.read(done["position"] - 2, 1)[0].recorded_at.isoformat()
    assert points(api, "lake", as_of=as_known) == before
    assert points(api, "lake", at=as_known) == before
    entries = api.json("/rankings/entries", unit="lake", period="2026-03")["items"]
    taken_back, contested = entries[0], entries[1]
    assert (taken_back["points"], taken_back["event"]) == ("4.0000", "appeal.upheld")
    assert taken_back["reason"] == "申诉成立：the survey shows it"
    assert (contested["position"], contested["points"]) == (position, "-4.0000")
    assert taken_back["day"] == contested["day"]


def test_one_appeal_each_and_none_against_its_outcome(api: Caller) -> None:
    position = dispatched(api, "AP2", "lake")
    appeal = api.done("/appeals", against(position), actor="lake chief")["id"]
    again = api.refused("/appeals", against(position), actor="lake deputy")
    assert (again["status"], again["code"]) == (409, "appeal.exists")
    done = api.done(f"/appeals/{appeal}/uphold", {"reason": "so it is"}, actor="reviewer")
    found = api.refused("/appeals", against(done["position"]), actor="lake chief")
    assert found["code"] == "appeal.subject_over"


def test_a_dismissed_appeal_changes_nothing(api: Caller) -> None:
    position = dispatched(api, "AP3", "lake")
    before = points(api, "lake")
    appeal = api.done("/appeals", against(position), actor="lake chief")["id"]
    api.done(f"/appeals/{appeal}/dismiss", {"reason": "it is theirs"}, actor="reviewer")
    assert points(api, "lake") == before
    reason = {"reason": "second thoughts"}
    assert api.refused(f"/appeals/{appeal}/uphold", reason)["code"] == "appeal.dismissed"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"unit": "hill"}, "appeal.not_concerned"),
        ({"subject": "999999.0"}, "appeal.subject_unknown"),
        ({"subject": "1.7"}, "appeal.subject_unknown"),
        ({"subject": "one"}, "appeal.subject_unreadable"),
        ({"against": "timeout", "subject": "AP4@2026-03-04T01:00:00Z"}, "appeal.subject_unknown"),
        ({"against": "list_entry", "subject": "none"}, "appeal.subject_unknown"),
        ({"against": "money", "subject": "none"}, "appeal.subject_unknown"),
        ({"known_at": "2026-03-02T01:00:00Z"}, "request.invalid"),
        ({"concerned": "hill"}, "request.invalid"),
        ({"entries": []}, "request.invalid"),
    ],
)
def test_only_what_is_on_record_can_be_appealed(
    api: Caller, wish: dict[str, Any], code: str
) -> None:
    position = dispatched(api, f"AP4-{next(NUMBERS)}", "lake")
    assert api.refused("/appeals", against(position, **wish))["code"] == code
