"""The documented API is the real one: no request gives a 5xx or an answer nobody documented."""

import re
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from playwright.sync_api import Browser
from schemathesis import Case, GenerationMode, HookContext
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api.app import create_app
from domain.catalogue import DECIDERS
from infra.runtime import Runtime
from tests.api.caller import Caller
from tests.api.serving import served
from tests.support.instruments import (
    action,
    adopt,
    dispatched,
    entry,
    money,
    published,
    slip,
)

REPORT = {"source": "patrol", "category": "litter", "text": "x", "place": {"grid": "lake-1"}}
# What is on record, so that requests reach further than "there is no such thing".
KNOWN = {
    "case_id": ("C1", "C2", "C3"),
    "unit_id": ("lake", "sweepers", "city"),
    "inspection_id": ("I1",),
    "penalty_id": ("P1",),
    "period": ("2026-03", "2026"),
    "slip_id": ("C2.1",),
    "listing_id": ("L1",),
    "accountability_id": ("A1",),
    "money_id": ("M1",),
    "ranking_id": ("default:2020-W10:street",),
}
CHECKED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    missing_required_header,
    unsupported_method,
]
EXAMPLES = 6
_keys = count(1)


@pytest.fixture(scope="module")
def documented(runtime: Runtime, api: Caller) -> Any:
    """The schema as it is served; the endless live stream has tests of its own."""
    for case in KNOWN["case_id"]:
        api.done("/cases", {"case_id": case, **REPORT})
    api.done("/cases/C2/file", {"standard": "4.1"})
    limit = {"amount": 2, "clock": "working_days"}
    api.done("/cases/C2/dispatch", {"unit": "lake", "limit": limit})
    visit = {"inspection_id": "I1", "unit": "lake", "source": "expert", "result": "pass"}
    api.done("/inspections", visit)
    adopt(api, "supervision", "indicators", "appeals")
    dispatched(api, "R1", "lake")
    position = dispatched(api, "R2", "hill")
    api.done("/money", money("M1", "hill", published(api)))
    api.done("/slips", slip("C2.1", "lake", position))
    api.done("/listings", entry("L1", "hill"))
    api.done("/accountability", action("A1", "hill"))
    fine = {"penalty_id": "P1", "unit": "lake", "kind": "ticket", "currency": "CNY"}
    api.done("/penalties", fine)
    schema = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", create_app(runtime.services, hosts=("testserver",))
    )

    @schema.hook
    def map_path_parameters(context: HookContext, path_parameters: Any) -> Any:
        for name, known in KNOWN.items():
            if path_parameters and name in path_parameters:
                chosen = sum(map(ord, str(path_parameters[name]))) % (2 * len(known))
                path_parameters[name] = (*known, *[path_parameters[name]] * len(known))[chosen]
        return path_parameters

    @schema.hook
    def map_headers(context: HookContext, headers: Any) -> Any:
        if headers and "Idempotency-Key" in headers:
            headers["Idempotency-Key"] = f"fuzz-{next(_keys)}"
        return headers

    return schema.exclude(path="/api/v1/live")


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_gives_an_undocumented_answer(
    documented: Any, runtime: Runtime, mode: GenerationMode
) -> None:
    """Nor anything that the projections stumble over afterwards."""
    for found in documented.get_all_operations():
        operation = found.ok()

        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def answered(case: Case) -> None:
            case.call_and_validate(checks=CHECKED)

        with suppress(Unsatisfiable):  # nothing can be wrong where nothing is asked
            answered()
    follower = runtime.follower
    assert follower.wait_for(runtime.store.last_position(), 10), follower.health()


def test_every_refusal_is_documented_as_a_problem(api: Caller) -> None:
    schema = api.json("/openapi.json")
    commands = {command.NAME for decider in DECIDERS for command in decider.commands}
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], path
        if methods.get("post", {}).get("operationId") in commands:
            named = {parameter["name"] for parameter in methods["post"]["parameters"]}
            assert named >= {"Actor", "Idempotency-Key", "If-Match"}
    assert "Problem" in schema["components"]["schemas"]


def test_every_command_of_the_domain_has_its_address(api: Caller) -> None:
    documented = {
        operation["operationId"]
        for methods in api.json("/openapi.json")["paths"].values()
        for operation in methods.values()
    }
    assert {command.NAME for decider in DECIDERS for command in decider.commands} <= documented


def test_the_documentation_is_read_without_a_network(api: Caller) -> None:
    page = api.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "<script>" not in page.text
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        if not address.startswith("data:"):
            assert address.startswith("/")
            assert api.client.get(address).status_code == 200
    assert "openapi.json" in api.get("/docs/start.js").text


def test_the_documentation_comes_to_life_under_the_content_policy(
    app: FastAPI, api: Caller, browser: Browser
) -> None:
    with served(app) as address:
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}/api/v1/docs")
        page.get_by_text("/api/v1/cases/counts").wait_for()
        page.close()
    assert complaints == []
