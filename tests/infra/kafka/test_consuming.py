"""A sink's own place in its group, while the topic is still being made."""

from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from infra.clickhouse.engine import ChdbEngine
from infra.kafka import consuming
from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from tests.support.memory_log import MemoryLog
from tests.support.relays import eventually
from tests.support.sinks import sinking

pytestmark = pytest.mark.services
PARTITIONS = 3


def test_a_topic_that_is_made_later_is_taken_up_however_short_the_polls(
    kafka: LocalKafka, topics: Topics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "POLL_SECONDS", 0.001)
    engine = ChdbEngine(tmp_path / "tables")
    with sinking(engine, kafka.bootstrap, topics, MemoryLog()) as sink:
        eventually(lambda: sink.problem == "")
        admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        made = {"num_partitions": PARTITIONS, "replication_factor": 1}
        admin.create_topics({topics.events: made})
        admin.close()
        eventually(lambda: set(sink.looks) == set(range(PARTITIONS)))
    engine.close()
