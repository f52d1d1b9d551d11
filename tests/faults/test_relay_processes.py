"""Relays that are killed, stopped and woken at any moment carry every event once and in order."""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from infra.kafka.placing import last_place
from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from tests.support.asking import asked, free_port, metrics
from tests.support.relays import (
    RelayProcesses,
    Writer,
    arrived,
    eventually,
    file_store,
    require_each_once,
)

pytestmark = pytest.mark.services

# A soak may go on for as long as somebody likes: seconds under fire.
SECONDS = float(os.environ.get("DUBAN_SOAK_SECONDS", "18"))

Reached = Callable[[int], bool]


@pytest.fixture
def relays(
    kafka: LocalKafka, topics: Topics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RelayProcesses]:
    """Relays of the file store in ``tmp_path``; any number of them may run there at once."""
    monkeypatch.setenv("DUBAN_KAFKA", kafka.bootstrap)
    monkeypatch.setenv("DUBAN_TOPIC_PREFIX", topics.prefix)
    with closing(RelayProcesses("--data", tmp_path)) as processes:
        yield processes


@pytest.fixture
def reached(kafka: LocalKafka, topics: Topics) -> Reached:
    def holds(position: int) -> bool:
        place = last_place(kafka.bootstrap, topics)
        return place is not None and place.position >= position

    return holds


def test_two_relays_killed_at_random_moments_carry_every_event_once(
    kafka: LocalKafka, topics: Topics, relays: RelayProcesses, reached: Reached, tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    moments = random.Random(7)
    with file_store(tmp_path) as store:
        writer = Writer(store)
        writer.write(20_000)
        ends = time.monotonic() + SECONDS
        with writer.steadily(a_second=500):
            while time.monotonic() < ends:
                while len(alive := [each for each in relays.running if each.poll() is None]) < 2:
                    relays.start()
                time.sleep(moments.uniform(0.5, 2))
                os.kill(moments.choice(alive).pid, signal.SIGKILL)
        for process in relays.running:
            process.kill()
            process.wait()
        relays.start()
        eventually(lambda: reached(writer.written))
    require_each_once(arrived(kafka.bootstrap, topics), writer.written)
    everything = sum(map(len, arrived(kafka.bootstrap, topics, committed=False)))
    ended = [process.returncode for process in relays.running]
    record_property("relays killed", ended.count(-signal.SIGKILL))
    record_property("relays shut out", ended.count(1))
    record_property("events", writer.written)
    record_property("records of undone transactions", everything - writer.written)


def test_a_relay_that_was_paused_wakes_up_shut_out(
    relays: RelayProcesses, reached: Reached, kafka: LocalKafka, topics: Topics, tmp_path: Path
) -> None:
    with file_store(tmp_path) as store:
        writer = Writer(store)
        with writer.steadily(a_second=300):
            sleeper = relays.start()
            eventually(lambda: reached(100))
            os.kill(sleeper.pid, signal.SIGSTOP)
            relays.start()
            eventually(lambda: reached(writer.written - 100))
            os.kill(sleeper.pid, signal.SIGCONT)
            assert sleeper.wait(timeout=20) == 1
        assert sleeper.communicate()[1].splitlines()[-1].endswith("[relay.superseded]")
        eventually(lambda: reached(writer.written))
        assert relays.running[1].poll() is None
    require_each_once(arrived(kafka.bootstrap, topics), writer.written)


def test_a_relay_told_to_stop_ends_in_time_and_tells_how_it_stands(
    relays: RelayProcesses, reached: Reached, topics: Topics, tmp_path: Path
) -> None:
    port = free_port()
    with file_store(tmp_path) as store:
        Writer(store).write(30)
        with closing(RelayProcesses("--data", tmp_path, "--metrics-port", port)) as watched:
            process = watched.start()
            eventually(lambda: reached(30))
            eventually(lambda: asked(port, "/readyz")[0] == 200)
            assert asked(port, "/healthz")[0] == 200
            assert asked(port, "/elsewhere")[0] == 404
            told = metrics(port)
            assert told["duban_relay_leads"] == 1
            assert told["duban_relay_published_total"] == 30
            assert told["duban_relay_position"] == 30
            assert told["duban_relay_lag_positions"] == 0
            assert told["duban_relay_lag_seconds"] == 0
            asked_at = time.monotonic()
            process.terminate()
            assert process.wait(timeout=10) == 0
            assert time.monotonic() - asked_at < 5
            *made, said = map(json.loads, process.communicate()[1].splitlines())
    assert [line["message"] for line in made] == [f"created topic {t}" for t in topics.all()]
    assert {"time", "store"} < said.keys()
    assert (said["level"], said["process"]) == ("info", "relay")
    assert (said["message"], said["position"]) == ("carrying events on", 0)


def test_a_relay_without_an_address_of_kafka_is_refused(
    relays: RelayProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DUBAN_KAFKA")
    process = relays.start()
    assert process.wait(timeout=20) == 1
    assert "set DUBAN_KAFKA (HOST:PORT" in process.communicate()[1]
