"""What /health says when all is well, and when the tables cannot go on."""

from dataclasses import replace

from starlette.testclient import TestClient

from api.app import create_app
from infra.runtime import Runtime
from tests.api.caller import Caller


def test_a_healthy_city_says_how_far_it_is(api: Caller, runtime: Runtime) -> None:
    told = api.client.get("/health")
    assert told.status_code == 200
    assert told.json()["stored"] == runtime.store.last_position()
    assert told.json()["trouble"] == ""


def test_tables_that_cannot_go_on_are_named(api: Caller, runtime: Runtime) -> None:
    ill = replace(runtime.services, trouble=lambda: "event 7 cannot be projected")
    with TestClient(create_app(ill), base_url="http://127.0.0.1") as client:
        told = client.get("/health")
    assert told.status_code == 503
    assert told.json()["status"] == "trouble"
    assert told.json()["trouble"] == "event 7 cannot be projected"
