"""By ``make soak`` alone: a hundred thousand events, and a part killed every few seconds."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from tests.support.city_load import Load, tell
from tests.support.killing import Clerk, Killer, adopt, require_nothing_lost_or_doubled
from tests.support.server_city import ServerCity

pytestmark = pytest.mark.services

EVENTS = int(os.environ.get("SOAK_EVENTS", "100000"))
KILLS = int(os.environ.get("SOAK_KILLS", "50"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
A_SECOND = int(os.environ.get("SOAK_RATE", "250"))
FOUNDING = 4_500


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


def test_a_long_day_of_deaths_loses_and_doubles_nothing(
    city: ServerCity, kafka_of_three: LocalKafka
) -> None:
    begun = time.monotonic()
    load = Load(city.said["DUBAN_POSTGRES"], A_SECOND, SEED)
    load.some(FOUNDING)
    killer = Killer(city, kafka_of_three, SEED)
    # It does not watch the tables: Kafka's client leaves sockets of killed brokers behind.
    with city.opened(follow=False) as runtime:
        adopt(runtime)
        clerk = Clerk(killer.ports, "K")
        with load.steadily(), clerk.steadily():
            # The kills are spread over the whole of the load.
            while sum(killer.kills.values()) < KILLS:
                done = sum(killer.kills.values())
                while runtime.store.last_position() < EVENTS * done // KILLS:
                    time.sleep(0.2)
                killer.some(min(5, KILLS - done), (0.0, 1.0))
            while runtime.store.last_position() < EVENTS:
                time.sleep(0.2)
        loaded = time.monotonic() - begun
        last = require_nothing_lost_or_doubled(city, kafka_of_three, clerk, runtime)
    by_part = ", ".join(f"{part} {times}" for part, times in killer.kills.most_common())
    tell(
        f"{sum(killer.kills.values())} kills ({by_part}); {last:,} events in {loaded:.0f} s; "
        f"{len(clerk.cases)} cases through the API, asked again {clerk.again} times; checked "
        f"after {time.monotonic() - begun:.0f} s: nothing lost, nothing doubled, tables as rebuilt"
    )
