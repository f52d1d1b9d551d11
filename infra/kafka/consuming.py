"""Runs the lines of a sink over the partitions that Kafka's group gives to this process."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec
from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from domain.errors import Refused
from infra.kafka.checking import answers
from infra.kafka.creating import LARGEST_MESSAGE
from infra.kafka.lease import Lease, steady
from infra.kafka.topics import Topics
from streams.dead_letters import Source
from streams.sink import Applied, Line, Message

# Who is not heard of for so long has lost its partitions, and others go on with them.
SESSION_SECONDS = 10.0
HEARTBEAT_SECONDS = 2.0
POLL_SECONDS = 0.2
RECORDS = 10_000
FETCH_BYTES = 8 << 20
LOOK_SECONDS = 1.0
LONG_SECONDS = 0.5
PAUSE_SECONDS = 1.0
CLOSE_SECONDS = 2.0

log = logging.getLogger("duban.sink")


class Look(NamedTuple):
    """How a partition stands; ``behind`` counts offsets, ``late`` seconds."""

    partition: int
    behind: int
    late: float
    parked: int
    problem: str


class LineMaker(Protocol):
    def __call__(self, source: Source, require: Callable[[], None], /) -> Line: ...


class KafkaSink:
    """``run`` it in one thread; the figures and ``problem`` may be read from others."""

    def __init__(
        self, bootstrap: str, topics: Topics, make_line: LineMaker,
        session: float = SESSION_SECONDS,
    ) -> None:  # fmt: skip
        self._bootstrap, self._topics, self._make_line = bootstrap, topics, make_line
        self._session = session
        self._heartbeat = min(HEARTBEAT_SECONDS, session / 4)
        self._lease = Lease(session - self._heartbeat - session / 10)
        self._lines: dict[TopicPartition, Line] = {}
        self._asked_at = self._looked_at = 0.0
        self.looks: Mapping[int, Look] = {}
        self.problem = "not started"
        self.events = self.batches = self.retries = 0

    def run(self, stopping: threading.Event) -> None:
        """Until ``stopping``. Raises ``Refused`` (``sink.offsets``)."""
        while not stopping.is_set():
            try:
                self._consume(stopping)
            except KafkaError as error:
                self._say(f"Kafka: {str(error) or type(error).__name__}")
                stopping.wait(PAUSE_SECONDS)

    def _consume(self, stopping: threading.Event) -> None:
        if not answers(self._bootstrap):
            self._say(f"no Kafka broker answers at {self._bootstrap}")
            stopping.wait(PAUSE_SECONDS)
            return
        consumer, producer = self._consumer(), None
        try:
            producer = self._producer()
            # What metadata set off is forgotten when the poll that began to join again ends too
            # soon: kafka-python 3.0.12 lacks what KAFKA-9815 mended in Kafka's own client.
            listener = _Listener(self._give, self._take, consumer._coordinator.request_rejoin)
            consumer.subscribe([self._topics.events], listener=listener)
            while not stopping.is_set():
                self._step(consumer, producer)
        finally:
            consumer.close(autocommit=False, timeout_ms=int(CLOSE_SECONDS * 1000))
            if producer is not None:
                producer.close(timeout=CLOSE_SECONDS)
            self._take(list(self._lines))

    def _step(self, consumer: KafkaConsumer, producer: KafkaProducer) -> None:
        sure = self._lease.left > 0
        waits = sure and any(
            line.waiting and not line.problem and not line.resting for line in self._lines.values()
        )
        polled = consumer.poll(timeout_ms=0 if waits else int(POLL_SECONDS * 1000))
        # Whichever has waited longest comes first, and one that takes long is the last until it is
        # clear that the others are still ours.
        begun = steady()
        for partition, line in sorted(self._lines.items(), key=lambda each: each[1].tried_at):
            now = steady()
            if not line.opened:
                self._open(consumer, partition, line, now)
                continue
            if records := polled.get(partition):
                line.take([_message(record) for record in records], now)
            applied = None
            if self._lease.left > 0 and now - begun < LONG_SECONDS and not line.rests(now):
                if line.due(now, quiet=partition not in polled):
                    applied = self._flush(line, now)
                applied = applied or line.do_what_is_asked(now)
            if applied is not None:
                self._announce(producer, applied)
            _hold(consumer, partition, line.full or bool(line.problem and line.waiting))
        self._keep_lease(consumer)
        if steady() - self._looked_at >= LOOK_SECONDS:
            self._look(consumer)

    def _open(
        self, consumer: KafkaConsumer, partition: TopicPartition, line: Line, now: float
    ) -> None:
        _hold(consumer, partition, True)
        before = line.problem
        if not line.open(now):
            self._tell(line, before)
            return
        first = consumer.beginning_offsets([partition])[partition]
        end = consumer.end_offsets([partition])[partition]
        if not first <= line.next_offset <= end:
            raise Refused(
                "sink.offsets",
                f"the tables need {partition.topic}/{partition.partition} from offset "
                f"{line.next_offset} on, and it holds {first} to {end}: it was made anew or has "
                "forgotten events. Rebuild the tables from the event store",
            )
        consumer.seek(partition, line.next_offset)
        _hold(consumer, partition, False)
        log.info(
            "taking events in",
            extra={"partition": partition.partition, "offset": line.next_offset},
        )

    def _flush(self, line: Line, now: float) -> Applied | None:
        before, parked = line.problem, line.intake.parked
        applied = line.flush(now)
        line.pace(steady() - now)
        if applied is None:
            self.retries += 1
            self._tell(line, before)
            return None
        self.events += applied.events
        self.batches += 1
        self._asked_at = 0.0  # tells Kafka how far it is, for whoever watches the lag
        if before:
            log.info("goes on", extra={"partition": line.source.partition})
        if line.intake.parked > parked:
            log.warning("parked: %s", line.intake.problem, extra={"position": applied.last})
        return applied

    def _tell(self, line: Line, before: str) -> None:
        """Once for as long as it lasts."""
        if line.problem and not before:
            extra = {"partition": line.source.partition}
            log.warning("trying again: %s", line.problem, extra=extra)

    def _announce(self, producer: KafkaProducer, applied: Applied) -> None:
        """Nothing depends on it but how soon boards move."""
        told = msgspec.json.encode({**applied._asdict(), "at": time.time()})
        try:
            producer.send(self._topics.applied, told, partition=0)
        except KafkaError as error:
            log.warning("not announced: %s", error)

    def _keep_lease(self, consumer: KafkaConsumer) -> None:
        """Commits, which only a member of the group may; what is committed nobody reads but to
        show the lag: where to go on is noted in the tables."""
        now = steady()
        old = self._lease.left < self._session / 3
        wait = 1.0 if self._asked_at else 0.0
        if not self._lines or now - self._asked_at < (wait if old else self._session / 3):
            return
        offsets = {
            partition: OffsetAndMetadata(line.next_offset, "", -1)
            for partition, line in self._lines.items()
            if line.opened
        }
        if offsets:
            self._asked_at = now
            consumer.commit_async(offsets, lambda _, answer: self._answered(answer, now))

    def _answered(self, answer: object, sent: float) -> None:
        if isinstance(answer, Exception):
            log.info("not committed: %r", answer)
        else:
            self._lease.renew(sent)

    def _look(self, consumer: KafkaConsumer) -> None:
        self._looked_at = steady()
        looks: dict[int, Look] = {}
        for partition, line in self._lines.items():
            end = consumer.highwater(partition) if line.opened else None
            at = consumer.position(partition) if end is not None else None
            behind = line.waiting + (max(0, end - at) if end is not None and at else 0)
            late = 0.0 if line.oldest is None else max(0.0, time.time() - line.oldest)
            number = partition.partition
            looks[number] = Look(number, behind, late, line.intake.parked, line.problem)
        self.looks = looks
        problems = [look.problem for look in looks.values() if look.problem]
        self.problem = problems[0] if problems else ""

    def _say(self, problem: str) -> None:
        if self.problem != problem:
            log.warning("waiting: %s", problem)
        self.problem = problem

    def _give(self, partitions: Iterable[TopicPartition]) -> None:
        for partition in partitions:
            source = Source(partition.topic, partition.partition)
            self._lines[partition] = self._make_line(source, self._lease.require)
        self._asked_at = self._looked_at = 0.0

    def _take(self, partitions: Iterable[TopicPartition]) -> None:
        """Whatever these lines have not written is taken in by whoever gets the partitions."""
        self._lease.end()
        for partition in partitions:
            if (line := self._lines.pop(partition, None)) is not None:
                line.close()

    def _consumer(self) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap.split(","),
            group_id=self._topics.group("sink"),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # until the line has said where to begin
            session_timeout_ms=int(self._session * 1000),
            heartbeat_interval_ms=int(self._heartbeat * 1000),
            max_poll_records=RECORDS,
            max_partition_fetch_bytes=max(FETCH_BYTES, LARGEST_MESSAGE),
            allow_auto_create_topics=False,  # the relay knows how many partitions it has
            metadata_max_age_ms=5_000,  # so soon it is noticed that the relay has made it
            reconnect_backoff_max_ms=1000,
            metrics_enabled=False,
        )

    def _producer(self) -> KafkaProducer:
        return KafkaProducer(
            bootstrap_servers=self._bootstrap.split(","),
            acks=1,
            max_block_ms=1000,
            delivery_timeout_ms=5000,
            request_timeout_ms=3000,
            enable_idempotence=False,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # has no types
    def __init__(
        self,
        give: Callable[[Iterable[TopicPartition]], None],
        take: Callable[[Iterable[TopicPartition]], None],
        join: Callable[[], None],
    ) -> None:
        self._give, self._take, self._join = give, take, join

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._give(assigned)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._join()
        self._take(revoked)

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self._take(lost)


def _hold(consumer: KafkaConsumer, partition: TopicPartition, wanted: bool) -> None:
    if wanted != (partition in consumer.paused()):
        (consumer.pause if wanted else consumer.resume)(partition)


def _message(record: Any) -> Message:
    return Message(
        record.offset, record.key, record.value, tuple(record.headers), record.timestamp / 1000
    )
