"""Topics are made once, kept as a city needs them, and refused when they would forget."""

import pytest
from kafka import KafkaAdminClient

from domain.errors import Refused
from infra.kafka.creating import ensure_topics, topic_settings
from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka

pytestmark = pytest.mark.services


def test_missing_topics_are_made_once(kafka: LocalKafka, topics: Topics) -> None:
    assert tuple(ensure_topics(kafka.bootstrap, topics, 3)) == topics.all()
    assert ensure_topics(kafka.bootstrap, topics, 5) == []
    with KafkaAdminClient(bootstrap_servers=kafka.bootstrap) as admin:
        found = {each["name"]: each for each in admin.describe_topics(list(topics.all()))}
        kept = topic_settings(admin, topics.events)
        compacted = topic_settings(admin, topics.relay)
    assert [len(found[name]["partitions"]) for name in topics.all()] == [3, 1, 1]
    assert (kept["retention.ms"], kept["retention.bytes"]) == ("-1", "-1")
    assert kept["cleanup.policy"] == "delete"
    assert compacted["cleanup.policy"] == "compact"


def test_an_events_topic_that_forgets_is_refused(kafka: LocalKafka, topics: Topics) -> None:
    with KafkaAdminClient(bootstrap_servers=kafka.bootstrap) as admin:
        admin.create_topics({topics.events: {"num_partitions": 1, "replication_factor": 1}})
    with pytest.raises(Refused, match=r"forgets events .*retention\.ms=604800000") as refused:
        ensure_topics(kafka.bootstrap, topics, 1)
    assert refused.value.code == "kafka.topics"


def test_three_brokers_keep_everything_three_times(
    kafka_of_three: LocalKafka, topics: Topics
) -> None:
    ensure_topics(kafka_of_three.bootstrap, topics, 4)
    with KafkaAdminClient(bootstrap_servers=kafka_of_three.bootstrap.split(",")) as admin:
        (found,) = admin.describe_topics([topics.events])
        assert topic_settings(admin, topics.events)["min.insync.replicas"] == "2"
    assert {len(each["replica_nodes"]) for each in found["partitions"]} == {3}
