"""ClickHouse goes away or has no room, strangers write to the topic: nothing is lost or stopped."""

import signal
import time
from pathlib import Path

import pytest
from kafka import KafkaProducer

from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from projections.cases import CASES
from tests.support.sink_city import end, sink_city
from tests.support.sinks import wait_until

pytestmark = pytest.mark.services
AWAY_SECONDS = 5.0


def test_a_clickhouse_that_is_away_for_a_while_loses_nothing(
    kafka: LocalKafka, topics: Topics, tmp_path: Path
) -> None:
    with sink_city(tmp_path, kafka.bootstrap, topics) as city:
        first = city.live(300)
        assert city.shows(first), city.logs()
        assert city.clickhouse is not None
        end(city.clickhouse, signal.SIGKILL)
        last = city.live(300)
        time.sleep(AWAY_SECONDS)
        city.start_clickhouse()
        assert city.shows(last), city.logs()
        assert city.shown() == last
        city.require_sound()
        assert "trying again" in city.logs()


def test_a_full_disk_under_the_tables_is_waited_for(
    kafka: LocalKafka, topics: Topics, tmp_path: Path
) -> None:
    with sink_city(tmp_path, kafka.bootstrap, topics) as city:
        first = city.live(300)
        assert city.shows(first), city.logs()
        with city.no_room(CASES):
            last = city.live(300)
            time.sleep(AWAY_SECONDS)
            assert city.newest(CASES) <= first
        assert wait_until(lambda: city.newest(CASES) > first), city.logs()
        assert city.shows(last), city.logs()
        time.sleep(1)  # the last partition may still be writing its other tables
        assert city.shown() == last
        city.require_sound()
        assert "trying again" in city.logs()


def test_a_stranger_in_the_topic_is_parked_shown_and_discarded(
    kafka: LocalKafka, topics: Topics, tmp_path: Path
) -> None:
    with sink_city(tmp_path, kafka.bootstrap, topics) as city:
        producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, metrics_enabled=False)
        place = producer.send(
            topics.events, b"<hello/>", b"case-1", [("content-type", b"text/xml")]
        )
        where = place.get(timeout=10)
        producer.close()
        last = city.live(300)
        assert city.shows(last), city.logs()
        assert wait_until(lambda: "1 parked" in city.duban("dead-letters", "list").stderr)
        listed = city.duban("dead-letters", "list").stdout
        name = f"{topics.events}/{where.partition}/{where.offset}"
        assert listed.startswith(f"{name}  (no stream)")
        assert "<hello/>" in city.duban("dead-letters", "show", name).stdout
        assert city.duban("dead-letters", "discard", name).returncode == 2
        discarded = city.duban("dead-letters", "discard", name, "--reason", "somebody's joke")
        assert (discarded.returncode, discarded.stdout) == (0, f"{name}    discarded\n")
        assert "somebody's joke" in city.duban("dead-letters", "show", name).stdout
        assert "0 parked" in city.duban("dead-letters", "list").stderr
        city.require_sound()
