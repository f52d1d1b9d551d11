"""Everything the API refuses is a problem document with a stable code, and changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.guarding import LARGEST_BODY
from domain.errors import Refused
from infra.clickhouse.schema import make_views
from infra.runtime import Runtime
from tests.api.caller import Caller, problem

REPORT = {"source": "patrol", "category": "litter", "text": "垃圾满溢"}
JSON = {"Actor": "officer", "Content-Type": "application/json"}


@pytest.fixture
def unchanged(runtime: Runtime, api: Caller) -> Iterator[None]:
    """Whatever the test asked for, the log is as long as before."""
    before = runtime.store.last_position()
    yield
    assert runtime.store.last_position() == before


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/cases/none/claim", None, 404, "case.unknown"),
        ("/cases", {**REPORT, "about": "nobody"}, 404, "unit.unknown"),
        ("/units/city/move", {"parent": "city"}, 400, "unit.parent_not_allowed"),
        ("/units", {"code": "x", "name": "x", "kind": "grid"}, 404, "unit.parent_unknown"),
        ("/cases", {**REPORT, "source": "rumour"}, 422, "request.invalid"),
        ("/cases", {**REPORT, "texts": "typo"}, 422, "request.invalid"),
        ("/cases", {**REPORT, "case_id": "a/b"}, 422, "request.invalid"),
        ("/cases", {**REPORT, "occurred_at": "2026-03-02T09:00:00"}, 422, "request.invalid"),
        ("/cases", [], 422, "request.invalid"),
        ("/policies", {"body": "id: x"}, 400, "policy.invalid"),
        ("/cases/none/rethink", {}, 404, "route.unknown"),
    ],
)
def test_a_wrong_command_is_refused_with_its_code(
    api: Caller, path: str, body: Any, status: int, code: str
) -> None:
    found = api.refused(path, body)
    assert (found["status"], found["code"]) == (status, code)


def test_an_illegal_move_says_what_would_be_legal_now(api: Caller) -> None:
    api.done("/cases", {"case_id": "illegal", **REPORT})
    found = api.refused("/cases/illegal/close")
    assert (found["status"], found["code"]) == (409, "case.reported")
    assert "case.file" in found["detail"]


def test_who_rectifies_may_not_verify(api: Caller) -> None:
    api.done("/cases", {"case_id": "hands", **REPORT})
    api.done("/cases/hands/file", {"standard": "4.1"})
    api.done("/cases/hands/dispatch", {"unit": "lake"})
    api.done("/cases/hands/rectify", {"note": "done"}, actor="lake")
    found = api.refused("/cases/hands/verify", actor="lake")
    assert (found["status"], found["code"]) == (403, "case.own_work")


@pytest.mark.usefixtures("unchanged")
def test_every_fault_of_a_body_is_named_with_its_place(api: Caller) -> None:
    found = api.refused("/cases/none/dispatch", {"unit": "", "limit": {"amount": 1}})
    assert {fault["where"] for fault in found["faults"]} == {"body.unit", "body.limit.clock"}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("headers", "content", "status", "code"),
    [
        ({}, b"{}", 401, "actor.missing"),
        ({"Actor": "officer"}, b"{}", 400, "idempotency.missing"),
        ({"Actor": "%00", "Idempotency-Key": "k"}, b"{}", 400, "actor.invalid"),
        ({"Actor": "%FF", "Idempotency-Key": "k"}, b"{}", 400, "actor.invalid"),
        ({"Actor": "x" * 101, "Idempotency-Key": "k"}, b"{}", 400, "actor.invalid"),
        ({"Actor": "a", "Idempotency-Key": "two words"}, b"{}", 400, "idempotency.invalid"),
        ({"Actor": "a", "Idempotency-Key": "k"}, b"{", 400, "request.unreadable"),
        ({"Actor": "a", "Idempotency-Key": "k"}, b"\xff", 400, "request.unreadable"),
        ({"Actor": "a", "Idempotency-Key": "k"}, b'{"text": NaN}', 422, "request.invalid"),
        ({"Actor": "a", "Idempotency-Key": "k"}, b"[" * 100_000, 400, "request.unreadable"),
        ({"Actor": "a", "Idempotency-Key": "k"}, b"9" * 5_000, 400, "request.unreadable"),
    ],
)
def test_what_cannot_be_read_is_refused(
    api: Caller, headers: dict[str, str], content: bytes, status: int, code: str
) -> None:
    said = {"Content-Type": "application/json", **headers}
    found = problem(api.client.post("/api/v1/cases", content=content, headers=said))
    assert (found["status"], found["code"]) == (status, code)


@pytest.mark.usefixtures("unchanged")
def test_half_a_letter_is_refused_and_not_repeated(api: Caller) -> None:
    text = b'{"source": "patrol", "category": "x", "text": "\\ud800"}'
    headers = {**JSON, "Idempotency-Key": "half"}
    found = problem(api.client.post("/api/v1/cases", content=text, headers=headers))
    assert (found["status"], found["code"]) == (422, "request.invalid")


@pytest.mark.usefixtures("unchanged")
def test_a_number_that_is_none_is_refused(api: Caller) -> None:
    for amount in (b"NaN", b"Infinity", b"1e999", b'"NaN"'):
        body = b'{"unit": "lake", "limit": {"clock": "urgent_hours", "amount": %b}}' % amount
        headers = {**JSON, "Idempotency-Key": "number"}
        answer = api.client.post("/api/v1/cases/none/dispatch", content=body, headers=headers)
        assert problem(answer)["code"] == "request.invalid"


@pytest.mark.usefixtures("unchanged")
def test_another_content_type_is_refused(api: Caller) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        headers = {"Actor": "a", "Idempotency-Key": "k", "Content-Type": kind}
        found = problem(api.client.post("/api/v1/cases", content=b"{}", headers=headers))
        assert (found["status"], found["code"]) == (415, "request.not_json")


@pytest.mark.usefixtures("unchanged")
def test_more_than_a_mebibyte_is_refused_announced_or_not(api: Caller) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(LARGEST_BODY // 100_000 + 1):
            yield b" " * 100_000

    headers = {**JSON, "Idempotency-Key": "large"}
    for content in (b" " * (LARGEST_BODY + 1), parts()):
        found = problem(api.client.post("/api/v1/cases", content=content, headers=headers))
        assert (found["status"], found["code"]) == (413, "request.too_large")


def test_unknown_addresses_and_methods_are_problems_too(api: Caller) -> None:
    assert problem(api.get("/nothing"))["code"] == "route.unknown"
    answer = api.client.put("/api/v1/cases", json={})
    assert problem(answer)["code"] == "method.not_allowed"
    assert answer.headers["Allow"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[broken"},
    ],
)
def test_a_page_of_another_site_may_change_nothing(api: Caller, headers: dict[str, str]) -> None:
    found = problem(api.client.post("/api/v1/cases", json=REPORT, headers={**JSON, **headers}))
    assert (found["status"], found["code"]) == (403, "request.cross_site")


def test_this_site_s_own_pages_may_send_commands(api: Caller) -> None:
    assert api.post("/cases", REPORT, Origin="http://127.0.0.1").status_code == 201
    assert api.post("/cases", REPORT, Sec_Fetch_Site="same-origin").status_code == 201


def test_a_name_that_is_not_ours_is_refused(api: Caller) -> None:
    for host in ("evil.example", "localhost.evil.example:8000", ""):
        found = problem(api.get("/cases", headers={"Host": host}))
        assert (found["status"], found["code"]) == (400, "host.unknown")
    for host in ("localhost:8000", "LOCALHOST", "127.0.0.1:9", "[::1]:8000", "192.0.2.7"):
        assert api.get("/policies", headers={"Host": host}).status_code == 200


def test_every_answer_carries_the_security_headers(api: Caller) -> None:
    for path in ("/api/v1/policies", "/api/v1/nothing", "/health", "/static/vendor/README.md"):
        headers = api.client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "'unsafe-eval'" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


def test_an_outage_of_the_store_is_a_503(app: FastAPI, api: Caller) -> None:
    def full() -> None:
        raise Refused("store.full", "the disk is full: free some space, then try again")

    app.add_api_route("/api/v1/full-disk", full)
    answer = api.get("/full-disk")
    assert problem(answer)["code"] == "store.full"
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_defect_is_a_500_that_tells_the_outside_nothing(app: FastAPI, api: Caller) -> None:
    def broken() -> None:
        raise RuntimeError("the password is hunter2")

    app.add_api_route("/api/v1/broken", broken)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        found = problem(client.get("/api/v1/broken"))
    assert (found["status"], found["code"]) == (500, "internal")
    assert "hunter2" not in str(found)


def test_tables_that_cannot_be_read_are_an_outage_and_not_a_defect(
    api: Caller, runtime: Runtime
) -> None:
    with runtime.engine.client() as tables:
        tables.command("DROP VIEW cases")
    try:
        found = problem(api.get("/cases"))
        assert (found["status"], found["code"]) == (503, "tables.unavailable")
    finally:
        make_views(runtime.engine)
    assert api.get("/cases").status_code == 200
