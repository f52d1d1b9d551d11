"""A real Kafka for a run of the tests: one broker, and a name space of its own for each test."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """One broker, started when the first test asks; ``kafka.bootstrap`` is its address. A test
    that stops it starts it again."""
    yield from _running(tmp_path_factory.mktemp("kafka"), 1)


@pytest.fixture(scope="session")
def kafka_of_three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """Three brokers, for tests that lose one of them and start it again."""
    yield from _running(tmp_path_factory.mktemp("kafka-of-three"), 3)


@pytest.fixture
def topics() -> Topics:
    """Names that no other test uses."""
    return Topics(f"t{uuid4().hex[:12]}.")


def _running(directory: Path, brokers: int) -> Iterator[LocalKafka]:
    cluster = LocalKafka(directory)
    cluster.create(brokers)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.delete()
