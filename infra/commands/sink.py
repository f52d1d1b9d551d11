"""``duban sink``: takes the events of the topic into the read tables."""

import argparse
import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from domain.errors import Refused
from infra.clickhouse.engine import Engine
from infra.clickhouse.http_engine import HttpEngine
from infra.clocks import SystemClock
from infra.commands.choosing import add_data_option, chosen_settings
from infra.kafka.consuming import SESSION_SECONDS, KafkaSink, Look
from infra.kafka.topics import Topics
from infra.lasting import require, run_until_stopped
from infra.lines import Lines, prepare_for_sinks
from infra.logs import log_as_json
from infra.metrics import serve_metrics
from infra.settings import SERVERS, Settings
from infra.stores import open_when_there
from infra.tracing import Tracing, tracing
from streams.ports import TablesUnavailable

EXAMPLES = (
    "DUBAN_MODE=server duban sink                 # as many at once as the topic has partitions",
    "duban sink --metrics-port 9102               # /metrics, /healthz and /readyz",
)
RETRY_SECONDS = 1.0

log = logging.getLogger("duban.sink")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_data_option(parser)
    parser.add_argument(
        "--metrics-port", type=int, metavar="PORT", help="serve /metrics, /healthz and /readyz"
    )
    parser.add_argument(
        "--session", type=float, default=SESSION_SECONDS, metavar="SECONDS",
        help="without a sign of life for so long, others take its partitions over "
        f"({SESSION_SECONDS:.0f}; Kafka's brokers allow 6 and more)",
    )  # fmt: skip


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    settings = chosen_settings(chosen, settings)
    require(settings.kafka, "DUBAN_KAFKA", SERVERS["DUBAN_KAFKA"])
    require(settings.clickhouse, "DUBAN_CLICKHOUSE", SERVERS["DUBAN_CLICKHOUSE"])
    log_as_json("sink")
    watched = Watched()
    REGISTRY.register(watched)
    try:
        with (
            serve_metrics(chosen.metrics_port, watched.trouble, settings.host),
            tracing("sink") as spans,
        ):
            run_until_stopped(
                lambda stopping: take_in(settings, watched, chosen.session, spans, stopping)
            )
    finally:
        REGISTRY.unregister(watched)
    return 0


def take_in(
    settings: Settings, watched: "Watched", session: float, spans: Tracing,
    stopping: threading.Event,
) -> None:  # fmt: skip
    """Until ``stopping``."""
    engine = HttpEngine(settings.clickhouse)
    with closing(engine):
        store = open_when_there(settings, stopping)
        if store is None:
            return
        with closing(store):
            if not _prepared(engine, stopping):
                return
            lines = Lines(
                engine, lambda: store.load_kind("policy"), SystemClock(), tracing=spans
            )
            topics = Topics(settings.topic_prefix)
            watched.sink = KafkaSink(settings.kafka, topics, lines, session)
            watched.sink.run(stopping)


@dataclass(eq=False, slots=True)
class Watched(Collector):
    """What is told of the sink."""

    sink: KafkaSink | None = None

    def trouble(self) -> str:
        return "there are no tables yet" if self.sink is None else self.sink.problem

    def collect(self) -> Iterator[Metric]:
        if self.sink is None:
            return
        for name, said, counted in (
            ("events", "Events taken into the tables", self.sink.events),
            ("batches", "Batches written", self.sink.batches),
            ("retries", "Attempts to write a batch that failed", self.sink.retries),
        ):
            yield CounterMetricFamily(f"duban_sink_{name}", said, value=counted)
        yield from _gauges(self.sink.looks.values())


def _gauges(looks: Iterable[Look]) -> Iterator[Metric]:
    behind = GaugeMetricFamily(
        "duban_sink_lag_offsets", "Offsets not yet in the tables", labels=["partition"]
    )
    late = GaugeMetricFamily(
        "duban_sink_lag_seconds", "How old the oldest event is that waits", labels=["partition"]
    )
    parked = GaugeMetricFamily(
        "duban_dead_letters", "Events that could not be taken in", labels=["partition"]
    )
    for look in looks:
        labels = [str(look.partition)]
        behind.add_metric(labels, look.behind)
        late.add_metric(labels, look.late)
        parked.add_metric(labels, look.parked)
    yield from (behind, late, parked)


def _prepared(engine: Engine, stopping: threading.Event) -> bool:
    """Waits for tables that cannot be had yet, and says so once; False: told to stop meanwhile."""
    waiting = ""
    while not stopping.is_set():
        try:
            prepare_for_sinks(engine)
            return True
        except (TablesUnavailable, Refused) as error:
            said = error.message if isinstance(error, Refused) else str(error)
            if waiting != said:
                log.warning("waiting: %s", said)
            waiting = said
            stopping.wait(RETRY_SECONDS)
    return False
