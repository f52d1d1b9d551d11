"""Lines that write together: fewer inserts, the same tables, and none suffers for another."""

from collections.abc import Sequence
from contextlib import ExitStack
from random import Random
from typing import Any

import pytest

from projections.catalogue import PROJECTIONS
from streams.ports import RawEvent, TablesUnavailable
from streams.rounds import Round
from streams.sink import Line
from tests.streams.test_sink import PARTITIONS, partition_of, whole
from tests.support.lines import City, messages
from tests.support.lives import Lives
from tests.support.memory_log import MemoryLog, MemoryTables, unavailable


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    return Lives(seed=2).until(600)


def parted(events: Sequence[RawEvent]) -> list[list[RawEvent]]:
    return [[e for e in events if partition_of(e) == number] for number in range(PARTITIONS)]


def fed(city: City, events: Sequence[RawEvent]) -> list[Line]:
    """A line for each partition, with all that its topic holds and the tables do not."""
    lines = [city.line(partition) for partition in range(PARTITIONS)]
    for line, mine in zip(lines, parted(events), strict=True):
        line.take(messages(mine)[line.next_offset :], 0.0)
    return lines


def together(city: City, lines: Sequence[Line]) -> Round:
    return Round(lines, city.writing, city.book, city.require)


def write_all(city: City, lines: Sequence[Line], now: float = 1.0) -> None:
    while ready := [line for line in lines if line.ready(now)]:
        assert together(city, ready).attempt(now) is not None


def test_there_is_one_insert_into_a_table_for_all(log: MemoryLog, opened: ExitStack) -> None:
    city = City(log, opened)
    write_all(city, fed(city, log.events[:60]))
    assert len(city.tables.inserts) == len(set(city.tables.inserts)) > 4
    assert {source.partition for source in city.book.noted} == set(range(PARTITIONS))


def test_an_outage_is_survived_with_the_same_rows_under_the_same_token(
    log: MemoryLog, opened: ExitStack
) -> None:
    city = City(log, opened)
    lines, tokens, insert = fed(city, log.events[:90]), list[str](), MemoryTables.insert

    def noting(projection: Any, rows: Any, token: str) -> None:
        tokens.append(token)
        insert(city.tables, projection, rows, token)
        if len(tokens) == 3:
            raise TablesUnavailable("the answer was lost")

    city.tables.insert = noting  # type: ignore[method-assign]
    round_ = together(city, lines)
    assert round_.attempt(0.0) is None
    assert {line.problem for line in lines} == {"the answer was lost"}
    assert [line.rests(0.0) for line in lines] == [False] * PARTITIONS
    assert not round_.ready(0.0)
    assert round_.ready(1.0)
    done = round_.attempt(1.0)
    assert done is not None
    assert sorted(each.partition for each in done) == list(range(PARTITIONS))
    assert len({token.partition(":")[2] for token in tokens}) == 1


@pytest.mark.parametrize("seed", range(6))
def test_killed_anywhere_the_tables_come_out_the_same(log: MemoryLog, seed: int) -> None:
    with ExitStack() as opened:
        random, lengths = Random(seed), [len(mine) for mine in parted(log.events)]
        city, deaths = City(log, opened, rows=random.choice((7, 40))), 0
        while True:
            lines = fed(city, log.events)
            if [line.next_offset for line in lines] == lengths:
                break
            for _ in range(random.randrange(1, 4)):
                ready = [line for line in lines if line.ready(0.0) and random.random() < 0.7]
                if random.random() < 0.4:
                    table = random.choice([p.table for p in PROJECTIONS])
                    when = random.choice(("before", "after"))
                    city.tables.trouble = unavailable(table, when)
                city.book.lost = random.random() < 0.2
                deaths += together(city, ready).attempt(0.0) is None
                city.tables.trouble, city.book.lost = (lambda *point: None), False
        assert deaths > 3
        assert city.shown() == whole(log)


def test_a_line_with_a_gap_keeps_nobody_else_waiting(log: MemoryLog, opened: ExitStack) -> None:
    city = City(log, opened)
    lines = [city.line(partition) for partition in range(PARTITIONS)]
    parts = parted(log.events[:300])
    later = {event[1] for event in parts[0] if event[2] == 2}
    gone = next(number for number, event in enumerate(parts[0]) if event[1] in later)
    for line, mine in zip(lines, parts, strict=True):
        kept = mine[:gone] + mine[gone + 1 :] if line.source.partition == 0 else mine
        line.take(messages(kept), 0.0)
    done = together(city, lines).attempt(0.0)
    assert done is not None
    assert [each.partition for each in done] == [1, 2]
    assert "rebuild them" in lines[0].problem


def test_a_row_that_no_table_can_hold_is_found_by_its_own_line(
    log: MemoryLog, opened: ExitStack
) -> None:
    city = City(log, opened)
    bad = next(e for e in log.events[100:] if e[1].startswith("inspection-"))
    city.cannot_hold("events", bad[0])
    write_all(city, fed(city, log.events))
    parked, *held = city.box.all()
    assert (parked.position, parked.reason) == (bad[0], "a row does not fit its table")
    assert {each.stream_id for each in held} <= {bad[1]}
    assert city.shown()["cases"] == whole(log)["cases"]


def test_what_is_parked_is_counted_once_when_its_place_could_not_be_noted(
    log: MemoryLog, opened: ExitStack
) -> None:
    city = City(log, opened)
    line = city.line()
    broken = messages(log.events[:20])
    broken[4] = broken[4]._replace(headers=())
    line.take(broken, 0.0)
    city.book.lost = True
    round_ = together(city, [line])
    assert round_.attempt(0.0) is None
    city.book.lost = False
    assert round_.attempt(5.0) is not None
    assert line.intake.parked == len(city.box.all()) == 1
    assert city.box.all()[0].state == "parked"
