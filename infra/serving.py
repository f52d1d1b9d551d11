"""What is told of a process that serves a city, in the words of Prometheus."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from domain.errors import Refused
from infra.metrics import serve_metrics
from infra.runtime import Runtime


class Watched(Collector):
    """Asked every few seconds by whoever watches the process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def collect(self) -> Iterator[Metric]:
        runtime = self._runtime
        health = runtime.follower.health()
        yield GaugeMetricFamily(
            "duban_tables_position", "The read tables hold everything up to here",
            value=health.position,
        )  # fmt: skip
        yield GaugeMetricFamily(
            "duban_tables_lag_positions", "Events stored and not yet in the tables",
            value=health.behind,
        )  # fmt: skip
        yield GaugeMetricFamily(
            "duban_live_listeners", "Open streams of live changes",
            value=runtime.services.live.listeners,
        )  # fmt: skip
        try:
            stored = runtime.store.last_position()
        except Refused:  # the store is away, which the pages say themselves
            return
        yield CounterMetricFamily("duban_events_stored", "Events in the store", value=stored)
        if runtime.reacts:
            yield GaugeMetricFamily(
                "duban_reactions_lag_positions", "Events not reacted to yet",
                value=max(0, stored - runtime.reactor.position),
            )  # fmt: skip
            yield GaugeMetricFamily(
                "duban_reactions_refused", "Reactions that were refused and are kept",
                value=len(runtime.reactor.refused()),
            )  # fmt: skip


@contextmanager
def watched(runtime: Runtime, port: int | None, host: str) -> Iterator[int]:
    """Serves the figures at a port of their own while the block lasts, and yields it; None serves
    nothing."""
    collector = Watched(runtime)
    REGISTRY.register(collector)
    try:
        with serve_metrics(port, runtime.services.trouble, host) as chosen:
            yield chosen
    finally:
        REGISTRY.unregister(collector)
