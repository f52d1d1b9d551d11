"""Every part of the server mode is killed while a city is worked on, and nothing shows it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from tests.support.city_load import Load, tell, within
from tests.support.killing import Clerk, Killer, adopt, require_nothing_lost_or_doubled
from tests.support.server_city import ServerCity

pytestmark = pytest.mark.services

KILLS, PAUSE = 6, (0.2, 1.0)
FOUNDING, A_SECOND = 4_500, 150
EVENTS, CASES = 3_000, 3


@pytest.fixture
def city(
    tmp_path: Path, postgres: str, kafka_of_three: LocalKafka, topics: Topics
) -> Iterator[ServerCity]:
    city = ServerCity(tmp_path / "city", postgres, kafka_of_three.bootstrap, topics.prefix)
    try:
        city.start_clickhouse()
        city.duban("migrate")
        yield city
    finally:
        city.close()


def test_each_part_killed_under_load_loses_and_doubles_nothing(
    city: ServerCity, kafka_of_three: LocalKafka
) -> None:
    begun = time.monotonic()
    load = Load(city.said["DUBAN_POSTGRES"], A_SECOND, most=FOUNDING + EVENTS)
    load.some(FOUNDING)
    killer = Killer(city, kafka_of_three, seed=1)
    # It does not watch the tables: Kafka's client leaves sockets of killed brokers behind.
    with city.opened(follow=False) as runtime:
        adopt(runtime)
        clerk = Clerk(killer.ports, "K")
        with load.steadily(), clerk.steadily():
            killer.some(KILLS, PAUSE)
            assert within(120, lambda: load.written >= FOUNDING + EVENTS)
            assert within(120, lambda: len(clerk.cases) >= CASES), clerk.refused
        last = require_nothing_lost_or_doubled(city, kafka_of_three, clerk, runtime)
    tell(
        f"{sum(killer.kills.values())} kills {dict(killer.kills)}, {last:,} events, "
        f"{len(clerk.cases)} cases through the API, asked again {clerk.again} times, "
        f"{time.monotonic() - begun:.0f} s"
    )
