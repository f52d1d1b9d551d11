"""What a process that only watches knows of the tables, while the topics are still being made."""

import time
from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient

from infra.kafka.topics import Topics
from infra.kafka.watching import Watcher, partitioning
from infra.kafka_local.cluster import LocalKafka
from streams.dead_letters import Source
from streams.progress import Progress
from tests.support.lives import Lives
from tests.support.memory_log import MemoryLog

pytestmark = pytest.mark.services
PARTITIONS = 4
SOON = 20.0


@pytest.fixture
def log() -> MemoryLog:
    return Lives(seed=3).until(200)


@pytest.fixture
def admin(kafka: LocalKafka) -> Iterator[KafkaAdminClient]:
    client = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    yield client
    client.close()


def test_topics_that_are_made_one_after_the_other_keep_nobody_waiting(
    kafka: LocalKafka, topics: Topics, admin: KafkaAdminClient, log: MemoryLog
) -> None:
    partition_of = partitioning(PARTITIONS)
    newest = {partition_of(event[1]): event[0] for event in log.events}

    def progress(source: Source) -> Progress | None:
        position = newest.get(source.partition)
        return None if position is None else Progress(0, position)

    made = {"num_partitions": PARTITIONS, "replication_factor": 1}
    admin.create_topics({topics.events: made})
    admin.wait_for_topics([topics.events])
    watcher = Watcher(log, progress, kafka.bootstrap, topics)
    watcher.start()
    try:
        time.sleep(3.0)
        admin.create_topics({topics.applied: {**made, "num_partitions": 1}})
        assert watcher.wait_for(len(log.events), SOON), watcher.health()
    finally:
        watcher.stop()
