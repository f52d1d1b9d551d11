"""How the lasting processes of the server mode are watched, traced and stopped."""

import argparse
import threading
from collections.abc import Callable
from typing import Protocol

from prometheus_client.registry import REGISTRY, Collector

from infra.lasting import run_until_stopped
from infra.logs import log_as_json
from infra.metrics import serve_metrics
from infra.settings import Settings
from infra.tracing import Tracing, tracing

Work = Callable[[Tracing, threading.Event], None]


class Watched(Collector, Protocol):
    """What a process tells of itself."""

    def trouble(self) -> str:
        """What keeps it from its work; empty: nothing does."""


def add_metrics_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--metrics-port", type=int, metavar="PORT", help="serve /metrics, /healthz and /readyz"
    )


def run_watched(
    name: str, watched: Watched, chosen: argparse.Namespace, settings: Settings, work: Work
) -> None:
    """Until the process is told to stop; raises what ``work`` raises."""
    log_as_json(name)
    REGISTRY.register(watched)
    try:
        with (
            serve_metrics(chosen.metrics_port, watched.trouble, settings.host),
            tracing(name) as spans,
        ):
            run_until_stopped(lambda stopping: work(spans, stopping))
    finally:
        REGISTRY.unregister(watched)
