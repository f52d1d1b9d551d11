"""Publishes events in Kafka transactions; ``streams.relay`` says what is promised.

kafka-python 3.0 has two ways of going on after an error that would break the promise, and both are
avoided here. It gives a producer whose epoch is stale a fresh one, which would bring a relay that
was shut out back to life; and a commit during that says it has succeeded although the transaction
is gone. So the producer keeps to the protocol of Kafka 2.4, which knows no such recovery, every
record's own result is looked at after the commit, and a producer that has failed is never used
again.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from kafka import KafkaProducer
from kafka.errors import (
    InvalidProducerEpochError,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerFencedError,
)

from domain.errors import Refused
from infra.kafka.checking import answers
from infra.kafka.creating import LARGEST_MESSAGE, ensure_topics
from infra.kafka.placing import last_place
from infra.kafka.topics import Topics
from streams.records import Record
from streams.relay import Place, PublishingUnavailable, Superseded

WITHOUT_EPOCH_RECOVERY = (2, 4)
# An open transaction holds up every reader; one that its relay has left is ended after this.
TRANSACTION_MS = 20_000
DELIVERY_MS = 15_000
REQUEST_MS = 10_000
BLOCK_MS = 15_000
BATCH_BYTES = 1 << 20
LINGER_MS = 200
CLOSE_SECONDS = 1.0


def transactional_id(store_id: str) -> str:
    """One per store: whoever begins with it shuts out all others."""
    return f"duban.relay.{store_id}"


def transactional_producer(bootstrap: str, identity: str) -> KafkaProducer:
    """Raises ``KafkaError``."""
    return KafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        transactional_id=identity,
        api_version=WITHOUT_EPOCH_RECOVERY,
        transaction_timeout_ms=TRANSACTION_MS,
        delivery_timeout_ms=DELIVERY_MS,
        request_timeout_ms=REQUEST_MS,
        max_block_ms=BLOCK_MS,
        reconnect_backoff_max_ms=1000,
        # Only one batch per partition is under way at a time: let it be the whole transaction's.
        # The commit sends what is there without waiting any longer.
        batch_size=BATCH_BYTES,
        linger_ms=LINGER_MS,
        max_request_size=LARGEST_MESSAGE,
        metrics_enabled=False,
    )


class KafkaPublishing:
    """``streams.relay.Publishing`` for the events of one store."""

    def __init__(self, bootstrap: str, topics: Topics, partitions: int, store_id: str) -> None:
        self._bootstrap = bootstrap
        self._topics = topics
        self._partitions = partitions
        self._store_id = store_id
        self._producer: KafkaProducer | None = None
        self._leaving: list[KafkaProducer] = []

    def take_over(self) -> Place | None:
        self.close()
        if not answers(self._bootstrap):
            raise PublishingUnavailable(f"no Kafka broker answers at {self._bootstrap}")
        try:
            ensure_topics(self._bootstrap, self._topics, self._partitions)
            identity = transactional_id(self._store_id)
            self._producer = transactional_producer(self._bootstrap, identity)
            self._producer.init_transactions()
            return last_place(self._bootstrap, self._topics)
        except KafkaError as error:
            self.close()
            raise _told(error) from error

    def publish(self, records: Sequence[Record], place: Place) -> None:
        producer, sent = self._producer, list[Any]()
        if producer is None:
            raise PublishingUnavailable("nobody has taken over")
        try:
            producer.begin_transaction()
            send, topic = producer.send, self._topics.events
            for key, value, headers, timestamp in records:
                sent.append(send(topic, value, key, headers, None, timestamp))
            sent.append(send(self._topics.relay, msgspec.json.encode(place), b"place"))
            producer.commit_transaction()
        except MessageSizeTooLargeError as error:
            self.close()
            raise Refused("relay.too_large", f"an event is too large for Kafka: {error}") from error
        except KafkaError as error:
            self.close()
            raise _told(error, *(each.exception for each in sent)) from error
        if not all(each.succeeded() for each in sent):
            self.close()
            raise _told(*(each.exception for each in sent))

    def close(self) -> None:
        """A producer that still waits for an answer is closed with the next one."""
        if self._producer is not None:
            self._leaving.append(self._producer)
            self._producer = None
        self._leaving = [producer for producer in self._leaving if not _closed(producer)]


def _closed(producer: KafkaProducer) -> bool:
    try:
        producer.close(timeout=CLOSE_SECONDS)
    except KafkaError:
        return False
    return True


def _told(*errors: BaseException | None) -> PublishingUnavailable | Superseded:
    """What went wrong, in the words of the port; Kafka's client often wraps the reason."""
    known = [error for error in errors if error is not None]
    known += [inner for error in known for inner in error.args if isinstance(inner, KafkaError)]
    for error in known:
        if isinstance(error, ProducerFencedError | InvalidProducerEpochError):
            return Superseded("another relay has taken over, or this one stood still for too long")
    said = known[0] if known else KafkaError("not all records were stored")
    return PublishingUnavailable(f"Kafka: {str(said) or type(said).__name__}")
