"""A city whose tables are filled by sinks that are processes, over a real broker and endpoint."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from domain.messages import Append, Envelope, StreamEvents
from domain.registry import Registry
from infra.clickhouse.http_engine import HttpEngine
from infra.clickhouse.tables import physical
from infra.clocks import SystemClock
from infra.event_store import SqliteEventStore
from infra.event_store.shares import SqliteAddress
from infra.kafka.creating import ensure_topics
from infra.kafka.topics import Topics
from infra.settings import Settings
from infra.verifying import verify
from projections.projection import Projection
from streams.wire import Decoding
from tests.support.lives import Lives
from tests.support.memory_log import REGISTRY
from tests.support.program import duban, start
from tests.support.sinks import publish, wait_until

PARTITIONS = 3
SESSION = 6  # seconds: the least that a broker allows
WORDS = {
    "DUBAN_CLICKHOUSE_SINK_PASSWORD": "sink",
    "DUBAN_CLICKHOUSE_ANALYST_PASSWORD": "analyst",
    "PYTHONFAULTHANDLER": "1",
}


class SinkCity:
    """Events are published by the test itself; every process is ended with the city."""

    def __init__(self, folder: Path, bootstrap: str, topics: Topics, seed: int = 1) -> None:
        self.folder, self._bootstrap, self.topics = folder, bootstrap, topics
        self._file = Settings(data_dir=folder / "city").events_file
        self.store = SqliteEventStore.open(self._file, SystemClock(), Registry())
        self._lives = Lives(seed)
        self._port = 0
        self.clickhouse: subprocess.Popen[str] | None = None
        self.sinks: list[subprocess.Popen[str]] = []
        self.said = {
            **WORDS,
            "PYTHONFAULTHANDLER": "1",
            "DUBAN_KAFKA": bootstrap,
            "DUBAN_TOPIC_PREFIX": topics.prefix,
        }
        ensure_topics(bootstrap, topics, PARTITIONS)

    def start_clickhouse(self) -> subprocess.Popen[str]:
        """On the same port as before, should it have run already."""
        log = self.folder / f"clickhouse.{self._port}.log"
        log.write_text("")
        self.clickhouse = start(
            "clickhouse-http", "--data", self.folder / "clickhouse", "--port", self._port,
            said=WORDS, into=log,
        )  # fmt: skip
        assert wait_until(lambda: "http://" in log.read_text()), log.read_text()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text())
        assert found is not None
        self._port = int(found[1])
        self.said["DUBAN_CLICKHOUSE"] = f"http://sink:sink@127.0.0.1:{self._port}/duban"
        return self.clickhouse

    def start_sink(self) -> subprocess.Popen[str]:
        log = self.folder / f"sink.{len(self.sinks)}.log"
        arguments = ("sink", "--data", self._file.parent, "--session", SESSION)
        self.sinks.append(start(*arguments, said=self.said, into=log))
        return self.sinks[-1]

    def live(self, events: int) -> int:
        """That many events happen and reach the topic; the position of the last."""
        before = self.store.last_position()
        happened = self._lives.until(before + events).events[before:]
        steps = Decoding(REGISTRY).steps(happened)
        self.store.append([_append(step.envelope) for step in steps])
        publish(self._bootstrap, self.topics, self.store.read_raw(before, 1_000_000))
        return self.store.last_position()

    @contextmanager
    def no_room(self, projection: Projection) -> Iterator[None]:
        """The engine takes the disk under one table for too full to insert anything. (A limit on
        the size of files would not do: the engine reserves room first, and writes unchecked.)"""
        table, setting = physical(projection), "min_free_disk_bytes_to_perform_insert"
        with closing(self.engine()) as engine, engine.client() as client:
            client.command(f"ALTER TABLE {table} MODIFY SETTING {setting} = {1 << 60}")
            yield
            client.command(f"ALTER TABLE {table} RESET SETTING {setting}")

    def engine(self) -> HttpEngine:
        return HttpEngine(self.said["DUBAN_CLICKHOUSE"])

    def rows(self, sql: str) -> Sequence[Sequence[object]]:
        with closing(self.engine()) as engine, engine.client() as client:
            return list(client.query(sql).result_rows)

    def shown(self) -> int:
        """How many rows the audit trail has, those that stand twice counted twice."""
        return int(str(self.rows("SELECT count() FROM events")[0][0]))

    def newest(self, projection: Projection) -> int:
        return int(str(self.rows(f"SELECT max(position) FROM {projection.table}")[0][0]))

    def shows(self, events: int, seconds: float = 30.0) -> bool:
        """Whether it comes to show that many."""
        return wait_until(lambda: self.shown() >= events, seconds)

    def require_sound(self) -> None:
        """The tables are, row by row, what the events make them."""
        with closing(self.engine()) as engine:
            last = self.store.last_position()
            found = verify(engine, SqliteAddress(self._file), last, ())
        assert found.sound, found.lines()

    def duban(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """A command of the server mode that needs no event store."""
        nobody = "postgresql://nobody@127.0.0.1:1/nothing"
        return duban(
            *arguments, said={**self.said, "DUBAN_MODE": "server", "DUBAN_POSTGRES": nobody}
        )

    def logs(self) -> str:
        """What all processes have said, and where the sinks stand, which ends them."""
        for process in self.sinks:
            if process.poll() is None:
                end(process, signal.SIGABRT)
        return "".join(file.read_text() for file in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        for process in (*self.sinks, self.clickhouse):
            if process is not None:
                end(process, signal.SIGKILL)
        self.store.close()


def _append(e: Envelope) -> Append:
    events = StreamEvents(e.stream_id, e.version - 1, [(e.event, e.metadata)])
    return Append(str(e.position), "digest", [events])


@contextmanager
def sink_city(
    folder: Path, bootstrap: str, topics: Topics, sinks: int = 1, seed: int = 1
) -> Iterator[SinkCity]:
    city = SinkCity(folder, bootstrap, topics, seed)
    try:
        city.start_clickhouse()
        for _ in range(sinks):
            city.start_sink()
        yield city
    finally:
        city.close()


def end(process: subprocess.Popen[str], how: signal.Signals) -> None:
    if process.poll() is None:
        os.kill(process.pid, how)
        if how is signal.SIGKILL:
            os.kill(process.pid, signal.SIGCONT)
    process.wait(timeout=10)
