"""A consumer in the sinks' group, and who is told which partitions come and go."""

from collections.abc import Callable, Iterable

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition

from infra.kafka.creating import LARGEST_MESSAGE
from infra.kafka.topics import Topics

HEARTBEAT_SECONDS = 2.0
RECORDS = 10_000
FETCH_BYTES = 8 << 20

Told = Callable[[Iterable[TopicPartition]], None]


def heartbeat(session: float) -> float:
    """Seconds between two signs of life."""
    return min(HEARTBEAT_SECONDS, session / 4)


def member(bootstrap: str, topics: Topics, session: float) -> KafkaConsumer:
    """One that is to ``join``; without a sign of life for ``session`` seconds it is out again."""
    return KafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        group_id=topics.group("sink"),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",  # until the line has said where to begin
        session_timeout_ms=int(session * 1000),
        heartbeat_interval_ms=int(heartbeat(session) * 1000),
        max_poll_records=RECORDS,
        max_partition_fetch_bytes=max(FETCH_BYTES, LARGEST_MESSAGE),
        allow_auto_create_topics=False,  # the relay knows how many partitions it has
        metadata_max_age_ms=5_000,  # so soon it is noticed that the relay has made it
        reconnect_backoff_max_ms=1000,
        metrics_enabled=False,
    )


def join(consumer: KafkaConsumer, topics: Topics, given: Told, taken: Told) -> None:
    """``given`` and ``taken`` are called while the consumer polls."""
    # What metadata set off is forgotten when the poll that began to join again ends too soon:
    # kafka-python 3.0.12 lacks what KAFKA-9815 mended in Kafka's own client.
    joins_again = consumer._coordinator.request_rejoin
    consumer.subscribe([topics.events], listener=_Listener(given, taken, joins_again))


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # has no types
    def __init__(self, given: Told, taken: Told, joins_again: Callable[[], None]) -> None:
        self._given, self._taken, self._joins_again = given, taken, joins_again

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._given(assigned)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._joins_again()
        self._taken(revoked)

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self._taken(lost)
