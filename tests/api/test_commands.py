"""Commands over HTTP: a whole case life, done once per key, on the version that was read."""

from datetime import UTC, datetime

from infra.runtime import Runtime
from tests.api.caller import Caller

REPORT = {"source": "patrol", "category": "litter", "text": "垃圾满溢", "place": {"grid": "lake-1"}}


def reported(api: Caller, case_id: str, **more: object) -> None:
    api.done("/cases", {"case_id": case_id, **REPORT, **more})


def test_a_case_lives_from_report_to_strike_off(api: Caller) -> None:
    begun = api.done("/cases", {"case_id": "A1", **REPORT})
    assert (begun["id"], begun["version"], begun["events"]) == ("A1", 1, ["case.reported"])
    limit = {"amount": 2, "clock": "urgent_hours"}
    steps = [
        ("file", {"standard": "4.1"}, "officer"),
        ("dispatch", {"unit": "lake", "limit": limit, "assisting": ["works"]}, "officer"),
        ("dispute", {"reason": "not ours", "owner": "hill"}, "lake"),
        ("rule", {"unit": "lake", "basis": "boundary of 2019"}, "officer"),
        ("claim", None, "lake"),
        ("request-extension", {"reason": "rain"}, "lake"),
        ("approve-extension", None, "officer"),
        ("rectify", {"note": "emptied"}, "lake"),
        ("order-rework", {"reason": "still there"}, "inspector"),
        ("rectify", {"note": "emptied again"}, "lake"),
        ("verify", None, "inspector"),
        ("close", {"note": "struck off"}, "officer"),
    ]
    for verb, body, actor in steps:
        api.done(f"/cases/A1/{verb}", body, actor=actor)
    case = api.json("/cases/A1")
    assert case["status"] == "closed"
    assert (case["reworks"], case["extensions"], case["bounces"]) == (1, 1, 1)
    assert (case["unit"], case["district"], case["assisting"]) == ("lake", "east", [])
    assert case["version"] == 1 + len(steps)


def test_what_comes_without_an_id_gets_one_and_its_address(api: Caller) -> None:
    answer = api.post("/cases", REPORT)
    assert answer.status_code == 201
    made = answer.json()["id"]
    assert answer.headers["Location"] == f"/api/v1/cases/{made}"
    assert api.json(f"/cases/{made}")["text"] == "垃圾满溢"


def test_repeating_a_key_repeats_the_first_answer(api: Caller) -> None:
    first = api.post("/cases", REPORT, key="once")
    api.done(f"/cases/{first.json()['id']}/file", {"standard": "4.1"})
    again = api.post("/cases", REPORT, key="once")
    assert again.status_code == first.status_code
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["ETag"] == first.headers["ETag"] == '"1"'
    told = again.json()
    assert told["replayed"]
    for field in ("id", "version", "position", "events"):
        assert told[field] == first.json()[field]


def test_a_key_used_for_another_request_is_refused(api: Caller) -> None:
    api.done("/cases", REPORT, key="taken")
    found = api.refused("/cases", {**REPORT, "text": "something else"}, key="taken")
    assert (found["status"], found["code"]) == (422, "command.reused")


def test_the_same_key_of_another_actor_is_refused(api: Caller) -> None:
    api.done("/cases", REPORT, key="mine")
    assert api.refused("/cases", REPORT, key="mine", actor="other")["code"] == "command.reused"


def test_a_refused_request_may_be_put_right_under_its_key(api: Caller) -> None:
    reported(api, "K1")
    assert api.refused("/cases/K1/claim", key="retry")["status"] == 409
    assert api.post("/cases/K1/file", {"standard": "4.1"}, key="retry").status_code == 200


def test_if_match_keeps_two_people_from_overwriting_each_other(api: Caller) -> None:
    reported(api, "M1")
    seen = api.get("/cases/M1").headers["ETag"]
    answer = api.post("/cases/M1/file", {"standard": "4.1"}, If_Match=seen)
    assert answer.headers["ETag"] == '"2"'
    found = api.refused("/cases/M1/reject", {"reason": "no"}, If_Match=seen)
    assert (found["status"], found["code"]) == (412, "stream.changed")
    assert api.refused("/cases/M1/reject", {"reason": "no"}, If_Match="W/2")["status"] == 412
    assert api.post("/cases/M1/dispatch", {"unit": "lake"}, If_Match="*").status_code == 200


def test_what_happened_earlier_keeps_its_time_in_utc(api: Caller) -> None:
    api.done("/cases", {"case_id": "T1", **REPORT, "occurred_at": "2026-03-02T09:00:00+08:00"})
    assert api.json("/cases/T1")["opened_at"] == "2026-03-02T01:00:00Z"


def test_nothing_to_do_is_answered_without_an_event(api: Caller) -> None:
    changed = api.done("/units/hill/change", {"address": "山路1号"})
    again = api.done("/units/hill/change", {"address": "山路1号"})
    assert (changed["events"], again["events"]) == (["unit.changed"], [])
    assert (again["version"], again["position"]) == (changed["version"], changed["position"])


def test_an_actor_may_have_a_chinese_name(api: Caller) -> None:
    api.done("/cases", {"case_id": "N1", **REPORT}, actor="%E5%BC%A0%E4%B8%89")
    (event,) = api.json("/events", stream="case-N1")["items"]
    assert event["actor"] == "张三"


def test_waiting_for_the_answer_makes_the_lists_show_it(api: Caller) -> None:
    done = api.post("/cases", {"case_id": "W1", **REPORT}).json()
    listed = api.json("/cases", q="W1", after=done["position"])
    assert [row["case_id"] for row in listed["items"]] == ["W1"]


def test_every_kind_of_thing_begins_and_goes_on(api: Caller) -> None:
    visit = {"inspection_id": "V1", "unit": "sweepers", "source": "covert_check", "result": "pass"}
    api.done("/inspections", visit)
    api.done("/inspections/V1/correct", {"result": "closed", "reason": "wrong sheet"})
    assert api.json("/inspections/V1")["inspection"]["colour"] == "red"
    fine = {"penalty_id": "P1", "unit": "sweepers", "kind": "ticket", "currency": "CNY"}
    api.done("/penalties", {**fine, "inspection_id": "V1"})
    api.done("/penalties/P1/decide", {"decision": "fined", "amount": "200.00"})
    penalty = api.json("/penalties/P1")
    assert (penalty["status"], penalty["amount"]) == ("decided", "200.00")
    api.done(
        "/units", {"unit_id": "u9", "code": "u9", "name": "九", "kind": "grid", "parent": "hill"}
    )
    api.done("/units/u9/move", {"parent": "lake"})
    api.done("/units/u9/retire", {"reason": "merged"})
    assert api.json("/units/u9")["unit"]["retired"]


def test_a_case_number_on_paper_is_found(api: Caller) -> None:
    reported(api, "paper", case_no="〔2026〕12号")
    listed = api.json("/cases", q="〔2026〕12号")
    assert [row["case_id"] for row in listed["items"]] == ["paper"]


def test_a_time_to_come_or_too_far_back_is_refused(api: Caller) -> None:
    year = datetime.now(UTC).year + 2
    late = api.refused("/cases", {**REPORT, "occurred_at": f"{year}-01-01T00:00:00Z"})
    assert (late["status"], late["code"]) == (400, "time.in_future")
    early = api.refused("/cases", {**REPORT, "occurred_at": "0001-01-01T00:00:00+14:00"})
    assert (early["status"], early["code"]) == (400, "time.too_early")


def test_an_event_names_the_trace_of_its_request(api: Caller, runtime: Runtime) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    first = api.post("/cases", {"case_id": "TR1", **REPORT}, key="traced", traceparent=trace)
    again = api.post("/cases", {"case_id": "TR1", **REPORT}, key="traced")
    assert again.status_code == first.status_code == 201, (first.text, again.text)
    assert again.json()["position"] == first.json()["position"]
    for wrong in ("00-0-0-01", f"00-{'0' * 32}-00f067aa0ba902b7-01", "99" + trace[2:]):
        api.post("/cases/TR1/file", {"standard": "1"}, traceparent=wrong)
    traces = [e.metadata.traceparent for e in runtime.store.load("case-TR1")]
    assert traces == [trace, ""]
