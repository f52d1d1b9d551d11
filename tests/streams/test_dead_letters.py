"""A poison message never stops the line: it is parked, its stream held back, and tried again."""

from contextlib import ExitStack
from typing import Any

import pytest

from domain.errors import Invalid
from projections.catalogue import PROJECTIONS
from streams.dead_letters import Letter, Wanted
from streams.ports import RawEvent
from streams.progress import Message
from tests.support.lines import City, message, messages
from tests.support.lives import Lives
from tests.support.memory_log import REGISTRY, MemoryLog

LATER = 100.0


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    return Lives(seed=3).until(500)


@pytest.fixture(scope="module")
def bad(log: MemoryLog) -> RawEvent:
    """An event in the middle of the life of a case."""
    return next(
        e for e in log.events[150:]
        if e[1].startswith("case-") and e[2] == 3 and len(life(log, e[1])) > 4
    )  # fmt: skip


def life(log: MemoryLog, stream: str) -> list[RawEvent]:
    return [event for event in log.events if event[1] == stream]


def poisoned(log: MemoryLog, bad: RawEvent) -> list[Message]:
    """As the log, but one message is of a type that this program does not know yet."""
    unknown = (*bad[:3], "case.teleported/1", *bad[4:])
    return [message(unknown if e is bad else e, at) for at, e in enumerate(log.events)]


def learn(monkeypatch: pytest.MonkeyPatch, bad: RawEvent) -> None:
    """A newer program knows the type."""
    monkeypatch.setitem(REGISTRY._decoders, "case.teleported/1", REGISTRY._decoders[bad[3]])


def ask(city: City, wanted: Wanted, *letters: Letter) -> None:
    city.box.put([letter.want(wanted, "an operator") for letter in letters])


def expected(log: MemoryLog) -> dict[str, list[Any]]:
    with ExitStack() as opened:
        city = City(log, opened)
        city.take_in(messages(log.events))
        return city.shown()


def test_only_its_own_stream_is_held_back(log: MemoryLog, bad: RawEvent, opened: ExitStack) -> None:
    city = City(log, opened)
    line = city.take_in(poisoned(log, bad))
    assert line.next_offset == len(log.events)
    rest = [event for event in life(log, bad[1]) if event[2] >= bad[2]]
    letters = city.box.all()
    assert [(each.position, each.version) for each in letters] == [(e[0], e[2]) for e in rest]
    assert [each.state for each in letters] == ["parked"] + ["held"] * (len(rest) - 1)
    assert "case.teleported" in letters[0].reason
    assert letters[0].value == bad[4]
    assert dict(letters[0].headers)["duban_position"] == b"%d" % bad[0]
    known = [row.position for row in city.tables.rows(PROJECTIONS[0])]
    assert sorted(known) == [e[0] for e in log.events if e not in rest]
    assert line.intake.problem.startswith(f"{len(rest)} events of 1 streams")


def test_a_process_that_comes_after_holds_it_back_too(
    log: MemoryLog, bad: RawEvent, opened: ExitStack
) -> None:
    city = City(log, opened)
    all_messages = poisoned(log, bad)
    city.take_in(all_messages[: bad[0] + 1])
    assert len(city.box.all()) in (1, 2)
    city.take_in(all_messages)
    assert len(city.box.all()) == len([e for e in life(log, bad[1]) if e[2] >= bad[2]])


def test_a_crash_after_parking_parks_the_same_again(
    log: MemoryLog, bad: RawEvent, opened: ExitStack
) -> None:
    city = City(log, opened)
    line = city.line()
    line.take(poisoned(log, bad)[: bad[0]], 0.0)
    city.book.lost = True
    while line.due(1.0, quiet=True):
        city.book.lost = line.next_offset + 40 >= bad[0]
        if city.write(line, 1.0) is None:
            break
    before = city.box.all()
    city.book.lost = False
    city.take_in(poisoned(log, bad))
    assert before[0].state == "parked"
    assert city.box.all()[0].state == "parked"
    assert city.box.all()[0].reason == before[0].reason


def test_after_a_fix_the_stream_is_replayed_in_order(
    log: MemoryLog, bad: RawEvent, opened: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = City(log, opened)
    line = city.take_in(poisoned(log, bad))
    ask(city, "replay", city.box.all()[0])
    learn(monkeypatch, bad)
    applied = line.do_what_is_asked(LATER)
    assert applied is not None
    assert applied.events == len(city.box.all())
    assert {each.state for each in city.box.all()} == {"replayed"}
    assert line.intake.problem == ""
    assert rows_but_topics(city) == rows_but_topics_of(expected(log))
    assert line.do_what_is_asked(2 * LATER) is None


def rows_but_topics(city: City) -> dict[str, list[Any]]:
    return rows_but_topics_of(city.shown())


def rows_but_topics_of(tables: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The audit trail says under which name and hash an event is stored."""
    return {table: rows for table, rows in tables.items() if table != "events"}


def test_what_still_cannot_be_taken_in_is_parked_with_its_new_reason(
    log: MemoryLog, bad: RawEvent, opened: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = City(log, opened)
    line = city.take_in(poisoned(log, bad))
    first, *held = city.box.all()
    ask(city, "replay", first)
    assert line.do_what_is_asked(LATER) is None
    assert [each.state for each in city.box.all()] == ["parked"] + ["held"] * len(held)
    assert not [each for each in city.box.all() if each.wanted]
    learn(monkeypatch, bad)
    second = next(event for event in log.events if event[0] == held[0].position)

    def lost(data: bytes) -> Any:
        raise Invalid("event.unreadable", "the new program has a fault of its own")

    monkeypatch.setitem(REGISTRY._decoders, second[3], lost)
    ask(city, "replay", city.box.all()[0])
    applied = line.do_what_is_asked(2 * LATER)
    assert applied is not None
    assert applied.events == 1
    states = [each.state for each in city.box.all()]
    assert states == ["replayed", "parked"] + ["held"] * (len(held) - 1)
    assert "a fault of its own" in city.box.all()[1].reason


def test_a_discarded_event_is_left_out_and_its_stream_goes_on(
    log: MemoryLog, bad: RawEvent, opened: ExitStack
) -> None:
    city = City(log, opened)
    line = city.take_in(poisoned(log, bad))
    first, *held = city.box.all()
    ask(city, "discard", first)
    applied = line.do_what_is_asked(LATER)
    assert applied is not None
    assert applied.events == len(held)
    assert [each.state for each in city.box.all()] == ["discarded"] + ["replayed"] * len(held)
    assert (line.intake.problem, city.box.all()[0].note) == ("", "an operator")
    versions = [row.version for row in city.tables.rows(PROJECTIONS[0]) if row.stream_id == bad[1]]
    assert sorted(versions) == [e[2] for e in life(log, bad[1]) if e is not bad]


def test_a_discarded_event_stays_known_to_later_processes(
    log: MemoryLog, bad: RawEvent, opened: ExitStack
) -> None:
    city = City(log, opened)
    all_messages = poisoned(log, bad)
    line = city.take_in(all_messages[: bad[0]])
    ask(city, "discard", city.box.all()[0])
    line.do_what_is_asked(LATER)
    city.take_in(all_messages)
    assert [each.state for each in city.box.all()] == ["discarded"]
    assert {row.case_id: row.version for row in city.shown()["cases"]} == {
        row.case_id: row.version for row in expected(log)["cases"]
    }


@pytest.mark.parametrize(
    "stranger",
    [
        Message(0, None, b"hello", (), 0.0),
        Message(0, b"case-1", None, (), 0.0),
        Message(0, b"case-1", b"", (), 0.0),
        Message(0, b"case-1", b'{"a": 1}', (("content-type", b"text/xml"),), 0.0),
        Message(0, b"\xff\xfe", b"\x00" * 5_000_000, (("ce_type", b"\xff"),), 0.0),
    ],
    ids=["no key", "no value", "empty", "other content", "huge and no text"],
)
def test_what_strangers_write_is_parked_and_holds_nothing_back(
    log: MemoryLog, opened: ExitStack, stranger: Message
) -> None:
    city = City(log, opened)
    around = [*messages(log.events[:50]), stranger._replace(offset=50)]
    line = city.take_in([*around, *messages(log.events[50:], 51)])
    (letter,) = city.box.all()
    assert (letter.offset, letter.position, letter.stream_id) == (50, 0, "")
    assert (letter.key, letter.value, letter.headers) == stranger[1:4]
    assert letter.reason
    assert line.intake.parked == 1
    assert city.shown() == expected(log)
    ask(city, "discard", letter)
    assert line.do_what_is_asked(LATER) is None
    assert [each.state for each in city.box.all()] == ["discarded"]
    assert line.intake.parked == 0


def test_an_event_of_a_stream_by_a_wrong_hand_is_parked(log: MemoryLog, opened: ExitStack) -> None:
    """Our headers, and a body that is no JSON."""
    city = City(log, opened)
    broken = (*log.events[-1][:4], b"{not json", *log.events[-1][5:])
    city.take_in([*messages(log.events[:-1]), message(broken, len(log.events) - 1)])
    (letter,) = city.box.all()
    assert (letter.position, letter.state) == (log.events[-1][0], "parked")


def test_between_attempts_to_write_a_batch_nothing_is_replayed(
    log: MemoryLog, bad: RawEvent, opened: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = City(log, opened)
    line = city.take_in(poisoned(log, bad)[:-20])
    ask(city, "replay", city.box.all()[0])
    learn(monkeypatch, bad)
    line.take(poisoned(log, bad)[-20:], LATER)
    city.ours = False
    assert city.write(line, LATER) is None
    city.ours = True
    assert line.do_what_is_asked(2 * LATER) is None
    assert city.write(line, 3 * LATER) is not None
    assert line.do_what_is_asked(4 * LATER) is not None
    assert line.intake.parked == 0
