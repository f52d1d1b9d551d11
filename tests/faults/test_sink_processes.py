"""Sinks are killed, stopped and joined by others, and every event stands in the tables once."""

import signal
import time
from pathlib import Path
from random import Random

import pytest

from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from tests.support.sink_city import SESSION, end, sink_city

pytestmark = pytest.mark.services
KILLS = 3


def test_killed_at_any_moment_the_tables_equal_a_rebuild(
    kafka: LocalKafka, topics: Topics, tmp_path: Path
) -> None:
    random = Random(1)
    with sink_city(tmp_path, kafka.bootstrap, topics) as city:
        for _ in range(KILLS):
            before = city.shown()
            city.live(400)
            assert city.shows(before + 1), city.logs()
            time.sleep(random.uniform(0, 0.5))
            end(city.sinks[-1], signal.SIGKILL)
            city.start_sink()
        last = city.live(100)
        assert city.shows(last), city.logs()
        assert city.shown() == last
        end(city.sinks[-1], signal.SIGTERM)
        city.require_sound()


def test_sinks_that_come_and_go_share_the_partitions(
    kafka: LocalKafka, topics: Topics, tmp_path: Path
) -> None:
    with sink_city(tmp_path, kafka.bootstrap, topics) as city:
        for _ in range(2):
            before = city.live(600)
            city.start_sink()
            assert city.shows(before), city.logs()
        begun = time.monotonic()
        end(city.sinks[0], signal.SIGTERM)
        assert city.sinks[0].returncode == 0
        assert time.monotonic() - begun < 5
        last = city.live(600)
        assert city.shows(last), city.logs()
        assert city.shown() == last
        city.require_sound()


def test_a_sink_that_was_stopped_and_wakes_up_writes_nothing_twice(
    kafka: LocalKafka, topics: Topics, tmp_path: Path
) -> None:
    """It was stopped in the middle of its work; another has taken its partitions meanwhile."""
    with sink_city(tmp_path, kafka.bootstrap, topics) as city:
        city.live(2_000)
        assert city.shows(100), city.logs()
        sleeper = city.sinks[0]
        sleeper.send_signal(signal.SIGSTOP)
        city.start_sink()
        last = city.live(200)
        assert city.shows(last, SESSION + 30), city.logs()
        sleeper.send_signal(signal.SIGCONT)
        time.sleep(2)
        last = city.live(300)
        assert city.shows(last), city.logs()
        assert city.shown() == last
        city.require_sound()
        end(sleeper, signal.SIGTERM)
        assert sleeper.returncode == 0
