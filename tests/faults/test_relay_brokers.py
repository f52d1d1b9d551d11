"""Brokers that are missing, die and come back hold a relay up; nothing is lost or doubled."""

import json
import random
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from tests.support.asking import free_port, metrics
from tests.support.relays import (
    RelayProcesses,
    Writer,
    arrived,
    eventually,
    file_store,
    require_each_once,
)

pytestmark = pytest.mark.services


def position(port: int) -> float:
    """Asked of the relay itself: a client of Kafka in here would stumble over the dead brokers."""
    return metrics(port).get("duban_relay_position", 0)


def test_a_relay_starts_without_a_broker_waits_for_it_and_outlives_its_death(
    topics: Topics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka = LocalKafka(tmp_path / "kafka")
    kafka.create(1)
    bootstrap = kafka.bootstrap
    monkeypatch.setenv("DUBAN_KAFKA", bootstrap)
    monkeypatch.setenv("DUBAN_TOPIC_PREFIX", topics.prefix)
    city, port = tmp_path / "city", free_port()
    with closing(RelayProcesses("--data", city, "--metrics-port", port)) as relays:
        try:
            relay = relays.start()
            with file_store(city) as store:
                writer = Writer(store)
                writer.write(100)
                time.sleep(2)
                kafka.start()
                eventually(lambda: position(port) == 100)
                with writer.steadily(a_second=300):
                    time.sleep(0.5)
                    kafka.kill(1)
                    time.sleep(1)
                    kafka.start()
                eventually(lambda: position(port) == writer.written)
                require_each_once(arrived(kafka.bootstrap, topics), writer.written)
            kafka.kill(1)
            asked_at = time.monotonic()
            relay.terminate()
            assert relay.wait(timeout=10) == 0
            assert time.monotonic() - asked_at < 5
        finally:
            kafka.delete()
        lines = [json.loads(line) for line in relay.communicate()[1].splitlines()]
    waits = [line["message"] for line in lines if line["message"].startswith("waiting:")]
    assert f"waiting: no Kafka broker answers at {bootstrap}" in waits
    assert len(waits) <= 4  # for the store, for the broker, for it again, and at the end


def test_one_broker_of_three_may_die_at_any_moment(
    kafka_of_three: LocalKafka, topics: Topics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    kafka, victim = kafka_of_three, random.Random(3).choice((1, 2, 3))
    monkeypatch.setenv("DUBAN_KAFKA", kafka.bootstrap)
    monkeypatch.setenv("DUBAN_TOPIC_PREFIX", topics.prefix)
    port = free_port()
    processes = RelayProcesses("--data", tmp_path, "--metrics-port", port)
    with closing(processes) as relays, file_store(tmp_path) as store:
        relay = relays.start()
        writer = Writer(store)
        with writer.steadily(a_second=200):
            eventually(lambda: position(port) > 200)
            kafka.kill(victim)
            written, killed_at = writer.written, time.monotonic()
            eventually(lambda: position(port) > written)
            record_property("seconds until events are carried again", round(
                time.monotonic() - killed_at, 1
            ))  # fmt: skip
            kafka.start()
        eventually(lambda: position(port) == writer.written)
        require_each_once(arrived(kafka.bootstrap, topics), writer.written)
        relay.send_signal(signal.SIGTERM)
        assert relay.wait(timeout=10) == 0
