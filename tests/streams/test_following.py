"""The follower keeps up, tells who waits, and says clearly when it cannot go on."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event as Flag

import pytest

import streams.following
from domain.cases.events import CaseFiled
from domain.errors import Refused
from projections.catalogue import PROJECTIONS
from projections.rules import Rules
from streams.following import Follower
from streams.ports import TablesUnavailable
from streams.projector import Projector
from streams.wire import Decoding
from tests.support.letters import MemoryLetters
from tests.support.lives import Lives
from tests.support.memory_log import REGISTRY, MemoryLog, MemoryTables
from tests.support.specification import MONDAY

SOON = 5.0


@contextmanager
def following(
    log: MemoryLog, tables: MemoryTables, start: bool = True, box: MemoryLetters | None = None
) -> Iterator[Follower]:
    known = [e for e in log.load_kind("policy") if e.position <= tables.checkpoint()]
    with closing(Projector(PROJECTIONS, tables, Rules(known))) as projector:
        box = box or MemoryLetters()
        follower = Follower(log, projector, tables, Decoding(REGISTRY), box, "city")
        if start:
            follower.start()
        yield follower
        follower.stop()


def test_what_is_stored_is_soon_in_the_tables() -> None:
    lives, tables = Lives(seed=2), MemoryTables()
    with following(lives.log, tables) as follower:
        for _ in range(30):
            lives.step()
            assert follower.wait_for(lives.log.last_position(), SOON)
        health = follower.health()
    assert (health.state, health.behind, health.problem) == ("running", 0, "")
    events = next(p for p in PROJECTIONS if p.table == "events")
    assert len(tables.rows(events)) == lives.log.last_position()


def test_listeners_hear_of_every_event_once_it_can_be_read() -> None:
    lives, tables = Lives(seed=3), MemoryTables()
    heard: list[tuple[int, int, list[int]]] = []
    with following(lives.log, tables, start=False) as follower:
        follower.listen(
            lambda first, last, events: heard.append((first, last, [e.position for e in events]))
        )
        follower.start()
        lives.until(60)
        assert follower.wait_for(lives.log.last_position(), SOON)
    assert [position for _, _, positions in heard for position in positions] == list(
        range(1, lives.log.last_position() + 1)
    )
    assert all((first, last) == (held[0], held[-1]) for first, last, held in heard)


def test_waiting_for_what_never_comes_ends_in_time() -> None:
    with following(MemoryLog(), MemoryTables()) as follower:
        assert not follower.wait_for(1, 0.01)


def test_stopping_notes_the_place_to_go_on_from() -> None:
    lives, tables = Lives(seed=4), MemoryTables()
    with following(lives.log, tables) as follower:
        assert follower.wait_for(lives.log.last_position(), SOON)
    assert tables.checkpoint() == lives.log.last_position()
    assert follower.health().state == "stopped"
    assert not follower.wait_for(lives.log.last_position() + 1, SOON)
    lives.until(100)
    tables.inserts.clear()
    with following(lives.log, tables) as follower:
        assert follower.wait_for(lives.log.last_position(), SOON)
    assert tables.checkpoint() == lives.log.last_position()


def test_tables_that_cannot_be_written_are_tried_again() -> None:
    lives, tables = Lives(seed=5), MemoryTables()
    tried, repaired = Flag(), Flag()

    def trouble(table: str, when: str) -> None:
        if table == "units" and not repaired.is_set():
            tried.set()
            raise TablesUnavailable("No space left on device")

    tables.trouble = trouble
    with following(lives.log, tables) as follower:
        assert tried.wait(SOON)
        while follower.health().state == "running":
            assert not follower.wait_for(lives.log.last_position(), 0.01)
        assert follower.health().state == "retrying"
        assert follower.health().problem == "No space left on device"
        repaired.set()
        assert follower.wait_for(lives.log.last_position(), SOON)


def test_an_event_that_cannot_be_projected_is_parked_and_the_others_go_on() -> None:
    lives, tables, box = Lives(seed=6), MemoryTables(), MemoryLetters()
    bad = lives.until(50).last_position() + 1
    lives.log.append("case-nobody", CaseFiled(standard="x"), MONDAY)
    lives.log.append("case-nobody", CaseFiled(standard="y"), MONDAY)
    lives.until(bad + 20)
    with following(lives.log, tables, box=box) as follower:
        assert follower.wait_for(lives.log.last_position(), SOON)
        health = follower.health()
    assert (health.state, health.behind) == ("running", 0)
    assert health.problem.startswith("2 events of 1 streams could not be taken in and are parked")
    assert [(each.position, each.state) for each in box.all()] == [
        (bad, "parked"),
        (bad + 1, "held"),
    ]


def test_an_event_that_cannot_be_read_is_parked_with_its_bytes() -> None:
    lives, tables, box = Lives(seed=7), MemoryTables(), MemoryLetters()
    bad = lives.until(50).last_position() + 1
    meta = lives.log.events[-1][5]
    lives.log.events.append((bad, "case-1", 99, "case.teleported/1", b'{"to":"moon"}', meta, 0))
    with following(lives.log, tables, box=box) as follower:
        assert follower.wait_for(bad, SOON)
    (letter,) = box.all()
    assert (letter.stream_id, letter.version, letter.state) == ("case-1", 99, "parked")
    assert "case.teleported" in letter.reason
    assert letter.value == b'{"to":"moon"}'


def test_what_operators_ask_about_parked_events_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams.following, "ASK_SECONDS", 0.01)
    lives, tables, box = Lives(seed=9), MemoryTables(), MemoryLetters()
    bad = lives.until(50).last_position() + 1
    lives.log.append("case-nobody", CaseFiled(standard="x"), MONDAY)
    with following(lives.log, tables, box=box) as follower:
        assert follower.wait_for(bad, SOON)
        (letter,) = box.all()
        box.put([letter.want("discard", "it never happened")])
        deadline = time.monotonic() + SOON
        while follower.health().problem and time.monotonic() < deadline:
            time.sleep(0.01)
        assert follower.health().problem == ""
    assert [each.state for each in box.all()] == ["discarded"]


def test_tables_that_miss_an_event_stop_it() -> None:
    """It is not the event that is bad: everything after would be wrong silently."""
    lives, tables, box = Lives(seed=8), MemoryTables(), MemoryLetters()
    last = lives.until(50).last_position()
    meta, at = lives.log.events[-1][5:7]
    lives.log.events.append((last + 1, "case-unheard", 7, "case.claimed/1", b"{}", meta, at))
    with following(lives.log, tables, box=box) as follower:
        assert not follower.wait_for(last + 1, SOON)
        health = follower.health()
    assert health.state == "failed"
    assert "know 0 events of case-unheard and now get number 7: rebuild them" in health.problem
    assert box.all() == []


def test_tables_ahead_of_the_log_are_refused() -> None:
    """The log was brought back from an older copy: what the tables show never happened."""
    tables = MemoryTables()
    tables.save_checkpoint(10)
    with (
        closing(Projector(PROJECTIONS, tables, Rules())) as projector,
        pytest.raises(Refused) as refusal,
    ):
        Follower(MemoryLog(), projector, tables, Decoding(REGISTRY), MemoryLetters(), "city")
    assert refusal.value.code == "tables.ahead"
