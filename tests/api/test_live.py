"""The live stream over a real connection: a change is heard within a second of the command."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from tests.api.caller import Caller
from tests.api.serving import served

REPORT = {"source": "patrol", "category": "litter", "text": "x"}


@pytest.fixture(scope="module")
def address(app: FastAPI, api: Caller) -> Iterator[str]:
    with served(app) as address:
        yield address


def messages(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The ``change`` messages of a stream of server-sent events."""
    event: dict[str, str] = {}
    for line in lines:
        field, _, value = line.partition(": ")
        if field in ("event", "data", "id"):
            event[field] = value
        elif not line and event:
            assert event["event"] == "change"
            message = json.loads(event["data"])
            assert event["id"] == str(message["position"])
            yield message
            event = {}


def listen(address: str, seen: int | None = None) -> Any:
    headers = {} if seen is None else {"Last-Event-ID": str(seen)}
    return httpx2.stream("GET", f"{address}/api/v1/live", headers=headers, timeout=10)


def test_a_change_is_heard_within_a_second(address: str, api: Caller) -> None:
    with listen(address) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        heard = messages(stream.iter_lines())
        now = next(heard)
        assert now["position"] == api.client.get("/health").json()["read"]
        assert now["streams"] == []
        began = time.monotonic()
        position = api.post("/cases", {"case_id": "S1", **REPORT}).json()["position"]
        change = next(heard)
        assert time.monotonic() - began < 1
        assert change == {
            "position": position, "kinds": ["case"], "streams": ["case-S1"], "all": False,
        }  # fmt: skip


def test_what_is_announced_is_already_in_the_tables(address: str, api: Caller) -> None:
    with listen(address) as stream:
        heard = messages(stream.iter_lines())
        next(heard)
        for number in range(5):
            case = f"S2-{number}"
            api.post("/cases", {"case_id": case, **REPORT})
            while f"case-{case}" not in next(heard)["streams"]:
                continue
            assert api.json("/cases", q=case)["items"]


def test_who_comes_back_hears_what_was_missed(address: str, api: Caller) -> None:
    seen = api.client.get("/health").json()["read"]
    api.done("/cases", {"case_id": "S3", **REPORT})
    done = api.done("/units/hill/change", {"address": "after S3"})
    with listen(address, seen) as stream:
        missed = next(messages(stream.iter_lines()))
    assert missed["position"] == done["position"]
    assert missed["kinds"] == ["case", "unit"]
    assert missed["streams"] == ["case-S3", "unit-hill"]


def test_a_position_nobody_can_have_seen_is_taken_for_now(address: str, api: Caller) -> None:
    now = api.client.get("/health").json()["read"]
    for seen in (now + 1_000, 0):
        with listen(address, seen) as stream:
            message = next(messages(stream.iter_lines()))
        assert message["position"] == now
    with httpx2.stream(
        "GET", f"{address}/api/v1/live", headers={"Last-Event-ID": "what"}, timeout=10
    ) as stream:
        assert next(messages(stream.iter_lines()))["streams"] == []


def test_every_listener_hears_every_change(address: str, api: Caller) -> None:
    with listen(address) as one, listen(address) as two:
        heard = [messages(stream.iter_lines()) for stream in (one, two)]
        for ear in heard:
            next(ear)
        position = api.post("/cases", {"case_id": "S4", **REPORT}).json()["position"]
        assert [next(ear)["position"] for ear in heard] == [position, position]


@pytest.mark.usefixtures("api")
def test_a_server_stops_although_somebody_listens(app: FastAPI) -> None:
    with ExitStack() as listening:
        with served(app) as address:
            stream = listening.enter_context(listen(address))
            heard = messages(stream.iter_lines())
            next(heard)
            began = time.monotonic()
        assert time.monotonic() - began < 4
        with suppress(httpx2.TransportError):
            assert list(heard) == []
