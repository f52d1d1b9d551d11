"""The runbook's own commands are run, one after the other, against real servers."""

import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from kafka import KafkaProducer

from infra.kafka_local.cluster import LocalKafka
from tests.support.asking import free_port
from tests.support.city_load import tell
from tests.support.postgres import Cluster
from tests.support.program import MAIN, ROOT, environment

pytestmark = pytest.mark.services

ENGLISH, CHINESE = ROOT / "infra/RUNBOOK.md", ROOT / "infra/RUNBOOK.zh-CN.md"
PIECE = re.compile(
    r"^## (?P<title>[^\n]+)$|^<!-- test: (?P<hook>[^\n]+) -->$|^```sh\n(?P<block>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
STEP_SECONDS = 150.0


def pieces(text: str) -> list[tuple[str, str]]:
    """Its titles, hooks and blocks, in order."""
    return [(str(m.lastgroup), m[m.lastgroup or 0]) for m in PIECE.finditer(text)]


class Shell:
    """One shell for all blocks, in a session of its own so that all it has started ends with it."""

    def __init__(self, folder: Path, said: Mapping[str, str]) -> None:
        self._said = folder / "shell.log"
        with self._said.open("w") as log:
            self._process = subprocess.Popen(
                ["bash"], stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder, text=True,
                env=environment(said), start_new_session=True,
            )  # fmt: skip
        self._steps = 0

    def run(self, block: str) -> None:
        self._steps += 1
        done = f"== step {self._steps} is done"
        assert self._process.stdin is not None
        self._process.stdin.write(f"set -eo pipefail\n{block}\nset +x\necho '{done}'\n")
        self._process.stdin.flush()
        deadline = time.monotonic() + STEP_SECONDS
        while done not in self.said():
            ended = self._process.poll() is not None or time.monotonic() > deadline
            assert not ended, f"{block}\n{self.said()[-4000:]}"
            time.sleep(0.05)

    def said(self) -> str:
        return self._said.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        """Everything of its session, which is this test's own."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _session(entry) == self._process.pid:
                try:
                    os.kill(int(entry.name), 9)
                except ProcessLookupError:
                    continue
        self._process.wait()
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()


def _session(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[3])
    except OSError:
        return 0


@contextmanager
def shell(folder: Path, said: Mapping[str, str]) -> Iterator[Shell]:
    running = Shell(folder, said)
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def said(tmp_path: Path, postgres_cluster: Cluster, kafka_of_three: LocalKafka) -> dict[str, str]:
    """Addresses in place of the runbook's own, and the program under its name."""
    program = tmp_path / "bin" / "duban"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{MAIN}' \"$@\"\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    postgres = postgres_cluster.database(prepared=False)
    clickhouse = free_port()
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    path = ":".join(map(str, (program.parent, *reversed(tools), os.environ["PATH"], "/usr/sbin")))
    ports = {name: str(free_port()) for name in ("RELAY", "SINK", "WORKER", "SERVE", "API", "TLS")}
    return {
        **ports,
        "PATH": path,
        "KAFKA_DIR": str(Path(kafka_of_three._directory)),
        "DUBAN_POSTGRES": postgres,
        "RESTORED": f"{postgres}_restored",
        "DUBAN_ROLE": "postgres",
        "DUBAN_KAFKA": kafka_of_three.bootstrap,
        "DUBAN_TOPIC_PREFIX": f"{tmp_path.name}.",
        "CLICKHOUSE_PORT": str(clickhouse),
        "DUBAN_CLICKHOUSE": f"http://sink:a-sink-password@127.0.0.1:{clickhouse}/duban",
        "DUBAN_CLICKHOUSE_SINK_PASSWORD": "a-sink-password",
        "DUBAN_CLICKHOUSE_ANALYST_PASSWORD": "an-analyst-password",
    }


def a_stranger(bootstrap: str, running: Shell) -> None:
    """Writes what is no event to the topic that the shell has come to use."""
    running.run('echo "topic=${DUBAN_TOPIC_PREFIX}duban.events.v1"')
    topic = re.findall(r"^topic=(.+)$", running.said(), re.MULTILINE)[-1]
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","), metrics_enabled=False)
    producer.send(topic, b"nonsense").get(timeout=30)
    producer.close()
    running.run("for i in $(seq 60); do [ -z \"$(duban dead-letters list)\" ] || break; done")


HOOKS: Mapping[str, Callable[[str, Shell], None]] = {"a stranger writes to the topic": a_stranger}


def test_every_command_of_the_runbook_does_what_it_says(
    tmp_path: Path, said: dict[str, str], kafka_of_three: LocalKafka
) -> None:
    folder, begun = tmp_path / "city", time.monotonic()
    folder.mkdir()
    took: list[tuple[str, float]] = []
    with shell(folder, said) as running:
        for kind, text in pieces(ENGLISH.read_text(encoding="utf-8")):
            started = time.monotonic()
            if kind == "title":
                took.append((text, 0.0))
            elif kind == "hook":
                HOOKS[text](kafka_of_three.bootstrap, running)
            else:
                running.run(text)
            took[-1] = (took[-1][0], took[-1][1] + time.monotonic() - started)
    told = ", ".join(f"{title} {seconds:.0f} s" for title, seconds in took)
    tell(f"the runbook in {time.monotonic() - begun:.0f} s: {told}")


def blocks(runbook: Path) -> Sequence[str]:
    return [text for kind, text in pieces(runbook.read_text("utf-8")) if kind != "title"]


def test_the_chinese_runbook_has_the_same_commands() -> None:
    assert blocks(CHINESE) == blocks(ENGLISH)
    titles = [sum(kind == "title" for kind, _ in pieces(p.read_text("utf-8")))
              for p in (ENGLISH, CHINESE)]  # fmt: skip
    assert titles[0] == titles[1] > 10
