"""Writers killed, PostgreSQL restarted, many writers at once: nothing lost, doubled, missed."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from domain.errors import Refused
from domain.messages import Append, Appended
from domain.registry import Registry
from infra.clocks import SystemClock
from infra.event_store.postgres import PostgresEventStore
from infra.event_store.postgres.checking import problems
from tests.contract.test_event_store import REPORTED, append, stream
from tests.support.postgres import Cluster, cluster

pytestmark = pytest.mark.services

WRITERS = 6
CALLERS = 32  # of each writer
EVENTS = 20_000
KILLS = 6
THREADS = 8


def tell(figure: str) -> None:
    """Shown by ``pytest -s``."""
    sys.stdout.write(f"\n{figure}\n")


def opened(conninfo: str) -> PostgresEventStore:
    return PostgresEventStore.open(conninfo, SystemClock(), Registry())


def load(conninfo: str, name: str, callers: int, turns: int) -> None:
    """Run in a process of its own: callers on threads append to streams of their own, one event at
    a time, and tell each command id once it is acknowledged."""
    store = opened(conninfo)

    def work(caller: int) -> None:
        for turn in range(turns):
            command_id = f"{name}-{caller}-{turn}"
            (answer,) = store.append(
                [append(command_id, stream(f"case-{name}-{caller}", turn, REPORTED))]
            )
            assert isinstance(answer, Appended), answer
            os.write(1, f"{command_id}\n".encode())

    threads = [threading.Thread(target=work, args=(caller,)) for caller in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()


def writer(conninfo: str, name: str, callers: int, turns: int) -> subprocess.Popen[bytes]:
    program = f"from {__name__} import *; load({conninfo!r}, {name!r}, {callers}, {turns})"
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )


class Tail(threading.Thread):
    """Reads on as a relay does and keeps what it was given."""

    def __init__(self, conninfo: str) -> None:
        super().__init__(daemon=True)
        self.seen: list[tuple[int, str, int]] = []
        self.until: int | None = None
        self._store = PostgresEventStore.open_read_only(conninfo, Registry())

    def run(self) -> None:
        after = 0
        while self.until is None or after < self.until:
            if self._store.wait(after, 0.2):
                rows = self._store.read_raw(after, 500)
                self.seen += [row[:3] for row in rows]
                after = rows[-1][0]
        self._store.close()

    def end_at(self, position: int) -> None:
        self.until = position
        self.join(timeout=60)
        assert not self.is_alive()


def assert_whole(conninfo: str, acknowledged: Sequence[str]) -> int:
    """Everything acknowledged is there, everything there is in order; answers with the events."""
    assert problems(conninfo) == []
    with closing(opened(conninfo)) as store:
        found = store.commands(acknowledged)
        missing = [command_id for command_id in acknowledged if command_id not in found]
        assert not missing, missing[:5]
        log = store.read_raw(0, 1_000_000)
        assert [row[0] for row in log] == list(range(1, len(log) + 1))
        return len(log)


def acknowledged_by(process: subprocess.Popen[bytes]) -> list[str]:
    assert process.stdout is not None
    with process.stdout as output:
        lines = output.readlines()
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]


def test_six_writers_at_once_and_a_reader_behind_them_misses_nothing(postgres: str) -> None:
    tail = Tail(postgres)
    tail.start()
    turns = -(-EVENTS // (WRITERS * CALLERS))
    started = time.perf_counter()
    writers = [writer(postgres, f"w{number}", CALLERS, turns) for number in range(WRITERS)]
    collected: list[list[str]] = [[] for _ in writers]
    readers = [
        threading.Thread(target=lambda i=i, p=p: collected[i].extend(acknowledged_by(p)))
        for i, p in enumerate(writers)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    took = time.perf_counter() - started
    assert [process.wait() for process in writers] == [0] * WRITERS
    acknowledged = [command_id for ids in collected for command_id in ids]
    events = assert_whole(postgres, acknowledged)
    assert events == len(acknowledged) == turns * WRITERS * CALLERS >= EVENTS
    tail.end_at(events)
    assert [position for position, _, _ in tail.seen] == list(range(1, events + 1))
    tell(f"{events:,} events by {WRITERS} processes: {events / took:,.0f}/s, none missed")


def test_killed_writers_lose_nothing_they_acknowledged(postgres: str) -> None:
    chance = random.Random(4)
    tail = Tail(postgres)
    tail.start()
    acknowledged: list[str] = []
    for kill in range(KILLS):
        process = writer(postgres, f"k{kill}", THREADS, 1_000_000)
        with process:
            assert process.stdout is not None
            acknowledged += [process.stdout.readline().decode().strip() for _ in range(20)]
            time.sleep(chance.uniform(0.0, 0.5))
            process.send_signal(signal.SIGKILL)
            acknowledged += acknowledged_by(process)
    time.sleep(0.2)  # what was sent before the last kill may still be being stored
    events = assert_whole(postgres, acknowledged)
    tail.end_at(events)
    assert [position for position, _, _ in tail.seen] == list(range(1, events + 1))
    tell(f"{KILLS} writers killed: {len(acknowledged):,} acknowledged, {events:,} stored, 0 lost")


@pytest.fixture(scope="module")
def mortal() -> Iterator[Cluster]:
    """A server of these tests' own: the session's may be in use by others while it restarts."""
    with cluster() as running:
        yield running


def insist(store: PostgresEventStore, wish: Append, refusals: list[str]) -> Appended:
    """Sends the same append until it is answered."""
    while True:
        try:
            (answer,) = store.append([wish])
        except Refused as refusal:
            refusals.append(refusal.code)
            time.sleep(0.05)
            continue
        assert isinstance(answer, Appended), answer
        return answer


def wait_beyond(turns: Sequence[int], done: int) -> float:
    """The seconds it takes until more than ``done`` appends are through."""
    begun = time.monotonic()
    while sum(turns) <= done:
        assert time.monotonic() - begun < 30, "nothing goes on"
        time.sleep(0.02)
    return time.monotonic() - begun


def test_a_restarted_postgresql_loses_nothing_and_doubles_nothing(
    mortal: Cluster,
) -> None:
    postgres = mortal.database()
    refusals: list[str] = []
    repeated: list[str] = []
    pauses: list[float] = []
    stopping = threading.Event()
    turns = [0] * THREADS
    tail = Tail(postgres)

    def work(store: PostgresEventStore, caller: int) -> None:
        while not stopping.is_set():
            turn = turns[caller]
            command_id = f"{caller}-{turn}"
            wish = append(command_id, stream(f"case-{caller}", turn, REPORTED))
            if insist(store, wish, refusals).repeated:
                repeated.append(command_id)
            turns[caller] = turn + 1

    with closing(opened(postgres)) as store:
        threads = [threading.Thread(target=work, args=(store, n)) for n in range(THREADS)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            wait_beyond(turns, sum(turns) + 10 * THREADS)
            mortal.restart("immediate")
            pauses.append(wait_beyond(turns, sum(turns)))
        stopping.set()
        for thread in threads:
            thread.join(timeout=30)
        assert set(refusals) == {"store.unavailable"}
        for caller in range(THREADS):
            versions = [e.version for e in store.load(f"case-{caller}")]
            assert versions == list(range(1, turns[caller] + 1)), "lost or doubled"
        tail.start()
        events = store.last_position()
        tail.end_at(events)
    assert events == sum(turns) == len(tail.seen)
    assert problems(postgres) == []
    tell(
        f"3 restarts under load: {events:,} events, {len(refusals)} refused, "
        f"{len(repeated)} recognised as stored already; "
        f"goes on at most {max(pauses):.1f} s after it is back"
    )


def test_a_reader_and_a_waiting_one_outlive_a_restart(
    mortal: Cluster,
) -> None:
    postgres = mortal.database()
    with closing(opened(postgres)) as store:
        insist(store, append("c1", stream("case-A", 0, REPORTED)), [])
        assert not store.wait(1, 0.1)  # now somebody listens
        mortal.restart("immediate")
        assert store.last_position() == 1  # idle connections that were cut are not given out
        with closing(opened(postgres)) as other:
            waiting = threading.Thread(target=lambda: arrived.append(store.wait(1, 30.0)))
            arrived: list[bool] = []
            waiting.start()
            insist(other, append("c2", stream("case-A", 1, REPORTED)), [])
            waiting.join(timeout=10)
        assert arrived == [True]


def test_a_server_that_is_away_is_said_within_seconds_and_found_again(
    mortal: Cluster,
) -> None:
    postgres = mortal.database()
    with closing(opened(postgres)) as store:
        mortal.stop("immediate")
        try:
            asked = time.monotonic()
            with pytest.raises(Refused, match="cannot be reached") as caught:
                store.last_position()
            assert caught.value.code == "store.unavailable"
            with pytest.raises(Refused, match="cannot be reached"):
                store.append([append("c1", stream("case-A", 0, REPORTED))])
            assert time.monotonic() - asked < 15
        finally:
            mortal.start()
        assert store.last_position() == 0
        insist(store, append("c1", stream("case-A", 0, REPORTED)), [])
