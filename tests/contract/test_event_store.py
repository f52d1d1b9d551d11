"""What every event store must keep to, whatever it is made of."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Protocol

import pytest

from domain.cases.events import CaseClosed, CaseDispatched, CaseFiled, CaseReported
from domain.errors import Conflict, Invalid
from domain.messages import Append, Appended, Event, Metadata, StreamEvents
from domain.policies.events import PolicyAdopted
from domain.ports import Clock, EventStore
from domain.registry import Registry
from infra.clocks import SimulatedClock, SystemClock
from infra.event_store import SqliteEventStore
from infra.event_store.postgres import PostgresEventStore

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
BY_LI = Metadata(actor="li", occurred_at=NOON, policies=("p1",), cause="import:x:1")
REPORTED = CaseReported(case_no="2026-1", source="hotline", category="litter", text="暴露垃圾")


class Store(EventStore, Protocol):
    def close(self) -> None: ...


def open_sqlite(place: str, clock: Clock, registry: Registry) -> Store:
    return SqliteEventStore.open(Path(place), clock, registry)


OPENERS: dict[str, Callable[[str, Clock, Registry], Store]] = {
    "sqlite": open_sqlite,
    "postgres": PostgresEventStore.open,
}
Opener = Callable[..., Store]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Where a store of its own is, or will be."""
    if kind == "postgres":
        return str(request.getfixturevalue("postgres"))
    return str(tmp_path / "events.sqlite")


@pytest.fixture
def opener(kind: str, place: str) -> Opener:
    """Opens the same store again and again; two openings never overlap."""

    def opened(clock: Clock | None = None, registry: Registry | None = None) -> Store:
        return OPENERS[kind](place, clock or SystemClock(), registry or Registry())

    return opened


@pytest.fixture
def store(opener: Opener) -> Iterator[Store]:
    with closing(opener()) as store:
        yield store


def stream(stream_id: str, expected: int, *events: Event) -> StreamEvents:
    return StreamEvents(stream_id, expected, [(event, BY_LI) for event in events])


def append(command_id: str, *streams: StreamEvents, digest: str = "d") -> Append:
    return Append(command_id, digest, streams)


def stored(store: EventStore, *appends: Append) -> list[Appended]:
    answers = store.append(appends)
    assert all(isinstance(answer, Appended) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, Appended)]


def code(answer: Appended | Conflict) -> str:
    return answer.code if isinstance(answer, Conflict) else "appended"


def log_of(store: EventStore) -> list[tuple[int, str, int]]:
    return [(e.position, e.stream_id, e.version) for e in store.read(0, 1_000_000)]


def test_an_empty_store_answers_everything_with_nothing(store: Store) -> None:
    assert store.last_position() == 0
    assert store.read(0, 10) == []
    assert store.load("case-A") == []
    assert store.load_kind("case") == []
    assert store.commands(["c1"]) == {}
    assert store.append([]) == []


def test_what_is_read_is_what_was_appended(store: Store) -> None:
    dispatched = CaseDispatched(unit="u1", assisting=("u2",), instructions='"即办"\n\x1f')
    stored(store, append("c1", stream("case-A", 0, REPORTED, dispatched)))
    first, second = store.read(0, 10)
    assert (first.event, first.metadata) == (REPORTED, BY_LI)
    assert (second.event, second.metadata) == (dispatched, BY_LI)
    assert first.recorded_at.tzinfo is not None
    assert log_of(store) == [(1, "case-A", 1), (2, "case-A", 2)]


def test_a_stream_is_loaded_from_any_version_on(store: Store) -> None:
    stored(store, append("c1", stream("case-A", 0, REPORTED, CaseFiled(standard="s"))))
    stored(store, append("c2", stream("case-B", 0, REPORTED)))
    stored(store, append("c3", stream("case-A", 2, CaseClosed())))
    assert [e.version for e in store.load("case-A")] == [1, 2, 3]
    assert [e.position for e in store.load("case-A", 1)] == [2, 4]
    assert store.load("case-A", 3) == []


def test_a_kind_is_loaded_in_order_of_position_across_its_streams(store: Store) -> None:
    stored(
        store,
        append("c1", stream("case-A", 0, REPORTED), stream("casebook-1", 0, REPORTED)),
        append("c2", stream("case-B", 0, REPORTED)),
        append("c3", stream("case-A", 1, CaseFiled(standard="s"))),
    )
    found = [(e.position, e.stream_id) for e in store.load_kind("case")]
    assert found == [(1, "case-A"), (3, "case-B"), (4, "case-A")]


def test_many_streams_are_loaded_at_once_and_those_that_are_not_there_left_out(
    store: Store,
) -> None:
    stored(
        store,
        append("c1", stream("case-A", 0, REPORTED), stream("case-B", 0, REPORTED)),
        append("c2", stream("case-A", 1, CaseFiled(standard="s"))),
    )
    loaded = store.load_all(["case-B", "case-none", "case-A"])
    assert loaded == {name: store.load(name) for name in ("case-A", "case-B")}
    assert store.load_all([]) == {}


def test_reading_goes_on_after_any_position_and_stops_at_the_limit(store: Store) -> None:
    appends = [append(f"c{i}", stream(f"case-{i}", 0, REPORTED)) for i in range(10_000)]
    stored(store, *appends)
    assert [e.position for e in store.read(3, 2)] == [4, 5]
    assert [e.position for e in store.read(0, 20_000)] == list(range(1, 10_001))
    assert store.read(10_000, 5) == []


def test_the_same_command_twice_is_stored_once(store: Store) -> None:
    (first,) = stored(store, append("c1", stream("case-A", 0, REPORTED)))
    (again,) = stored(store, append("c1", stream("case-A", 0, REPORTED)))
    assert again.repeated
    assert not first.repeated
    assert (again.first_position, again.last_position, again.digest) == (1, 1, "d")
    assert store.last_position() == 1
    twice = append("c2", stream("case-B", 0, REPORTED))
    assert [answer.repeated for answer in stored(store, twice, twice)] == [False, True]


def test_a_command_id_used_for_something_else_is_a_conflict(store: Store) -> None:
    stored(store, append("c1", stream("case-A", 0, REPORTED)))
    (answer,) = store.append([append("c1", stream("case-B", 0, REPORTED), digest="other")])
    assert code(answer) == "command.reused"
    assert store.load("case-B") == []


def test_commands_tell_which_were_stored_and_where(store: Store) -> None:
    stored(store, append("c1", stream("case-A", 0, REPORTED, CaseFiled(standard="s"))))
    assert dict(store.commands(["c1", "c2"])) == {"c1": Appended("c1", 1, 2, "d")}


def test_a_command_without_events_is_remembered_at_the_end_of_the_log(store: Store) -> None:
    stored(store, append("c1", stream("case-A", 0, REPORTED)))
    (answer,) = stored(store, append("c2", stream("case-A", 1), stream("case-B", 0)))
    assert (answer.first_position, answer.last_position) == (2, 1)
    assert stored(store, append("c2"))[0].repeated


@pytest.mark.parametrize("expected", [0, 2])
def test_a_stream_that_has_moved_is_a_conflict_of_that_append_alone(
    store: Store, expected: int
) -> None:
    stored(store, append("c1", stream("case-A", 0, REPORTED)))
    answers = store.append(
        [
            append("c2", stream("case-B", 0, REPORTED)),
            append("c3", stream("case-A", expected, CaseClosed())),
            append("c4", stream("case-A", 1, CaseFiled(standard="s"))),
        ]
    )
    assert [code(answer) for answer in answers] == ["appended", "stream.moved", "appended"]
    assert log_of(store) == [(1, "case-A", 1), (2, "case-B", 1), (3, "case-A", 2)]
    assert "c3" not in store.commands(["c3"])


def test_an_append_sees_the_appends_before_it_in_the_batch(store: Store) -> None:
    stored(
        store,
        append("c1", stream("case-A", 0, REPORTED)),
        append("c2", stream("case-A", 1, CaseFiled(standard="s")), stream("case-A", 2, REPORTED)),
    )
    assert [e.version for e in store.load("case-A")] == [1, 2, 3]


def test_an_append_to_many_streams_is_all_or_nothing(store: Store) -> None:
    stored(store, append("c1", stream("case-B", 0, REPORTED)))
    (answer,) = store.append(
        [append("c2", stream("case-A", 0, REPORTED), stream("case-B", 0, REPORTED))]
    )
    assert code(answer) == "stream.moved"
    assert store.load("case-A") == []
    stored(store, append("c3", stream("case-A", 0, REPORTED), stream("case-B", 1, REPORTED)))
    assert log_of(store)[1:] == [(2, "case-A", 1), (3, "case-B", 2)]


def test_what_moved_after_a_position_is_told_by_stream(store: Store) -> None:
    assert store.moved(0) == (0, {})
    stored(
        store,
        append("c1", stream("case-A", 0, REPORTED, CaseFiled(standard="s"))),
        append("c2", stream("case-B", 0, REPORTED), stream("case-A", 2, CaseClosed())),
    )
    assert store.moved(0) == (4, {"case-A": 3, "case-B": 1})
    assert store.moved(3) == (4, {"case-A": 3})
    assert store.moved(4) == (4, {})


def test_what_is_done_one_at_a_time_never_overlaps(store: Store) -> None:
    inside, most = 0, 0

    def work(number: int) -> None:
        nonlocal inside, most
        with store.one_at_a_time("adopting" if number % 4 else "other"):
            inside += number % 4 > 0
            most = max(most, inside)
            time.sleep(0.01)
            inside -= number % 4 > 0

    with ThreadPoolExecutor(8) as callers:
        list(callers.map(work, range(24)))
    assert (inside, most) == (0, 1)


def test_many_callers_make_one_log_without_gaps(store: Store) -> None:
    """Half the appends go to one contended stream and are tried again until they are in."""

    def work(caller: int) -> int:
        lost = 0
        for turn in range(20):
            own = append(f"own-{caller}-{turn}", stream(f"case-{caller}", turn, REPORTED))
            stored(store, own)
            while True:
                version = len(store.load("case-all"))
                shared = append(f"all-{caller}-{turn}", stream("case-all", version, REPORTED))
                if code(store.append([shared])[0]) == "appended":
                    break
                lost += 1
        return lost

    with ThreadPoolExecutor(16) as callers:
        lost = sum(callers.map(work, range(16)))
    assert lost, "nobody was ever too late: this run proved nothing about conflicts"
    log = log_of(store)
    assert [position for position, _, _ in log] == list(range(1, 16 * 40 + 1))
    for name in {stream_id for _, stream_id, _ in log}:
        versions = [version for _, stream_id, version in log if stream_id == name]
        assert versions == list(range(1, len(versions) + 1))


def test_waiting_ends_at_once_when_something_is_appended(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        waits = [pool.submit(store.wait, 0, 60.0) for _ in range(4)]
        stored(store, append("c1", stream("case-A", 0, REPORTED)))
        assert [wait.result(timeout=30) for wait in waits] == [True] * 4


def test_waiting_for_nothing_ends_after_the_time_given(store: Store) -> None:
    stored(store, append("c1", stream("case-A", 0, REPORTED)))
    assert store.wait(0, 0.0)
    assert not store.wait(1, 0.01)


def test_recorded_time_never_goes_back_with_the_clock(opener: Opener) -> None:
    clock = SimulatedClock(NOON)
    with closing(opener(clock)) as store:
        stored(store, append("c1", stream("case-A", 0, REPORTED)))
        clock.move_to(NOON - timedelta(hours=1))
        stored(store, append("c2", stream("case-A", 1, REPORTED)))
    clock.move_to(NOON - timedelta(days=1))
    with closing(opener(clock)) as store:
        stored(store, append("c3", stream("case-A", 2, REPORTED)))
        clock.move_to(NOON + timedelta(microseconds=1))
        stored(store, append("c4", stream("case-A", 3, REPORTED)))
        times = [e.recorded_at for e in store.read(0, 10)]
    assert times == [NOON, NOON, NOON, NOON + timedelta(microseconds=1)]


def test_times_come_back_in_utc_and_a_time_without_zone_is_refused(store: Store) -> None:
    in_china = Metadata(actor="li", occurred_at=NOON.astimezone(timezone(timedelta(hours=8))))
    stored(store, append("c1", StreamEvents("case-A", 0, [(REPORTED, in_china)])))
    assert store.load("case-A")[0].occurred_at.isoformat() == "2026-03-02T04:00:00+00:00"
    nowhere = Metadata(actor="li", occurred_at=NOON.replace(tzinfo=None))
    with pytest.raises(Invalid, match="time zone"):
        store.append([append("c2", StreamEvents("case-B", 0, [(REPORTED, nowhere)]))])


def test_opening_again_finds_everything_as_it_was(opener: Opener) -> None:
    with closing(opener()) as store:
        stored(store, append("c1", stream("case-A", 0, REPORTED, CaseFiled(standard="s"))))
        before = store.read(0, 10)
    with closing(opener()) as store:
        assert store.read(0, 10) == before
        assert store.last_position() == 2
        assert stored(store, append("c1"))[0].repeated
        answers = store.append([append("c2", stream("case-A", 1, REPORTED))])
        assert [code(answer) for answer in answers] == ["stream.moved"]
        stored(store, append("c3", stream("case-A", 2, CaseClosed())))
        assert log_of(store)[-1] == (3, "case-A", 3)


class Filed(Event, frozen=True):
    """``case.filed`` as a later version of the program might have it."""

    NAME = "case.filed"
    VERSION = 2
    standards: tuple[str, ...]


def test_an_old_event_is_read_in_the_shape_of_today(opener: Opener) -> None:
    with closing(opener()) as store:
        stored(store, append("c1", stream("case-A", 0, CaseFiled(standard="市容-3"))))

    def more_standards(body: dict[str, Any]) -> dict[str, Any]:
        return {"standards": [body["standard"]]}

    today = Registry([Filed], {("case.filed", 1): more_standards})
    with closing(opener(registry=today)) as store:
        stored(store, append("c2", stream("case-A", 1, Filed(standards=("a", "b")))))
        events = [e.event for e in store.load("case-A")]
    assert events == [Filed(standards=("市容-3",)), Filed(standards=("a", "b"))]
    with closing(opener()) as store, pytest.raises(Invalid, match="upgrade"):
        store.load("case-A")


def test_large_events_are_kept_whole(store: Store) -> None:
    body = "规则\n" * 500_000
    adopted = PolicyAdopted(policy_id="p", revision=1, effective_from=NOON, digest="d", body=body)
    stored(store, append("c1", stream("policy-p", 0, adopted)))
    assert store.load_kind("policy")[0].event == adopted


def write_until_killed(kind: str, place: str) -> None:
    """Run in a process of its own: four callers tell each command id once it is acknowledged."""
    store = OPENERS[kind](place, SystemClock(), Registry())

    def work(caller: int) -> None:
        for turn in range(1_000_000):
            command_id = f"{caller}-{turn}"
            two = (CaseFiled(standard="s"), REPORTED)
            stored(store, append(command_id, stream(f"case-{caller}", 2 * turn, *two)))
            os.write(1, f"{command_id}\n".encode())

    for caller in range(4):
        threading.Thread(target=work, args=(caller,)).start()


def test_killing_the_writer_loses_no_acknowledged_append(
    kind: str, place: str, opener: Opener
) -> None:
    program = f"from {__name__} import *; write_until_killed({kind!r}, {place!r})"
    writer = subprocess.Popen(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )
    with writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline() for _ in range(200)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += writer.stdout.readlines()
    command_ids = [line.decode().strip() for line in acknowledged if line.endswith(b"\n")]
    with closing(opener()) as store:
        assert set(command_ids) <= store.commands(command_ids).keys()
        log = log_of(store)
        assert [position for position, _, _ in log] == list(range(1, store.last_position() + 1))
        assert len(log) % 2 == 0, "an append of two events was stored in half"
        stored(store, append("after", stream("case-after", 0, REPORTED)))
