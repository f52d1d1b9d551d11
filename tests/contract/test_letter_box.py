"""What every box of dead letters must keep to, whatever holds it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.letters import ClickHouseLetters
from infra.clickhouse.schema import prepare
from infra.clocks import SystemClock
from streams.dead_letters import Letter, LetterBox, Source, Standing
from tests.support.letters import MemoryLetters

HERE, THERE = Source("duban.events.v1", 2), Source("duban.events.v1", 3)


@pytest.fixture(params=["memory", "chdb"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LetterBox]:
    if request.param == "memory":
        yield MemoryLetters()
        return
    with closing(ChdbEngine(tmp_path)) as engine:
        prepare(engine)
        yield ClickHouseLetters(engine, SystemClock())


def letter(offset: int, stream: str = "case-督办", source: Source = HERE) -> Letter:
    return Letter(
        topic=source.topic, partition=source.partition, offset=offset, position=offset * 3,
        stream_id=stream, version=offset, state="parked", reason="it's no 'JSON'\n",
        key=stream.encode(), value=b'{"text": "\xff\x00"}',
        headers=(("ce_type", b"case.filed"), ("raw", b"\x00\xfe")),
    )  # fmt: skip


def test_a_letter_comes_back_whole(box: LetterBox) -> None:
    bare = replace(letter(2), key=None, value=None, headers=())
    box.put([letter(1), bare])
    found = box.of_stream(HERE, "case-督办")
    assert [replace(each, parked_at=None) for each in found] == [letter(1), bare]


def test_the_letters_of_a_source_are_its_own(box: LetterBox) -> None:
    box.put([letter(2), letter(1, "case-b"), letter(1, source=THERE)])
    assert box.standing(HERE) == [
        Standing(1, "case-b", 1, "parked"),
        Standing(2, "case-督办", 2, "parked"),
    ]
    assert [each.offset for each in box.of_stream(THERE, "case-督办")] == [1]
    assert box.standing(Source("duban.events.v1", 4)) == []


def test_putting_a_letter_again_changes_nothing_that_was_done_with_it(box: LetterBox) -> None:
    box.put([letter(1)])
    box.put([letter(1).become("replayed")])
    box.put([letter(1)])
    assert box.standing(HERE) == []


def test_what_is_wanted_is_found_until_it_is_done(box: LetterBox) -> None:
    asked = letter(2).want("replay", "the program is mended")
    box.put([letter(1), letter(2), letter(3)])
    box.put([asked, letter(3).want("discard", "no event of ours")])
    assert [(each.offset, each.wanted, each.note) for each in box.wanted(HERE, 10)] == [
        (2, "replay", "the program is mended"),
        (3, "discard", "no event of ours"),
    ]
    assert [each.offset for each in box.wanted(HERE, 1)] == [2]
    box.put([asked.become("parked", "still no JSON")])
    assert [each.offset for each in box.wanted(HERE, 10)] == [3]


def test_discarded_letters_are_known_for_ever(box: LetterBox) -> None:
    box.put([letter(1)])
    box.put([letter(1).want("discard", "somebody's joke").become("discarded")])
    assert box.standing(HERE) == [Standing(1, "case-督办", 1, "discarded")]
    assert box.of_stream(HERE, "case-督办") == []
