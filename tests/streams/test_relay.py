"""A relay that meets trouble asks again where it stands, and never goes on from memory."""

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from domain.cases.events import CaseFiled
from domain.errors import Refused
from streams import relay as relaying
from streams.records import Record
from streams.relay import Place, PublishingUnavailable, Relay, Superseded
from tests.support.memory_log import MemoryLog

MOMENT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class NamedLog(MemoryLog):
    """``streams.relay.Source``; raises the refusals it is given, one at each reading."""

    def __init__(self, events: int) -> None:
        super().__init__()
        self.refusals: list[Refused] = []
        for number in range(events):
            self.append(f"case-{number % 3}", CaseFiled(standard="x"), MOMENT)

    def store_id(self) -> str:
        return "store"

    def epoch(self) -> str:
        return "second"

    def wait(self, after: int, timeout: float) -> bool:
        if self.refusals:
            raise self.refusals.pop()
        return super().wait(after, 0)


class MemoryTopic:
    """``streams.relay.Publishing``; raises the troubles it is given after or before it writes."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.place: Place | None = None
        self.taken_over = 0
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.closed = False

    def take_over(self) -> Place | None:
        self.taken_over += 1
        return self.place

    def publish(self, records: Sequence[Record], place: Place) -> None:
        if self.before:
            raise self.before.pop()
        self.records += records
        self.place = place
        if self.after:
            raise self.after.pop()

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaying, "SHORTEST_PAUSE", 0.001)
    monkeypatch.setattr(relaying, "LONGEST_PAUSE", 0.001)


def run_to_the_end(relay: Relay, log: NamedLog) -> None:
    stopping = threading.Event()
    thread = threading.Thread(target=relay.run, args=(stopping,))
    thread.start()
    for _ in range(2000):
        if relay.position == log.last_position() and not relay.problem:
            break
        thread.join(0.005)
    stopping.set()
    thread.join()
    assert relay.position == log.last_position()


def positions(topic: MemoryTopic) -> list[bytes]:
    return [dict(record.headers)["duban_position"] for record in topic.records]


def test_everything_is_carried_in_batches_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaying, "BATCH", 4)
    log, topic = NamedLog(10), MemoryTopic()
    relay = Relay(log, topic)
    run_to_the_end(relay, log)
    assert positions(topic) == [b"%d" % n for n in range(1, 11)]
    assert topic.place is not None
    assert (topic.place.store_id, topic.place.epoch, topic.place.position) == (
        "store", "second", 10
    )  # fmt: skip
    assert (relay.published, relay.problem, topic.closed) == (10, "stopped", True)


def test_a_batch_that_was_not_written_is_written_later(caplog: pytest.LogCaptureFixture) -> None:
    log, topic = NamedLog(5), MemoryTopic()
    topic.before = [PublishingUnavailable("Kafka is away") for _ in range(3)]
    with caplog.at_level(logging.WARNING, "duban.relay"):
        run_to_the_end(Relay(log, topic), log)
    assert positions(topic) == [b"1", b"2", b"3", b"4", b"5"]
    assert topic.taken_over == 4


def test_a_batch_whose_answer_was_lost_is_not_written_twice() -> None:
    log, topic = NamedLog(5), MemoryTopic()
    topic.after = [PublishingUnavailable("the answer was lost")]
    run_to_the_end(Relay(log, topic), log)
    assert positions(topic) == [b"1", b"2", b"3", b"4", b"5"]


def test_a_store_that_is_away_for_a_moment_is_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log, topic = NamedLog(5), MemoryTopic()
    log.refusals = [Refused("store.unavailable", "PostgreSQL is away") for _ in range(3)]
    with caplog.at_level(logging.WARNING, "duban.relay"):
        run_to_the_end(Relay(log, topic), log)
    assert len(topic.records) == 5
    assert "waiting: PostgreSQL is away" in caplog.messages


def test_trouble_that_goes_on_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    log, topic = NamedLog(1), MemoryTopic()
    relay, tries = Relay(log, topic), 5

    def unreachable() -> Place | None:
        nonlocal tries
        tries -= 1
        if tries:
            raise PublishingUnavailable("no broker answers")
        return None

    topic.take_over = unreachable  # type: ignore[method-assign]
    with caplog.at_level(logging.WARNING, "duban.relay"):
        run_to_the_end(relay, log)
    assert caplog.messages == ["waiting: no broker answers"]


@pytest.mark.parametrize(
    "fatal", [Superseded("another has taken over"), Refused("relay.too_large", "too large")]
)
def test_what_no_second_try_cures_ends_the_relay(fatal: Exception) -> None:
    log, topic = NamedLog(1), MemoryTopic()
    topic.before = [fatal]
    with pytest.raises(type(fatal)):
        Relay(log, topic).run(threading.Event())
    assert topic.closed
    assert not topic.records
