"""``duban sink``: takes the events of the topic into the read tables."""

import argparse
import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.errors import Refused
from infra.clickhouse.engine import Engine
from infra.clickhouse.http_engine import HttpEngine
from infra.clocks import SystemClock
from infra.commands.choosing import add_data_option, chosen_settings
from infra.commands.watching import add_metrics_option, run_watched
from infra.kafka.consuming import SESSION_SECONDS, KafkaSink, Look
from infra.kafka.topics import Topics
from infra.lasting import require, when_there
from infra.lines import Lines, prepare_for_sinks
from infra.settings import SERVERS, Settings
from infra.stores import open_when_there
from infra.tracing import Tracing
from streams.ports import TablesUnavailable

EXAMPLES = (
    "DUBAN_MODE=server duban sink                 # as many at once as the topic has partitions",
    "duban sink --metrics-port 9102               # /metrics, /healthz and /readyz",
)
# Waiting cures it: the server starts, or an operator builds the tables.
PASSING = ("tables.unavailable", "tables.missing")

log = logging.getLogger("duban.sink")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_data_option(parser)
    add_metrics_option(parser)
    parser.add_argument(
        "--session", type=float, default=SESSION_SECONDS, metavar="SECONDS",
        help="without a sign of life for so long, others take its partitions over "
        f"({SESSION_SECONDS:.0f}; Kafka's brokers allow 6 and more)",
    )  # fmt: skip


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    settings = chosen_settings(chosen, settings)
    require(settings.kafka, "DUBAN_KAFKA", SERVERS["DUBAN_KAFKA"])
    require(settings.clickhouse, "DUBAN_CLICKHOUSE", SERVERS["DUBAN_CLICKHOUSE"])
    watched = Watched()
    run_watched(
        "sink", watched, chosen, settings,
        lambda spans, stopping: take_in(settings, watched, chosen.session, spans, stopping),
    )  # fmt: skip
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
            if not when_there(lambda: _prepare(engine), PASSING, stopping, log):
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


def _prepare(engine: Engine) -> bool:
    """Raises ``Refused`` also where the tables cannot be had yet."""
    try:
        prepare_for_sinks(engine)
    except TablesUnavailable as error:
        raise Refused("tables.unavailable", str(error)) from error
    return True
