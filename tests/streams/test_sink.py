"""A line brings every event of its partition into the tables once, in order, whatever happens."""

from contextlib import ExitStack
from random import Random
from typing import Any
from zlib import crc32

import pytest

from projections.catalogue import PROJECTIONS
from streams.ports import RawEvent, TablesUnavailable
from streams.progress import Applied
from streams.sink import Line
from tests.support.lines import TOPIC, City, messages
from tests.support.lives import Lives
from tests.support.memory_log import MemoryLog, unavailable

PARTITIONS = 3


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    return Lives(seed=1).until(600)


def partition_of(event: RawEvent) -> int:
    return crc32(event[1].encode()) % PARTITIONS


def whole(log: MemoryLog) -> dict[str, list[Any]]:
    with ExitStack() as opened:
        city = City(log, opened)
        city.take_in(messages(log.events))
        return city.shown()


def test_it_waits_for_more_only_while_more_comes(log: MemoryLog, opened: ExitStack) -> None:
    city = City(log, opened, rows=100)
    line = city.line()
    assert not line.due(0.0, quiet=True)
    line.take(messages(log.events[:5]), 10.0)
    assert line.due(10.0, quiet=True)
    assert not line.due(10.9, quiet=False)
    assert line.due(11.0, quiet=False)
    line.take(messages(log.events[5:100], 5), 10.1)
    assert line.due(10.1, quiet=False)
    assert city.write(line, 10.1) == Applied(0, 99, 1, 100, 100)
    assert not line.due(12.0, quiet=True)


def test_no_batch_is_larger_than_it_may_be(log: MemoryLog, opened: ExitStack) -> None:
    city = City(log, opened, rows=40)
    line = city.line()
    line.take(messages(log.events[:100]), 0.0)
    assert line.full
    applied = []
    while line.due(1.0, quiet=True):
        applied.append(city.write(line, 1.0))
    assert [each.events for each in applied if each] == [40, 40, 20]


@pytest.mark.parametrize("seed", range(3))
def test_lines_of_several_partitions_come_to_the_same_tables(log: MemoryLog, seed: int) -> None:
    with ExitStack() as opened:
        city, random = City(log, opened), Random(seed)
        order = list(range(PARTITIONS))
        random.shuffle(order)
        for partition in order:
            mine = [event for event in log.events if partition_of(event) == partition]
            city.take_in(messages(mine), partition)
        assert city.shown() == whole(log)


@pytest.mark.parametrize("seed", range(6))
def test_killed_anywhere_it_goes_on_where_the_tables_are(log: MemoryLog, seed: int) -> None:
    """The process dies at an insert or before its place is noted; the next one cuts elsewhere."""
    with ExitStack() as opened:
        random, all_messages = Random(seed), messages(log.events)
        city, deaths = City(log, opened, rows=random.choice((7, 40))), 0
        while (line := city.line()).next_offset < len(all_messages):
            table = random.choice([p.table for p in PROJECTIONS])
            if random.random() < 0.6:
                city.tables.trouble = unavailable(table, random.choice(("before", "after")))
            city.book.lost = random.random() < 0.2
            line.take(all_messages[line.next_offset :][: random.randrange(1, 60)], 0.0)
            deaths += city.write(line, 0.0) is None
            city.tables.trouble, city.book.lost = (lambda *point: None), False
        assert deaths > 3
        assert city.shown() == whole(log)


def test_an_outage_is_survived_with_the_same_batch(log: MemoryLog, opened: ExitStack) -> None:
    city = City(log, opened)
    line, tokens = city.line(), set[str]()
    line.take(messages(log.events[:100]), 0.0)
    insert = city.tables.insert

    def outage(projection: Any, rows: Any, token: str) -> None:
        tokens.add(token.partition(":")[2])
        raise TablesUnavailable("ClickHouse is down")

    city.tables.insert = outage  # type: ignore[method-assign]
    now, attempts = 0.0, 0
    while now < 60.0:
        if line.due(now, quiet=True):
            assert city.write(line, now) is None
            attempts += 1
        line.take(messages(log.events[100 + int(now) :][:1], 100 + int(now)), now)
        now += 1.0
    assert line.problem == "ClickHouse is down"
    assert 8 < attempts < 25  # with growing pauses
    assert tokens == {f"{TOPIC}/0/0-39"}
    city.tables.insert = insert  # type: ignore[method-assign]
    while line.due(now, quiet=True):
        city.write(line, now)
        now += 5.0
    assert (line.problem, line.next_offset) == ("", 160)


def test_who_may_have_lost_the_partition_writes_nothing(log: MemoryLog, opened: ExitStack) -> None:
    city = City(log, opened)
    line = city.line()
    line.take(messages(log.events[:40]), 0.0)
    city.ours = False
    assert city.write(line, 0.0) is None
    assert city.tables.inserts == []
    assert city.book.noted == {}
    city.ours = True
    assert city.write(line, 1.0) is not None


def test_a_gap_in_a_stream_stops_this_line_until_it_is_mended(
    log: MemoryLog, opened: ExitStack
) -> None:
    city = City(log, opened)
    lost = next(e for e in log.events[50:] if e[1].startswith("case-") and e[2] == 2)
    line = city.line()
    line.take(messages([event for event in log.events if event is not lost]), 0.0)
    now = 0.0
    while line.due(now, quiet=True) and city.write(line, now) is not None:
        now += 1.0
    assert f"know 1 events of {lost[1]} and now get number 3: rebuild them" in line.problem
    assert city.box.all() == []


def test_repeated_messages_change_nothing(log: MemoryLog, opened: ExitStack) -> None:
    city = City(log, opened)
    twice = [*log.events[:300], *log.events[200:300], *log.events[290:]]
    city.take_in(messages(twice))
    assert city.shown() == whole(log)


def test_a_row_that_no_table_can_hold_is_found_and_parked(
    log: MemoryLog, opened: ExitStack
) -> None:
    city = City(log, opened)
    bad = next(e for e in log.events[100:] if e[1].startswith("inspection-"))
    city.cannot_hold("inspections", bad[0])
    city.take_in(messages(log.events))
    parked, *held = city.box.all()
    assert (parked.position, parked.reason) == (bad[0], "a row does not fit its table")
    assert {each.stream_id for each in held} <= {bad[1]}
    assert city.shown()["cases"] == whole(log)["cases"]


def test_the_oldest_message_says_how_late_it_is(log: MemoryLog, opened: ExitStack) -> None:
    line = City(log, opened).line()
    assert line.oldest is None
    line.take([each._replace(at=5.0 + each.offset) for each in messages(log.events[:3])], 0.0)
    assert (line.oldest, line.waiting) == (5.0, 3)


def resting(city: City, line: Line, now: float, name: str) -> bool:
    city.book.wanted = name
    return line.rests(now)


def test_a_line_asks_before_it_writes_and_rests_when_it_is_asked_to(
    log: MemoryLog, opened: ExitStack
) -> None:
    city = City(log, opened)
    line = city.line()
    assert line.resting  # it has not asked yet
    assert not resting(city, line, 10.0, "")
    assert not resting(city, line, 10.5, "a rest")  # it asks every second
    assert resting(city, line, 11.0, "a rest")
    assert city.book.rests == [(0, "a rest")]
    assert resting(city, line, 11.1, "")
    assert not resting(city, line, 11.5, "")
    assert city.book.rests == [(0, "a rest")]


def test_a_line_that_cannot_ask_goes_on_as_it_was(log: MemoryLog, opened: ExitStack) -> None:
    city = City(log, opened)
    line = city.line()
    city.book.lost = True
    assert resting(city, line, 1.0, "a rest"), "it has never asked, and others may be at work"
    city.book.lost = False
    assert not resting(city, line, 2.0, "")
    city.book.lost = True
    assert not resting(city, line, 4.0, "a rest")
    assert city.book.rests == []


def test_a_line_whose_partition_is_lost_does_not_say_that_it_rests(
    log: MemoryLog, opened: ExitStack
) -> None:
    city = City(log, opened)
    line = city.line()
    assert not resting(city, line, 1.0, "")
    city.ours = False
    assert not resting(city, line, 3.0, "a rest")
    assert city.book.rests == []


def test_after_a_rest_the_tables_are_read_anew(log: MemoryLog, opened: ExitStack) -> None:
    """They are others now, and hold more than the line has taken in."""
    city = City(log, opened, rows=100)
    line = city.line()
    line.take(messages(log.events), 0.0)
    while line.next_offset < 200:
        assert city.write(line, 0.0) is not None
    assert resting(city, line, 10.0, "a rest")
    ahead = City(log, opened, rows=100)
    ahead.take_in(messages(log.events[:400]))
    city.tables.become(ahead.tables)
    assert not resting(city, line, 20.0, "")
    while line.due(20.0, quiet=True):
        assert city.write(line, 20.0) is not None, line.problem
    assert city.shown() == whole(log)


def test_batches_are_smaller_while_writing_is_slow(log: MemoryLog, opened: ExitStack) -> None:
    city = City(log, opened, rows=200)
    line = city.line()
    line.take(messages(log.events[:600]), 0.0)
    sizes = []
    for took in (4.0, 2.0, 0.1, 4.0):
        applied = city.write(line, 0.0)
        assert applied is not None
        sizes.append(applied.events)
        line.pace(took)
    assert sizes == [200, 100, 100, 200]


def test_after_a_rest_a_place_that_was_lost_with_the_tables_is_noted_again(
    log: MemoryLog, opened: ExitStack
) -> None:
    city = City(log, opened)
    line = city.take_in(messages(log.events[:30]))
    noted = dict(city.book.noted)
    assert resting(city, line, 10.0, "a rest")
    city.book.noted.clear()
    assert not resting(city, line, 20.0, "")
    assert city.book.noted == noted
