"""The library's own recorder tests, and what the SQLite log promises beyond them."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import apsw
import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    OperationalError,
    StoredEvent,
)
from eventsourcing.tests import persistence as library

from domain.errors import Conflict, Refused
from domain.messages import Appended
from infra.clocks import SystemClock
from infra.event_store import SQLiteAggregateRecorder, SQLiteRecorder
from infra.event_store.connections import require_sound_sqlite
from infra.event_store.group_commit import Answers, GroupCommit
from infra.event_store.lock import DirectoryLock
from infra.event_store.log import SqliteLog
from infra.event_store.plan import StreamRows, Write


class _OnDisk(library.RecorderTestCase):
    """A new directory for every test; ids as UUIDs, as the library has them by default."""

    originator_id: Callable[[str], UUID | str] = UUID

    def open_log(self) -> SqliteLog:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        log = SqliteLog(Path(folder.name) / "events.sqlite", SystemClock())
        self.addCleanup(log.close)
        return log


class _NamedStreams(_OnDisk):
    """Ids as our streams have them."""

    originator_id = str

    def new_originator_id(self) -> str:
        return f"case-{uuid4()}"


class TestAggregateRecorder(_OnDisk, library.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return SQLiteAggregateRecorder(self.open_log(), type(self).originator_id)


class TestAggregateRecorderOfNamedStreams(_NamedStreams, TestAggregateRecorder):
    pass


class TestApplicationRecorder(_OnDisk, library.ApplicationRecorderTestCase[ApplicationRecorder]):
    def create_recorder(self) -> ApplicationRecorder:
        return SQLiteRecorder(self.open_log(), type(self).originator_id)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestApplicationRecorderOfNamedStreams(_NamedStreams, TestApplicationRecorder):
    pass


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.sqlite"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteLog]:
    with closing(SqliteLog(path, SystemClock())) as log:
        yield log


def writing(stream: str, version: int = 1, data: bytes = b"{}") -> list[Write]:
    return [Write(None, "", [StreamRows(stream, None, [(version, "x/1", data, b"{}")])])]


def refusal(call: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        call()
    assert "\n" not in caught.value.message
    return caught.value


def test_a_subscription_is_woken_by_the_next_event_of_its_topics(log: SqliteLog) -> None:
    recorder = SQLiteRecorder(log)
    with recorder.subscribe(topics=["b"]) as subscription, ThreadPoolExecutor(1) as pool:
        received = pool.submit(next, subscription)
        recorder.insert_events([StoredEvent("s", 1, "a", b""), StoredEvent("s", 2, "b", b"2")])
        assert received.result(timeout=30).id == 2


def test_stopping_a_subscription_ends_its_waiting_reader(log: SqliteLog) -> None:
    subscription = SQLiteRecorder(log).subscribe()
    with ThreadPoolExecutor(1) as pool:
        received = pool.submit(list, subscription)
        subscription.stop()
        assert received.result(timeout=30) == []


def test_the_recorder_speaks_the_errors_of_the_library(log: SqliteLog) -> None:
    recorder = SQLiteRecorder(log)
    recorder.insert_events([StoredEvent("s", 2, "a", b"")])
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent("s", 1, "a", b"")])
    log.close()
    with pytest.raises(OperationalError, match="closed"):
        recorder.insert_events([StoredEvent("s", 3, "a", b"")])


@pytest.mark.parametrize(
    "statement",
    ["UPDATE events SET data = x''", "DELETE FROM events", "DELETE FROM events WHERE pos = 1"],
)
def test_sqlite_itself_refuses_to_change_an_event(
    path: Path, log: SqliteLog, statement: str
) -> None:
    log.write(writing("s"))
    with closing(apsw.Connection(str(path))) as other, pytest.raises(apsw.ConstraintError):
        other.execute(statement)


def test_an_older_sqlite_is_refused_with_the_version_to_install() -> None:
    error = refusal(lambda: require_sound_sqlite("3.40.1"))
    assert error.code == "store.sqlite_too_old"
    assert "3.51.3" in error.message
    require_sound_sqlite("3.51.3")


def test_commits_wait_for_the_disk_and_the_log_is_written_ahead(path: Path, log: SqliteLog) -> None:
    assert log.rows("PRAGMA journal_mode") == [("wal",)]
    assert path.with_name("events.sqlite-wal").exists()
    assert log._writer is not None
    assert log._writer._connection.pragma("synchronous") == 2
    assert log._writer._connection.pragma("wal_autocheckpoint") > 0
    assert log.rows("PRAGMA wal_autocheckpoint") == [(0,)]


def test_a_reader_cannot_write(log: SqliteLog) -> None:
    assert refusal(lambda: log.rows("DELETE FROM streams")).code == "store.unopened"


def test_a_second_opening_of_the_directory_is_refused_naming_the_process(
    path: Path, log: SqliteLog
) -> None:
    program = f"""
from pathlib import Path
from domain.errors import Refused
from infra.event_store.lock import DirectoryLock
try:
    DirectoryLock(Path({str(path.parent)!r}))
except Refused as error:
    print(error.code, error.message)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    here = refusal(lambda: SqliteLog(path, SystemClock()))
    for text in (told.stdout, f"{here.code} {here.message}"):
        assert text.startswith("data.in_use ")
        assert f"process {os.getpid()}" in text
    log.close()
    DirectoryLock(path.parent).release()


def test_looking_needs_no_lock_and_sees_what_is_written_meanwhile(
    path: Path, log: SqliteLog
) -> None:
    with closing(SqliteLog(path, None)) as looking:
        assert not looking.wait(0, 0.0)
        log.write(writing("s"))
        assert looking.wait(0, 30.0)
        assert looking.last_position() == 1
        assert refusal(lambda: looking.write(writing("t"))).code == "store.read_only"
        assert looking.store_id() == log.store_id()


def test_looking_at_a_store_that_is_not_there_creates_nothing(path: Path) -> None:
    assert refusal(lambda: SqliteLog(path, None)).code == "store.missing"
    assert not path.exists()


@pytest.mark.parametrize("clock", [SystemClock(), None], ids=["writing", "looking"])
def test_a_file_that_is_no_database_is_refused_as_it_is(
    path: Path, clock: SystemClock | None
) -> None:
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    before = path.read_bytes()
    assert refusal(lambda: SqliteLog(path, clock)).code == "store.corrupt"
    assert path.read_bytes() == before
    DirectoryLock(path.parent).release()


def test_a_database_of_another_program_is_refused_as_it_is(path: Path) -> None:
    with closing(apsw.Connection(str(path))) as other:
        other.execute("CREATE TABLE t (x)")
    before = path.read_bytes()
    assert refusal(lambda: SqliteLog(path, SystemClock())).code == "store.corrupt"
    assert path.read_bytes() == before


def test_damage_inside_the_file_is_told_when_it_is_met(path: Path) -> None:
    with closing(SqliteLog(path, SystemClock())) as log:
        log.write([write for i in range(500) for write in writing(f"s{i}", data=b"x" * 500)])
    content = bytearray(path.read_bytes())
    content[4096 * 12 :] = b"\xff" * (len(content) - 4096 * 12)
    path.write_bytes(content)
    with closing(SqliteLog(path, None)) as log:
        assert refusal(lambda: log.rows("SELECT * FROM events")).code == "store.corrupt"


def test_a_store_of_a_newer_schema_is_refused(path: Path) -> None:
    SqliteLog(path, SystemClock()).close()
    with closing(apsw.Connection(str(path))) as newer:
        newer.execute("UPDATE store SET value = '2' WHERE key = 'schema'")
    assert refusal(lambda: SqliteLog(path, SystemClock())).code == "store.newer"


def test_a_full_disk_stores_nothing_and_is_forgotten_once_there_is_space(log: SqliteLog) -> None:
    log.write(writing("before"))
    assert log._writer is not None
    limit = log._writer._connection.pragma
    pages = limit("page_count")
    limit("max_page_count", pages)
    large = [*writing("small"), *writing("large", data=b"x" * 100_000)]
    error = refusal(lambda: log.write(large))
    assert error.code == "store.full"
    assert "free some space" in error.message
    assert log.last_position() == 1
    assert log.rows("SELECT count(*) FROM streams") == [(1,)]
    limit("max_page_count", 1 << 30)
    answers = log.write(large)
    assert [a.last_position for a in answers if isinstance(a, Appended)] == [2, 3]


def test_a_disk_that_refuses_to_grow_the_file_stores_nothing(log: SqliteLog) -> None:
    """The operating system's own refusal, while writing the log ahead."""
    log.write(writing("before"))
    large = writing("large", data=b"x" * 1_000_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        error = refusal(lambda: log.write(large))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.code == "store.io"
    assert log.last_position() == 1
    assert log.rows("SELECT pos FROM events") == [(1,)]
    log.write(large)
    assert log.rows("SELECT pos FROM events") == [(1,), (2,)]


def test_a_failed_group_fails_for_all_its_callers_and_for_nobody_else() -> None:
    begun, go_on = Event(), Event()
    groups: list[int] = []

    def commit(writes: Sequence[Write]) -> Answers:
        groups.append(len(writes))
        if len(groups) == 1:
            begun.set()
            assert go_on.wait(30)
        if len(groups) == 2:
            raise Refused("store.full", "the disk is full")
        return [Conflict("answered", "") for _ in writes]

    group = GroupCommit(commit)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(group.submit, writing("a"))
        assert begun.wait(30)
        others = [pool.submit(group.submit, writing(f"b{i}")) for i in range(4)]
        while len(group._line) < 4:
            time.sleep(0.001)
        go_on.set()
        assert len(first.result(timeout=30)) == 1
        errors = [other.exception(timeout=30) for other in others]
    assert groups == [1, 4]
    assert [error.code for error in errors if isinstance(error, Refused)] == ["store.full"] * 4
    assert len({id(error) for error in errors}) == 4
    assert len(group.submit(writing("c"))) == 1


def test_one_who_is_handed_the_lead_before_it_begins_to_wait_holds_nobody_up() -> None:
    begun, go_on = Event(), Event()

    def commit(writes: Sequence[Write]) -> Answers:
        begun.set()
        assert go_on.wait(30)
        return [Conflict("answered", "") for _ in writes]

    class Slow(GroupCommit):
        """Its callers reach their gate only once it has been opened for them."""

        def _join(self, ticket: Any) -> bool:
            leads = super()._join(ticket)
            if not leads and ticket is self._line[0]:
                go_on.set()
                while not ticket.leads:
                    time.sleep(0.001)
            return leads

    group = Slow(commit)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(group.submit, writing("a"))
        assert begun.wait(30)
        others = [pool.submit(group.submit, writing(f"b{i}")) for i in range(3)]
        answers = [each.result(timeout=30) for each in (first, *others)]
    assert [len(answer) for answer in answers] == [1] * 4
