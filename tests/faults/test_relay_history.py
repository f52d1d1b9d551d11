"""A relay carries on where the committed place says, and only for the history it belongs to."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from domain.errors import Refused
from infra.event_store import SqliteEventStore
from infra.kafka.publishing import KafkaPublishing
from infra.kafka.topics import Topics
from infra.kafka_local.cluster import LocalKafka
from streams.records import to_record
from streams.relay import Place, Relay, Superseded
from tests.support.relays import Writer, arrived, file_store, require_each_once

pytestmark = pytest.mark.services

Publisher = Callable[[SqliteEventStore], KafkaPublishing]


@pytest.fixture
def publisher(kafka: LocalKafka, topics: Topics) -> Iterator[Publisher]:
    made: list[KafkaPublishing] = []

    def make(store: SqliteEventStore) -> KafkaPublishing:
        made.append(KafkaPublishing(kafka.bootstrap, topics, 3, store.store_id()))
        return made[-1]

    yield make
    for publishing in made:
        publishing.close()


def carry_all(store: SqliteEventStore, publishing: KafkaPublishing) -> Relay:
    relay = Relay(store, publishing)
    while relay.position < store.last_position() or relay.problem:
        relay.step()
    return relay


def test_a_second_relay_goes_on_where_the_first_one_stopped(
    kafka: LocalKafka, topics: Topics, publisher: Publisher, tmp_path: Path
) -> None:
    with file_store(tmp_path) as store:
        writer = Writer(store)
        writer.write(2_500)
        carry_all(store, publisher(store))
        writer.write(300)
        second = carry_all(store, publisher(store))
        assert second.published == 300
    require_each_once(arrived(kafka.bootstrap, topics), 2_800)


def test_the_first_of_two_relays_is_shut_out(
    kafka: LocalKafka, topics: Topics, publisher: Publisher, tmp_path: Path
) -> None:
    with file_store(tmp_path) as store:
        writer = Writer(store)
        writer.write(10)
        first = carry_all(store, publisher(store))
        carry_all(store, publisher(store))
        writer.write(10)
        with pytest.raises(Superseded):
            first.step()
        carry_all(store, publisher(store))
    require_each_once(arrived(kafka.bootstrap, topics), 20)


def test_what_a_relay_left_half_done_is_undone_by_the_next(
    kafka: LocalKafka, topics: Topics, publisher: Publisher, tmp_path: Path
) -> None:
    with file_store(tmp_path) as store:
        Writer(store).write(50)
        left = publisher(store)
        assert left.take_over() is None
        producer = left._producer
        assert producer is not None
        producer.begin_transaction()
        for event in store.read_raw(0, 50):
            key, value, headers, _ = to_record(event, store.store_id())
            producer.send(topics.events, value, key, headers)
        place = msgspec.json.encode(Place(store.store_id(), "", 50, ""))
        producer.send(topics.relay, place, b"place")
        producer.flush(timeout=10)
        assert carry_all(store, publisher(store)).published == 50
    require_each_once(arrived(kafka.bootstrap, topics), 50)
    everything = arrived(kafka.bootstrap, topics, committed=False)
    assert sum(map(len, everything)) == 100


def test_a_store_that_lost_its_tail_is_refused(
    kafka: LocalKafka, topics: Topics, publisher: Publisher, tmp_path: Path
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    with file_store(before) as store:
        Writer(store).write(40)
    shutil.copytree(before, after)
    with file_store(before) as store:
        Writer(store).write(10)
        carry_all(store, publisher(store))
    with file_store(after) as store:
        with pytest.raises(Refused, match="was restored and has lost") as refused:
            Relay(store, publisher(store)).step()
        assert refused.value.code == "relay.store_restored"
        Writer(store).write(30, said="another history")
        with pytest.raises(Refused, match="up to 50 and the store, now at 70") as refused:
            Relay(store, publisher(store)).step()
        assert refused.value.code == "relay.store_restored"


def test_a_restore_that_lost_nothing_is_no_obstacle(
    kafka: LocalKafka, topics: Topics, publisher: Publisher, tmp_path: Path
) -> None:
    with file_store(tmp_path / "city") as store:
        Writer(store).write(40)
        carry_all(store, publisher(store))
    shutil.copytree(tmp_path / "city", tmp_path / "restored")
    with file_store(tmp_path / "restored") as store:
        relay = Relay(store, publisher(store))
        relay.step()
        assert (relay.position, relay.published) == (40, 0)


def test_topics_of_another_store_are_refused(
    kafka: LocalKafka, topics: Topics, publisher: Publisher, tmp_path: Path
) -> None:
    with file_store(tmp_path / "one") as store:
        Writer(store).write(1)
        carry_all(store, publisher(store))
    with file_store(tmp_path / "two") as store:
        with pytest.raises(Refused) as refused:
            Relay(store, publisher(store)).step()
        assert refused.value.code == "relay.other_store"


def test_an_event_too_large_for_kafka_is_named_and_ends_the_relay(
    kafka: LocalKafka, topics: Topics, publisher: Publisher, tmp_path: Path
) -> None:
    with file_store(tmp_path) as store:
        writer = Writer(store)
        writer.write(1, said="a megabyte or two " * 120_000)
        carry_all(store, publisher(store))
        writer.write(1, said="more than sixteen" * 1_000_000)
        with closing(publisher(store)) as publishing, pytest.raises(Refused) as refused:
            Relay(store, publishing).step()
        assert refused.value.code == "relay.too_large"
    require_each_once(arrived(kafka.bootstrap, topics), 1)
