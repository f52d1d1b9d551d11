"""Makes the topics of a city where they are missing, and refuses those that would lose events."""

import logging
from collections.abc import Sequence
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError

from domain.errors import Refused
from infra.kafka.topics import Topics

MOST_REPLICAS = 3
DAY_MS = 24 * 60 * 60 * 1000
ANY_TIME = 2**63 - 1
# A ranking that is published carries its rows, and a policy its whole text.
LARGEST_MESSAGE = 16 << 20

log = logging.getLogger("duban.kafka")


def ensure_topics(bootstrap: str, topics: Topics, partitions: int) -> Sequence[str]:
    """Creates those that are missing and names them. ``partitions`` counts for a new events topic
    only: changing it later would move streams and break their order. Raises ``KafkaError``, and
    ``Refused`` (``kafka.topics``) for an events topic that forgets."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","))
    try:
        present = set(admin.list_topics())
        if topics.events in present:
            _require_kept_for_ever(admin, topics.events)
        replicas = min(MOST_REPLICAS, len(admin.describe_cluster()["brokers"]))
        wanted = _specifications(topics, partitions, replicas)
        made = [name for name in wanted if name not in present]
        for name in made:
            try:
                admin.create_topics({name: wanted[name]})
            except TopicAlreadyExistsError:  # another process has just done so
                continue
            log.info("created topic %s", name)
        admin.wait_for_topics(list(wanted))
        return made
    finally:
        admin.close()


def described(bootstrap: str, topics: Topics) -> tuple[int, list[str]]:
    """How many brokers there are, and which topics are missing. Raises ``Refused``
    (``kafka.unavailable``, ``kafka.topics``)."""
    try:
        with KafkaAdminClient(bootstrap_servers=bootstrap.split(",")) as admin:
            present = set(admin.list_topics())
            if topics.events in present:
                _require_kept_for_ever(admin, topics.events)
            brokers = len(admin.describe_cluster()["brokers"])
    except KafkaError as error:
        raise Refused("kafka.unavailable", f"Kafka at {bootstrap} fails: {error}") from error
    return brokers, [name for name in topics.all() if name not in present]


def _specifications(topics: Topics, partitions: int, replicas: int) -> dict[str, dict[str, Any]]:
    # Of three brokers one may be down while events are still taken, on two disks at least.
    durable = {"min.insync.replicas": str(max(1, replicas - 1))}
    for_ever = {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "max.message.bytes": str(LARGEST_MESSAGE),
        # An event that a clock ahead has stamped is an event all the same.
        "message.timestamp.after.max.ms": str(ANY_TIME),
    }
    # Only closed segments are compacted.
    compacted = {
        "cleanup.policy": "compact",
        "segment.bytes": str(16 << 20),
        "segment.ms": str(DAY_MS),
    }
    one_day = {"cleanup.policy": "delete", "retention.ms": str(DAY_MS)}
    return {
        name: {"num_partitions": count, "replication_factor": replicas, "configs": durable | kept}
        for name, count, kept in (
            (topics.events, partitions, for_ever),
            (topics.relay, 1, compacted),
            (topics.applied, 1, one_day),
        )
    }


def _require_kept_for_ever(admin: KafkaAdminClient, name: str) -> None:
    found = topic_settings(admin, name)
    if found["cleanup.policy"] != "delete" or {found["retention.ms"], found["retention.bytes"]} != {
        "-1"
    }:
        raise Refused(
            "kafka.topics",
            f"the topic {name} forgets events (cleanup.policy={found['cleanup.policy']}, "
            f"retention.ms={found['retention.ms']}, retention.bytes={found['retention.bytes']}): "
            "set delete, -1 and -1",
        )


def topic_settings(admin: KafkaAdminClient, name: str) -> dict[str, str]:
    """All that holds for a topic, also what its brokers lay down. Raises ``KafkaError``."""
    asked = [ConfigResource(ConfigResourceType.TOPIC, name)]
    found = admin.describe_configs(asked, config_filter="all")["topic"][name]
    return {setting: each["value"] for setting, each in found.items()}
