"""A city in server mode as an operator runs it: every part a process of its own, real servers."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from infra.clickhouse.http_engine import HttpEngine
from infra.runtime import Runtime
from infra.server import server
from infra.settings import Settings
from tests.support.program import duban, start
from tests.support.relays import eventually

SINK_PASSWORD = "sink-of-the-tests"
ANALYST_PASSWORD = "analyst-of-the-tests"
ADDRESS = re.compile(r"(http://[\d.]+:\d+)")
PARTITIONS = 4


class ServerCity:
    """``run`` starts a part (relay, sink, worker, serve); all are killed at the end."""

    def __init__(self, folder: Path, postgres: str, kafka: str, prefix: str) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.running: dict[str, list[subprocess.Popen[str]]] = {}
        self.said = {
            "DUBAN_MODE": "server",
            "DUBAN_POSTGRES": postgres,
            "DUBAN_KAFKA": kafka,
            "DUBAN_TOPIC_PREFIX": prefix,
            "DUBAN_PARTITIONS": str(PARTITIONS),
            "DUBAN_CLICKHOUSE_SINK_PASSWORD": SINK_PASSWORD,
            "DUBAN_CLICKHOUSE_ANALYST_PASSWORD": ANALYST_PASSWORD,
        }
        self.clickhouse_port = 0

    def start_clickhouse(self) -> None:
        """On the same port as before, should it have run already."""
        process = self.run(
            "clickhouse-http", "--data", self.folder / "clickhouse", "--port", self.clickhouse_port,
            said={name: value for name, value in self.said.items() if "PASSWORD" in name},
        )  # fmt: skip
        address = self.address_of(process, "clickhouse-http")
        self.clickhouse_port = int(address.rpartition(":")[2])
        self.said["DUBAN_CLICKHOUSE"] = (
            f"http://sink:{SINK_PASSWORD}@127.0.0.1:{self.clickhouse_port}/duban"
        )

    def run(
        self, part: str, *arguments: object, said: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        log = self.folder / f"{part}.{len(self.running.get(part, ()))}.log"
        process = start(part, *arguments, said=said or self.said, into=log)
        self.running.setdefault(part, []).append(process)
        return process

    def address_of(self, process: subprocess.Popen[str], part: str) -> str:
        """Where a part that serves HTTP has said it can be found."""
        log = self.folder / f"{part}.{self.running[part].index(process)}.log"
        eventually(lambda: process.poll() is not None or bool(ADDRESS.search(log.read_text())))
        found = ADDRESS.search(log.read_text())
        assert found is not None, log.read_text()
        return found[1]

    def duban(self, *arguments: object, timeout: float = 120) -> str:
        """What a command prints; it must go well."""
        done = duban(*arguments, said=self.said, timeout=timeout)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def settings(self) -> Settings:
        return Settings(
            mode="server", data_dir=self.folder, postgres=self.said["DUBAN_POSTGRES"],
            kafka=self.said["DUBAN_KAFKA"], clickhouse=self.said["DUBAN_CLICKHOUSE"],
            topic_prefix=self.said["DUBAN_TOPIC_PREFIX"], partitions=PARTITIONS,
        )  # fmt: skip

    @contextmanager
    def opened(self, follow: bool = True) -> Iterator[Runtime]:
        """In the test's own process, as one more replica; ``follow``: it watches the tables."""
        runtime = server(self.settings, follow=follow)
        try:
            yield runtime
        finally:
            runtime.close()

    def rows(self, sql: str) -> Sequence[Sequence[object]]:
        """What the tables say to whoever fills them."""
        engine = HttpEngine(self.said["DUBAN_CLICKHOUSE"])
        try:
            with engine.client() as client:
                return [tuple(row) for row in client.query(sql).result_rows]
        finally:
            engine.close()

    def logs(self, part: str) -> str:
        return "".join(
            file.read_text(encoding="utf-8") for file in sorted(self.folder.glob(f"{part}.*.log"))
        )

    def stop(self, *parts: str, how: signal.Signals = signal.SIGTERM) -> float:
        """Those parts (none named: all); answers with the seconds the slowest took."""
        begun = time.monotonic()
        chosen = [p for name in parts or list(self.running) for p in self.running.get(name, ())]
        for process in chosen:
            if process.poll() is None:
                os.kill(process.pid, how)
        for process in chosen:
            process.wait(timeout=30)
        return time.monotonic() - begun

    def close(self) -> None:
        self.stop(*(name for name in self.running if name != "clickhouse-http"), how=signal.SIGKILL)
        self.stop("clickhouse-http", how=signal.SIGKILL)


@contextmanager
def served(
    folder: Path, postgres: str, kafka: str, prefix: str, sinks: int = 1, workers: int = 1
) -> Iterator[ServerCity]:
    """Everything but the API, which a test starts as often as it likes."""
    city = ServerCity(folder, postgres, kafka, prefix)
    try:
        city.start_clickhouse()
        city.duban("migrate")
        city.run("relay")
        for _ in range(sinks):
            city.run("sink")
        for _ in range(workers):
            city.run("worker")
        yield city
    finally:
        city.close()
