"""``duban serve``: the boards and the API of one city."""

import argparse
from importlib import resources

import uvicorn

from api.app import create_app
from infra.access.ticking import ticking
from infra.commands.clickhouse_http import beside
from infra.commands.listening import check_host, listen, shown
from infra.commands.opening import add_data_option, opened
from infra.commands.progress import say
from infra.runtime import Runtime
from infra.serving import watched
from infra.settings import Settings
from infra.tracing import tracing

EXAMPLES = (
    "duban serve --data ./data",
    "duban serve --demo            # on a fresh directory: load the bundled records first",
    "duban serve --port 0          # any free port, printed",
    "DUBAN_MODE=server duban serve --metrics-port 9104        # one of any number of replicas",
)
SAMPLE = "dinesafe.2012.csv.gz"
# An open stream of live changes must not hold the process back when it is told to stop.
GRACE_SECONDS = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    add_data_option(parser)
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8000; 0: any free)")
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="listen on another address than loopback although there are no accounts yet",
    )
    parser.add_argument(
        "--metrics-port", type=int, metavar="PORT", help="serve /metrics, /healthz and /readyz"
    )
    parser.add_argument(
        "--clickhouse-port",
        type=int,
        metavar="PORT",
        help="let analysts' own tools ask the tables here, as they ask a ClickHouse server",
    )
    parser.add_argument(
        "--demo", action="store_true", help="load the bundled real records if the city is empty"
    )


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    host = chosen.host or settings.host
    check_host(host, chosen.insecure)
    listener = listen(host, settings.port if chosen.port is None else chosen.port)
    with listener, opened(chosen, settings) as runtime:
        if chosen.demo and runtime.store.last_position() == 0:
            load_sample(runtime)
        address = f"http://{shown(listener)}"
        say(f"Duban serves {address} from {runtime.settings.data_dir} (Ctrl+C stops it)")
        if runtime.reacts:
            runtime.reactor.start()
        with (
            watched(runtime, chosen.metrics_port, host),
            beside(runtime.engine, host, chosen.clickhouse_port, chosen.insecure, runtime.services),
            ticking(runtime),
            tracing("serve") as spans,
        ):
            config = uvicorn.Config(
                spans.app(create_app(runtime.services, hosts=("localhost", host))),
                log_level="warning",
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
            uvicorn.Server(config).run(sockets=[listener])
    return 0


def load_sample(runtime: Runtime) -> None:
    """A year of real inspection records, so that the first look is at a living city."""
    # What an import needs is loaded by the first start alone: every later one is sooner.
    from infra.commands.importing import import_files
    from infra.importing.loading import load_mapping

    say("The city is empty: loading the bundled records (food-premises inspections, 2012)")
    sample = resources.files("infra") / "samples" / SAMPLE
    with resources.as_file(sample) as path:
        folder = runtime.settings.data_dir
        summary = import_files(runtime, [path], load_mapping("dinesafe"), rejected_folder=folder)
    for line in summary.lines():
        say(line)
