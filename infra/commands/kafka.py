"""``duban kafka``: a real Kafka on this machine, to develop with and to try the server mode."""

import argparse
from pathlib import Path

from domain.errors import Invalid
from infra.commands.choosing import add_data_option, chosen_settings
from infra.commands.progress import answer, say
from infra.kafka_local.cluster import LocalKafka
from infra.kafka_local.jars import present, version
from infra.settings import Settings

EXAMPLES = (
    "duban kafka start                     # one broker; prints the address for DUBAN_KAFKA",
    "duban kafka start --brokers 3 --dir ./brokers",
    "duban kafka status",
    "duban kafka stop                      # what it holds is there again at the next start",
)
MOST_BROKERS = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("start", "stop", "status"))
    parser.add_argument("--brokers", type=int, metavar="N", help="how many, in a new directory")
    parser.add_argument(
        "--dir", type=Path, metavar="DIR", help="where it keeps its files (default DATA/kafka)"
    )
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    directory = chosen.dir or chosen_settings(chosen, settings).data_dir / "kafka"
    kafka = LocalKafka(directory)
    match chosen.what:
        case "start":
            _start(kafka, chosen.brokers, directory)
            answer(f"export DUBAN_KAFKA={kafka.bootstrap}")
            return 0
        case "stop":
            kafka.stop()
            say(f"no broker of {directory} runs")
            return 0
        case _:
            return _status(kafka, directory)


def _start(kafka: LocalKafka, brokers: int | None, directory: Path) -> None:
    """Raises ``Invalid`` (``kafka.brokers``) and what the brokers raise."""
    there = len(kafka.nodes)
    if brokers is not None and not 1 <= brokers <= MOST_BROKERS:
        raise Invalid("kafka.brokers", f"{brokers} brokers: say 1 to {MOST_BROKERS}")
    if kafka.exists and brokers not in (None, there):
        raise Invalid(
            "kafka.brokers",
            f"{directory} holds a cluster of {there}: leave out --brokers, or choose another --dir",
        )
    if not kafka.exists:
        if not present():
            say(f"fetching Kafka {version()} from the Maven repository (once; about 45 MB)")
        kafka.create(brokers or 1)
    kafka.start()
    say(f"Kafka {version()} runs, its files are in {directory} (duban kafka stop ends it)")


def _status(kafka: LocalKafka, directory: Path) -> int:
    """0: all brokers run; 1: not all of them, or there are none."""
    running = 0
    for node in kafka.nodes:
        pid = kafka.pid(node.number)
        running += pid is not None
        state = "stopped" if pid is None else f"runs as process {pid}"
        answer(f"broker {node.number} at 127.0.0.1:{node.port} {state}")
    if not kafka.exists:
        say(f"there is no Kafka in {directory}: make one with duban kafka start")
    return 0 if running and running == len(kafka.nodes) else 1
