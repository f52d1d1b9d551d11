"""Where the relay stands, as the newest committed record of its topic says."""

import time

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError

from domain.errors import Refused
from infra.kafka.topics import Topics
from streams.relay import Place

READ_SECONDS = 15.0
POLL_MS = 500
TAIL = 64  # offsets; the end of every transaction takes one too


def last_place(bootstrap: str, topics: Topics) -> Place | None:
    """Counts only after an open transaction of a predecessor has been ended. Raises
    ``KafkaError``, and ``Refused`` (``relay.place``) for a record of somebody else."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
    try:
        partition = TopicPartition(topics.relay, 0)
        consumer.assign([partition])
        first = consumer.beginning_offsets([partition])[partition]
        end = consumer.end_offsets([partition])[partition]
        tail = TAIL
        while True:
            start = max(first, end - tail)
            newest = _newest(consumer, partition, start, end)
            if newest is not None:
                return _place(newest, topics)
            if start == first:
                return None
            tail *= 16  # the rest were transactions that were undone
    finally:
        consumer.close()


def _newest(
    consumer: KafkaConsumer, partition: TopicPartition, start: int, end: int
) -> bytes | None:
    consumer.seek(partition, start)
    newest, deadline = None, time.monotonic() + READ_SECONDS
    while consumer.position(partition) < end:
        if time.monotonic() > deadline:
            raise KafkaTimeoutError(f"{partition.topic} cannot be read up to its end")
        for record in consumer.poll(timeout_ms=POLL_MS).get(partition, ()):
            newest = record.value
    return newest


def _place(value: bytes, topics: Topics) -> Place:
    try:
        return msgspec.json.decode(value, type=Place)
    except msgspec.MsgspecError as error:
        raise Refused(
            "relay.place", f"{topics.relay} holds a record that is not the relay's: {error}"
        ) from error
