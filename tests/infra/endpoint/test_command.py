"""The endpoint as commands start it: alone, and beside the boards of a city."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from domain.access.events import AccessRecorded
from domain.registry import Registry
from infra.event_store.store import SqliteEventStore
from tests.support.cities import synthetic
from tests.support.clickhouse_http import basic, request
from tests.support.program import duban, start

WORDS = {"DUBAN_CLICKHOUSE_ANALYST_PASSWORD": "a1", "DUBAN_CLICKHOUSE_SINK_PASSWORD": "s1"}
ADDRESS = re.compile(r"ClickHouse's HTTP interface: http://(\S+) ")


@contextmanager
def running(
    *arguments: object, said: dict[str, str]
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = start(*arguments, said=said)
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if found := ADDRESS.search(line):
                yield found[1], process
                return
        raise AssertionError("it ended without a word about where it listens")
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_the_endpoint_serves_a_directory_and_ends_when_told(tmp_path: Path) -> None:
    with running("clickhouse-http", "--data", tmp_path, "--port", 0, said=WORDS) as (address, _):
        assert request(address, "SELECT count() FROM cases", basic("analyst", "a1")).text == "0\n"
        assert request(address, "SELECT 1", basic("sink", "s1")).text == "1\n"
        assert request(address, "SELECT 1", basic("sink", "a1")).code == "516"
        second = duban("clickhouse-http", "--data", tmp_path, "--port", 0)
        assert second.returncode == 1
        assert "[data.in_use]" in second.stderr


def test_passwords_nobody_gave_are_told_once(tmp_path: Path) -> None:
    none = dict.fromkeys(WORDS, "")
    with running("clickhouse-http", "--data", tmp_path, "--port", 0, said=none) as (
        address,
        process,
    ):
        assert process.stderr is not None
        told = dict(
            re.findall(r"user (\w+), password (\S+)", process.stderr.readline())
            + re.findall(r"user (\w+), password (\S+)", process.stderr.readline())
        )
        for user, password in told.items():
            assert request(address, "SELECT 1", basic(user, password)).text == "1\n"
        assert set(told) == {"analyst", "sink"}


def test_analysts_ask_beside_the_boards_of_a_city(tmp_path: Path) -> None:
    ports = ("--port", 0, "--clickhouse-port", 0)
    with running("serve", "--data", tmp_path, *ports, said=WORDS) as (address, process):
        assert request(address, "SELECT count() FROM cases", basic("analyst", "a1")).text == "0\n"
        process.terminate()
        process.wait(timeout=20)


def test_others_reach_it_only_with_passwords_of_their_own(tmp_path: Path) -> None:
    outside = ("clickhouse-http", "--data", tmp_path, "--host", "0.0.0.0", "--port", 0)
    refused = duban(*outside, said=dict.fromkeys(WORDS, ""))
    assert refused.returncode == 1
    assert "DUBAN_CLICKHOUSE_ANALYST_PASSWORD" in refused.stderr
    assert "[clickhouse.not_loopback]" in refused.stderr
    with running(*outside, said=WORDS) as (address, _):
        here = f"127.0.0.1:{address.rpartition(':')[2]}"
        assert request(here, "SELECT 1", basic("analyst", "a1")).text == "1\n"


def test_what_analysts_ask_is_in_the_log_of_readers(tmp_path: Path) -> None:
    synthetic(tmp_path)
    said = basic("analyst", "a1")
    questions = ("SELECT count() FROM cases WHERE text = '王小明'", "SELECT 13812345678")
    for way in ("clickhouse-http", "serve"):
        port = "--port" if way == "clickhouse-http" else "--clickhouse-port"
        more = () if way == "clickhouse-http" else ("--port", 0)
        before = asked(tmp_path)
        with running(way, "--data", tmp_path, port, 0, *more, said=WORDS) as (address, process):
            assert request(address, questions[0], said).text == "0\n"
            assert request(address, headers=said, query=questions[1]).status == 200
            assert request(address, "SELECT 1", basic("sink", "s1")).text == "1\n"
            process.terminate()
            process.wait(timeout=20)
        first, second = asked(tmp_path)[len(before) :]
        assert first.startswith("SELECT count() FROM cases WHERE text = ? #")
        assert second.startswith("#")


def asked(data: Path) -> list[str]:
    with closing(SqliteEventStore.open_read_only(data / "events.sqlite", Registry())) as store:
        events = [e.event for e in store.load_kind("access") if e.actor == "analyst"]
    return [event.asked for event in events if isinstance(event, AccessRecorded)]
