"""Of several relays on one PostgreSQL one works; when it dies another takes its place at once."""

import json
import os
import signal
import time
from contextlib import closing

import pytest

from domain.registry import Registry
from infra.clocks import SystemClock
from infra.event_store.postgres.store import PostgresEventStore
from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from tests.support.asking import asked, free_port, metrics
from tests.support.relays import RelayProcesses, Writer, arrived, eventually, require_each_once

pytestmark = pytest.mark.services


def test_a_relay_stands_by_until_the_one_that_works_dies(
    kafka: LocalKafka, topics: Topics, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_MODE", "server")
    monkeypatch.setenv("DUBAN_POSTGRES", postgres)
    monkeypatch.setenv("DUBAN_KAFKA", kafka.bootstrap)
    monkeypatch.setenv("DUBAN_CLICKHOUSE", "http://127.0.0.1:1/nobody")
    monkeypatch.setenv("DUBAN_TOPIC_PREFIX", topics.prefix)
    ports = [free_port(), free_port()]

    def leading() -> list[bool]:
        return [bool(metrics(port).get("duban_relay_leads")) for port in ports]

    def position(number: int) -> float:
        return metrics(ports[number]).get("duban_relay_position", 0)

    store = PostgresEventStore.open(postgres, SystemClock(), Registry())
    first, second = (RelayProcesses("--metrics-port", port) for port in ports)
    with closing(store), closing(first), closing(second):
        writer = Writer(store)
        first.start()
        eventually(lambda: leading() == [True, False])
        standing_by = second.start()
        with writer.steadily(a_second=300):
            eventually(lambda: position(0) > 300)
            eventually(lambda: asked(ports[1], "/readyz")[0] == 200)
            time.sleep(1)
            assert leading() == [True, False]
            os.kill(first.running[0].pid, signal.SIGKILL)
            eventually(lambda: position(1) > 300)
        eventually(lambda: position(1) == writer.written)
        require_each_once(arrived(kafka.bootstrap, topics), writer.written)
        standing_by.terminate()
        assert standing_by.wait(timeout=10) == 0
        said = [json.loads(line) for line in standing_by.communicate()[1].splitlines()]
    assert [line["message"] for line in said] == [
        "standing by: another relay works",
        "carrying events on",
    ]
