"""Lets the sinks rest for a moment, and knows what the tables hold meanwhile."""

import threading
import time
from collections.abc import Iterator, Mapping, Set
from contextlib import closing, contextmanager, suppress
from uuid import uuid4

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from domain.errors import Refused
from infra.clickhouse.engine import Engine
from infra.clickhouse.progress import ClickHouseProgress
from infra.clickhouse.rests import ClickHouseRests
from infra.kafka.checking import answers
from infra.kafka.topics import Topics
from infra.kafka.watching import partitioning
from streams.dead_letters import Source
from streams.ports import RawEvent, TablesUnavailable
from streams.progress import Progress

# Should whoever asked for the rest die, the sinks go on by themselves after so long.
LEASE_SECONDS = 60
RENEW_SECONDS = 15.0
MARGIN_SECONDS = 20  # what is begun under a lease must be done while it lasts
ANSWER_SECONDS = 40.0
POLL_SECONDS = 0.1
GROUP_SECONDS = 2.0
# A group in one of these has given its partitions to nobody but those it names.
SETTLED = frozenset({"Stable", "Empty", "Dead"})


class Stillness:
    """The sinks rest. ``progress`` is where each partition stands, if it stands anywhere."""

    def __init__(
        self, partitions: int, progress: Mapping[int, Progress], rests: ClickHouseRests, topic: str,
        rest: str,
    ) -> None:  # fmt: skip
        self.progress = progress
        self._rests, self._topic, self._rest = rests, topic, rest
        self._partition_of = partitioning(partitions) if partitions else lambda stream: 0

    @property
    def furthest(self) -> int:
        """No event beyond this position is in the tables."""
        return max((each.position for each in self.progress.values()), default=0)

    def holds(self, event: RawEvent) -> bool:
        """Whether the tables hold it."""
        found = self.progress.get(self._partition_of(event[1]))
        return found is not None and event[0] <= found.position

    def require(self, margin: int = MARGIN_SECONDS) -> None:
        """Raises ``Refused`` (``tables.not_still``) unless the sinks surely go on resting for so
        many seconds."""
        if self._rests.asked(self._topic, margin) != self._rest:
            raise Refused(
                "tables.not_still", "the sinks went on meanwhile, because this took too long: again"
            )


class Quieting:
    """``still`` is for one process at a time, which the caller sees to."""

    def __init__(self, engine: Engine, bootstrap: str, topics: Topics) -> None:
        self._bootstrap, self._topics = bootstrap, topics
        self._progress = ClickHouseProgress(engine)
        self._rests = ClickHouseRests(engine)

    @contextmanager
    def still(self) -> Iterator[Stillness]:
        """For as long as the block takes. Raises ``Refused`` (``kafka.unavailable``,
        ``tables.not_still``) if not all sinks answer."""
        topic, rest, done = self._topics.events, uuid4().hex, threading.Event()
        partitions = self._partitions()
        self._rests.ask(topic, rest, LEASE_SECONDS)
        renewing = threading.Thread(target=self._renew, args=(rest, done), name="rest", daemon=True)
        renewing.start()
        try:
            self._wait(partitions, rest)
            found = {p: self._progress.read(Source(topic, p)) for p in partitions}
            known = {p: progress for p, progress in found.items() if progress is not None}
            yield Stillness(len(partitions), known, self._rests, topic, rest)
        finally:
            done.set()
            renewing.join()
            with suppress(TablesUnavailable):  # it is over before long anyway
                self._rests.ask(topic, rest, 0)

    def place_sinks(self, stillness: Stillness, last: RawEvent) -> None:
        """The tables hold everything up to the event ``last``: sinks that do not know where to go
        on, or know a place that the topic does not have, are given one."""
        with closing(self._consumer()) as consumer:
            parts = [TopicPartition(self._topics.events, p) for p in self._partitions()]
            if not parts:
                return
            ends = consumer.end_offsets(parts)
            # Events are recorded in the order of their positions.
            later = consumer.offsets_for_times(dict.fromkeys(parts, last[6] // 1000))
            for part in parts:
                source, known = Source(*part), stillness.progress.get(part.partition)
                if known is not None and known.offset < ends[part]:
                    farther = Progress(known.offset, max(known.position, last[0]))
                    self._progress.note({source: farther})
                    continue
                found = later.get(part)
                first = ends[part] if found is None else found.offset
                if first > 0:
                    self._progress.note({source: Progress(first - 1, last[0])})
                elif known is not None:
                    self._progress.forget(source)

    def _renew(self, rest: str, done: threading.Event) -> None:
        while not done.wait(RENEW_SECONDS):
            try:
                if self._rests.asked(self._topics.events) != rest:
                    return  # once it is over it stays so
                self._rests.ask(self._topics.events, rest, LEASE_SECONDS)
            except TablesUnavailable:
                continue

    def _wait(self, partitions: Set[int], rest: str) -> None:
        """Until every partition's sink has answered or the partition has none: whoever gets it
        next asks before it writes."""
        ends, looked_at = time.monotonic() + ANSWER_SECONDS, time.monotonic()
        left = set(partitions)
        while left := left - self._rests.answered(self._topics.events, rest):
            now = time.monotonic()
            if now > ends:
                raise Refused(
                    "tables.not_still",
                    f"the sink of partition {min(left)} does not answer: see that it runs well. "
                    "The tables stand as they were",
                )
            if now - looked_at > GROUP_SECONDS:
                left, looked_at = left & self._taken(left), now
            time.sleep(POLL_SECONDS)

    def _taken(self, unknown: Set[int]) -> Set[int]:
        """Those partitions that a sink has, or may have."""
        group = self._topics.group("sink")
        try:
            with KafkaAdminClient(bootstrap_servers=self._bootstrap.split(",")) as admin:
                told = admin.describe_groups([group])[group]
        except KafkaError:
            return unknown
        if told["group_state"] not in SETTLED:
            return unknown
        given: set[int] = set()
        for member in told["members"]:
            assigned = member["member_assignment"]
            if not isinstance(assigned, dict):
                return unknown
            for each in assigned["assigned_partitions"]:
                if each["topic"] == self._topics.events:
                    given |= set(each["partitions"])
        return given

    def _partitions(self) -> Set[int]:
        """None: the topic is not there, and no sink has anything to do."""
        if not answers(self._bootstrap):
            raise Refused(
                "kafka.unavailable",
                f"no Kafka broker answers at {self._bootstrap}, through which the sinks are found",
            )
        try:
            with closing(self._consumer()) as consumer:
                return set(consumer.partitions_for_topic(self._topics.events) or ())
        except KafkaError as error:
            raise Refused("kafka.unavailable", f"Kafka: {error}") from error

    def _consumer(self) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap.split(","), enable_auto_commit=False,
            allow_auto_create_topics=False, metrics_enabled=False,
        )  # fmt: skip
