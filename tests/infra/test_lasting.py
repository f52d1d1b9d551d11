"""A process that lasts says one line of JSON at a time, and ends when it is told to."""

import io
import json
import logging
import os
import signal
import threading
import time

import pytest

from domain.errors import Refused
from infra.lasting import require, run_until_stopped
from infra.logs import JsonLines
from infra.metrics import serve_metrics
from tests.support.asking import asked, free_port


def told_to_stop(after: float = 0.1) -> None:
    threading.Timer(after, os.kill, (os.getpid(), signal.SIGTERM)).start()


def test_work_is_told_when_somebody_wants_it_to_end() -> None:
    before = signal.getsignal(signal.SIGTERM)
    done = []

    def work(stopping: threading.Event) -> None:
        stopping.wait(10)
        done.append(stopping.is_set())

    told_to_stop()
    run_until_stopped(work)
    assert done == [True]
    assert signal.getsignal(signal.SIGTERM) is before


def test_work_that_hears_nothing_is_left() -> None:
    deaf = threading.Event()
    told_to_stop()
    asked_at = time.monotonic()
    run_until_stopped(lambda stopping: [deaf.wait(30)].clear(), grace=0.2)
    assert time.monotonic() - asked_at < 5
    deaf.set()


def test_work_that_fails_ends_the_process_with_its_reason() -> None:
    def work(stopping: threading.Event) -> None:
        raise Refused("relay.superseded", "another works")

    with pytest.raises(Refused, match="another works"):
        run_until_stopped(work)


def test_a_setting_that_is_missing_is_named() -> None:
    assert require("here:1", "DUBAN_KAFKA", "HOST:PORT") == "here:1"
    with pytest.raises(Refused, match=r"set DUBAN_KAFKA \(HOST:PORT\)"):
        require("", "DUBAN_KAFKA", "HOST:PORT")


def test_a_line_says_when_who_where_and_what() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines("relay"))
    log = logging.Logger("duban.test")
    log.addHandler(handler)
    log.warning("waiting for %s", "甲", extra={"position": 7, "stream": "case-1"})
    try:
        raise ValueError("broken")
    except ValueError:
        log.exception("gone wrong")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "warning", "process": "relay", "message": "waiting for 甲", "position": 7,
        "stream": "case-1",
    }  # fmt: skip
    assert "ValueError: broken" in second["error"]


def test_those_who_watch_are_told_the_trouble() -> None:
    trouble = ["no broker answers"]
    with serve_metrics(0, lambda: trouble[0]) as port:
        status, body = asked(port, "/readyz")
        assert (status, json.loads(body)) == (
            503, {"status": "trouble", "problem": "no broker answers"}
        )  # fmt: skip
        assert asked(port, "/healthz")[0] == 200
        trouble[0] = ""
        assert asked(port, "/readyz")[0] == 200
        assert "python_info" in asked(port, "/metrics?x=1")[1]
        taken = pytest.raises(Refused, match="choose another with --metrics-port")
        with taken, serve_metrics(port, lambda: ""):
            pass
    assert asked(port, "/healthz")[0] == 0


def test_without_a_port_nothing_is_served() -> None:
    free = free_port()
    with serve_metrics(None, lambda: "") as port:
        assert port == 0
        assert asked(free, "/healthz")[0] == 0
