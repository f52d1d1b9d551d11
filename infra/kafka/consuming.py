"""Runs the lines of a sink over the partitions that Kafka's group gives to this process."""

import logging
import threading
import time
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from domain.errors import Refused
from infra.kafka.checking import answers
from infra.kafka.joining import heartbeat, join, member
from infra.kafka.lease import Lease, steady
from infra.kafka.topics import Topics
from streams.dead_letters import Source
from streams.progress import Applied, Message, ProgressBook
from streams.rounds import Round
from streams.sink import Line
from streams.writing import Writing

# Who is not heard of for so long has lost its partitions, and others go on with them.
SESSION_SECONDS = 10.0
POLL_SECONDS = 0.2
LOOK_SECONDS = 1.0
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
    @property
    def book(self) -> ProgressBook: ...

    def __call__(self, source: Source, require: Callable[[], None], /) -> Line: ...

    def writing(self, require: Callable[[], None], /) -> Writing: ...


class KafkaSink:
    """``run`` it in one thread; the figures and ``problem`` may be read from others."""

    def __init__(
        self, bootstrap: str, topics: Topics, maker: LineMaker,
        session: float = SESSION_SECONDS,
    ) -> None:  # fmt: skip
        self._bootstrap, self._topics, self._maker = bootstrap, topics, maker
        self._session = session
        self._lease = Lease(session - heartbeat(session) - session / 10)
        self._writing = maker.writing(self._lease.require)
        self._lines: dict[TopicPartition, Line] = {}
        self._round: Round | None = None  # what is being written, until it is
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
        consumer, producer = member(self._bootstrap, self._topics, self._session), None
        try:
            producer = self._producer()
            join(consumer, self._topics, self._give, self._take)
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
        now = steady()
        for partition, line in self._lines.items():
            if not line.opened:
                self._open(consumer, partition, line, now)
            elif records := polled.get(partition):
                line.take([_message(record) for record in records], now)
        if self._lease.left > 0:
            for applied in self._write(polled, steady()):
                self._announce(producer, applied)
        for partition, line in self._lines.items():
            if line.opened:
                _hold(consumer, partition, line.full or bool(line.problem and line.waiting))
        self._keep_lease(consumer)
        if steady() - self._looked_at >= LOOK_SECONDS:
            self._look(consumer)

    def _write(self, polled: Container[TopicPartition], now: float) -> list[Applied]:
        able = {p: line for p, line in self._lines.items() if line.opened and not line.rests(now)}
        if self._round is None and any(
            line.due(now, quiet=partition not in polled) for partition, line in able.items()
        ):
            ready = [line for line in able.values() if line.ready(now)]
            self._round = Round(ready, self._writing, self._maker.book, self._lease.require)
        applied: list[Applied] = []
        if self._round is not None and self._round.ready(now):
            applied += self._attempt(self._round, now)
        asked = (line.do_what_is_asked(now) for line in able.values())
        return applied + [each for each in asked if each is not None]

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

    def _attempt(self, together: Round, now: float) -> list[Applied]:
        before = [(line, line.problem, line.intake.parked) for line in together.lines]
        applied = together.attempt(now)
        for line, problem, parked in before:
            line.pace(steady() - now)
            self._tell(line, problem)
            if line.intake.parked > parked:
                log.warning("parked: %s", line.intake.problem, extra=_which(line))
        if applied is None:
            self.retries += 1
            return []
        self._round = None
        self.events += sum(each.events for each in applied)
        self.batches += len(applied)
        if applied:
            self._asked_at = 0.0  # tells Kafka how far it is, for whoever watches the lag
        return applied

    def _tell(self, line: Line, before: str) -> None:
        """Once for as long as it lasts."""
        if line.problem and not before:
            log.warning("trying again: %s", line.problem, extra=_which(line))
        if before and not line.problem:
            log.info("goes on", extra=_which(line))

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
            self._lines[partition] = self._maker(source, self._lease.require)
        self._asked_at = self._looked_at = 0.0

    def _take(self, partitions: Iterable[TopicPartition]) -> None:
        """Whatever these lines have not written is taken in by whoever gets the partitions."""
        self._lease.end()
        self._round = None
        for partition in partitions:
            if (line := self._lines.pop(partition, None)) is not None:
                line.close()

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


def _hold(consumer: KafkaConsumer, partition: TopicPartition, wanted: bool) -> None:
    if wanted != (partition in consumer.paused()):
        (consumer.pause if wanted else consumer.resume)(partition)


def _which(line: Line) -> dict[str, int]:
    return {"partition": line.source.partition}


def _message(record: Any) -> Message:
    return Message(
        record.offset, record.key, record.value, tuple(record.headers), record.timestamp / 1000
    )
