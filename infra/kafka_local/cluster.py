"""A real Kafka on this machine, one broker or several, with its files in one directory."""

import base64
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from domain.errors import Refused
from infra.kafka_local.jars import HERE, java, require_jars
from infra.kafka_local.properties import Node, server_properties

START_SECONDS = 90.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.1
PORTS = (16_384, 32_768)
SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Djava.awt.headless=true")
BROKER_MEMORY = ("-Xms64m", "-Xmx320m", "-Xss512k", "-XX:MaxDirectMemorySize=128m")


class LocalKafka:
    """The brokers outlive this program; whoever opens the same directory finds them again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()

    @property
    def exists(self) -> bool:
        return self._description.is_file()

    @property
    def nodes(self) -> Sequence[Node]:
        if not self.exists:
            return ()
        return [Node(*each) for each in json.loads(self._description.read_text("utf-8"))["nodes"]]

    @property
    def bootstrap(self) -> str:
        """What clients are told: all brokers, whether they run or not."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def create(self, brokers: int) -> None:
        """Lays out a new cluster of as many brokers; nothing is started. Raises ``Refused``."""
        java()
        jars = require_jars()
        ports = _free_ports(2 * brokers)
        nodes = [Node(i + 1, ports[2 * i], ports[2 * i + 1]) for i in range(brokers)]
        # Kafka's ids are 16 bytes in base64 without padding.
        cluster = base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
        for node in nodes:
            self._home(node).mkdir(parents=True, exist_ok=True)
            text = server_properties(node, nodes, self._home(node) / "data")
            self._properties(node).write_text(text, encoding="utf-8")
        formatting = [_format(jars, cluster, self._properties(node)) for node in nodes]
        said = [(each.communicate()[0], each.returncode) for each in formatting]
        for text, code in said:
            if code:
                raise Refused("kafka.format", f"Kafka cannot format its directory: {text[-400:]}")
        description = {"cluster": cluster, "nodes": nodes}
        self._description.write_text(json.dumps(description), encoding="utf-8")

    def start(self, numbers: Sequence[int] = ()) -> None:
        """Starts those brokers that do not run (none named: all) and waits until they answer.
        Raises ``Refused`` (``kafka.not_started``) with the reason from the broker's log."""
        wanted = [node for node in self.nodes if not numbers or node.number in numbers]
        for node in wanted:
            if self.pid(node.number) is None:
                self._launch(node)
        deadline = time.monotonic() + START_SECONDS
        for node in wanted:
            while not self._answers(node):
                if self.pid(node.number) is None or time.monotonic() > deadline:
                    raise Refused("kafka.not_started", self._why_not(node))
                time.sleep(POLL_SECONDS)

    def stop(self, numbers: Sequence[int] = ()) -> None:
        """Tells brokers to leave and waits for it; one that does not is killed."""
        pids = {n: p for n in self._numbers(numbers) if (p := self.pid(n)) is not None}
        for pid in pids.values():
            _signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for number, pid in pids.items():
            while self.pid(number) is not None:
                if time.monotonic() > deadline:
                    _signal(pid, signal.SIGKILL)
                time.sleep(POLL_SECONDS)

    def kill(self, number: int) -> None:
        """Ends a broker at once, as a power cut would (its disk keeps what was handed over)."""
        pid = self.pid(number)
        if pid is not None:
            _signal(pid, signal.SIGKILL)
            while self.pid(number) is not None:
                time.sleep(POLL_SECONDS / 10)

    def delete(self) -> None:
        """Ends all brokers, which need not save anything any more, and removes their files."""
        for node in self.nodes:
            self.kill(node.number)
        if self.exists:
            shutil.rmtree(self._directory)

    def pid(self, number: int) -> int | None:
        """The process of a broker, if it runs; never one that has only inherited its number."""
        home = self._directory / f"node-{number}"
        try:
            pid = int((home / "pid").read_text(encoding="ascii"))
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        fields = stat.rpartition(")")[2].split()
        # The first thread of a dying process ends before the others, which still hold its ports,
        # and its command line is gone by then.
        if fields[0] == "Z" and fields[17] == "1":
            _reap(pid)
            return None
        ours = str(home / "server.properties").encode() in command.split(b"\0")
        return pid if ours or not command else None

    @property
    def _description(self) -> Path:
        return self._directory / "cluster.json"

    def _home(self, node: Node) -> Path:
        return self._directory / f"node-{node.number}"

    def _properties(self, node: Node) -> Path:
        return self._home(node) / "server.properties"

    def _numbers(self, numbers: Sequence[int]) -> Sequence[int]:
        return numbers or [node.number for node in self.nodes]

    def _launch(self, node: Node) -> None:
        home = self._home(node)
        command = [
            "java", *SMALL, *BROKER_MEMORY, f"-Dlog4j2.configurationFile={HERE}/log4j2.properties",
            "-cp", f"{require_jars()}/*", "kafka.Kafka", str(self._properties(node)),
        ]  # fmt: skip
        with (home / "broker.log").open("ab") as log, Path(os.devnull).open("rb") as nothing:
            streams = [(nothing, 0), (log, 1), (log, 2)]
            # In a session of its own: Ctrl+C at the terminal is not meant for it.
            pid = os.posix_spawnp(
                "java",
                command,
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, file.fileno(), to) for file, to in streams],
                setsid=True,
            )
        (home / "pid").write_text(str(pid), encoding="ascii")

    def _answers(self, node: Node) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", node.port), timeout=1):
                return True
        except OSError:
            return False

    def _why_not(self, node: Node) -> str:
        log = self._home(node) / "broker.log"
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        wrong = [line for line in lines if " ERROR " in line or "Exception" in line][-2:]
        return f"broker {node.number} does not start: {' | '.join(wrong or lines[-2:])} (see {log})"


def _format(jars: Path, cluster: str, properties: Path) -> subprocess.Popen[str]:
    command = ["java", *SMALL, "-Xmx128m", "-cp", f"{jars}/*", "kafka.tools.StorageTool", "format"]
    return subprocess.Popen(
        [*command, f"--cluster-id={cluster}", "--config", str(properties)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _free_ports(count: int) -> list[int]:
    """Below those that the system gives to clients: a broker that is away for a moment must find
    its port free when it comes back."""
    found: list[int] = []
    for port in random.sample(range(*PORTS), PORTS[1] - PORTS[0]):
        if len(found) == count:
            break
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        found.append(port)
    return found


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _reap(pid: int) -> None:
    """One that this program started itself stays a zombie until somebody asks for its end."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
