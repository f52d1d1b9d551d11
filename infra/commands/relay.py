"""``duban relay``: carries the events of the store to Kafka, each once and in order."""

import argparse
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.errors import Refused
from infra.clocks import SystemClock
from infra.commands.choosing import add_data_option, chosen_settings
from infra.commands.watching import add_metrics_option, run_watched
from infra.kafka.publishing import KafkaPublishing
from infra.kafka.topics import Topics
from infra.lasting import require
from infra.settings import SERVERS, Settings
from infra.stores import SharedStore, open_when_there
from infra.tracing import Tracing
from infra.transparency.kept import keep
from streams.relay import PASSING, Relay, Superseded

EXAMPLES = (
    "DUBAN_MODE=server duban relay",
    "duban relay --metrics-port 9101              # /metrics, /healthz and /readyz",
    "DUBAN_KAFKA=127.0.0.1:9092 duban relay --data ./data      # from a city in one file",
)
LEAD = "relay"
STANDBY_SECONDS = 1.0

log = logging.getLogger("duban.relay")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_data_option(parser)
    add_metrics_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    settings = chosen_settings(chosen, settings)
    require(settings.kafka, "DUBAN_KAFKA", SERVERS["DUBAN_KAFKA"])
    watched = Watched()
    try:
        run_watched(
            "relay", watched, chosen, settings,
            lambda spans, stopping: carry(settings, watched, spans, stopping),
        )  # fmt: skip
    except Superseded as error:
        raise Refused("relay.superseded", f"{error}; this one ends") from error
    return 0


@dataclass(eq=False, slots=True)
class Watched(Collector):
    """What is told of the relay. One that stands by tells nothing of how far it has got."""

    store: SharedStore | None = None
    relay: Relay | None = None
    leads: bool = False

    def trouble(self) -> str:
        if self.store is None or self.relay is None:
            return "there is no event store yet"
        return self.relay.problem if self.leads else ""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "duban_relay_leads", "1: this relay works; 0: it stands by", value=float(self.leads)
        )
        if self.store is None or self.relay is None or not self.leads:
            return
        yield CounterMetricFamily(
            "duban_relay_published", "Events carried to Kafka", value=self.relay.published
        )
        position = self.relay.position
        yield GaugeMetricFamily("duban_relay_position", "Carried up to here", value=position)
        try:
            behind = max(0, self.store.last_position() - position)
            waiting = self.store.read_raw(position, 1) if behind else ()
        except Refused:  # the store is away, which the process says elsewhere
            return
        seconds = max(0.0, time.time() - waiting[0][6] / 1e6) if waiting else 0.0
        yield GaugeMetricFamily(
            "duban_relay_lag_positions", "Events stored and not yet carried", value=behind
        )
        yield GaugeMetricFamily(
            "duban_relay_lag_seconds", "How long the oldest of them has waited", value=seconds
        )


def carry(
    settings: Settings, watched: Watched, spans: Tracing, stopping: threading.Event
) -> None:
    """Until ``stopping``; of several relays on one store one works and the others stand by."""
    store = open_when_there(settings, stopping)
    if store is None:
        return
    with closing(store):
        topics = Topics(settings.topic_prefix)
        publishing = KafkaPublishing(settings.kafka, topics, settings.partitions, store.store_id())
        watched.store, watched.relay = store, Relay(store, spans.publishing(publishing))
        told = False
        while not stopping.is_set():
            leads = _carry_if_leading(settings, store, watched, stopping)
            if not leads and not told:
                log.info("standing by: another relay works")
            told = not leads
            stopping.wait(STANDBY_SECONDS)


@contextmanager
def _notarised(settings: Settings, store: SharedStore) -> Iterator[None]:
    """Whoever carries the events on also keeps the tree over them and signs it; for a file that
    is done by the process that has it open."""
    if store.alone:
        yield
        return
    with (
        closing(keep(settings, store, store.store_id(), SystemClock())) as kept,
        kept.following(),
    ):
        yield


def _carry_if_leading(
    settings: Settings, store: SharedStore, watched: Watched, stopping: threading.Event
) -> bool:
    assert watched.relay is not None
    try:
        with store.leadership(LEAD) as watched.leads:
            if watched.leads:
                with _notarised(settings, store):
                    watched.relay.run(stopping)
            return watched.leads
    except Refused as refusal:
        if refusal.code not in PASSING:
            raise
        return False
    finally:
        watched.leads = False
