"""``duban worker``: lets follow what follows by rule, from events and from time."""

import argparse
import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.errors import Refused
from infra.commands.watching import add_metrics_option, run_watched
from infra.event_store.postgres.marks import PostgresMarks
from infra.event_store.postgres.store import PostgresEventStore
from infra.kafka.checking import answers
from infra.kafka.topics import Topics
from infra.lasting import RETRY_SECONDS, require, when_there
from infra.runtime import Runtime
from infra.server import server
from infra.settings import SERVERS, Settings
from infra.turns import Turn
from streams.faust_app import reactions_app

EXAMPLES = (
    "DUBAN_MODE=server duban worker",
    "duban worker --metrics-port 9103             # /metrics, /healthz and /readyz",
)
# What waiting may cure: a server is starting, or nobody has prepared it yet.
PASSING = ("store.unavailable", "store.busy", "store.unprepared", "tables.unavailable")

log = logging.getLogger("duban.worker")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_metrics_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    for variable, what in SERVERS.items():
        require(getattr(settings, variable.removeprefix("DUBAN_").lower()), variable, what)
    watched = Watched()
    run_watched(
        "worker", watched, chosen, settings,
        lambda spans, stopping: work(settings, watched, stopping),
    )  # fmt: skip
    return 0


@dataclass(slots=True, eq=False)
class Watched(Collector):
    """What is told of the worker."""

    runtime: Runtime | None = None
    turn: Turn | None = None

    def trouble(self) -> str:
        return "the services are not there yet" if self.turn is None else self.turn.problem

    def collect(self) -> Iterator[Metric]:
        if self.runtime is None or self.turn is None:
            return
        yield GaugeMetricFamily(
            "duban_reactions_lead", "1: this worker leads; 0: it stands by",
            value=float(self.turn.leads),
        )  # fmt: skip
        try:
            behind = self.runtime.store.last_position() - self.runtime.reactor.position
            refused = len(self.runtime.reactor.refused())
        except Refused:  # the store is away, which the process says elsewhere
            return
        if self.turn.leads:
            yield GaugeMetricFamily(
                "duban_reactions_lag_positions", "Events not reacted to yet", value=max(0, behind)
            )
        yield GaugeMetricFamily(
            "duban_reactions_refused", "Reactions that were refused and are kept", value=refused
        )


def work(settings: Settings, watched: Watched, stopping: threading.Event) -> None:
    """Until ``stopping``; of several workers one leads the reactions and the others stand by."""
    runtime = when_there(lambda: server(settings), PASSING, stopping, log)
    if runtime is None:
        return
    with closing(runtime):
        store = runtime.store
        assert isinstance(store, PostgresEventStore)
        marks = PostgresMarks(settings.postgres)
        turn = Turn(runtime.reactor, marks, store.last_position, store.leadership)
        watched.runtime, watched.turn = runtime, turn
        leading = threading.Thread(target=turn.run, args=(stopping,), name="turn", daemon=True)
        leading.start()
        with TemporaryDirectory(prefix="duban-worker-") as folder:
            while not stopping.is_set():
                asyncio.run(_listen(settings, turn, Path(folder), stopping))
        turn.wake()
        leading.join()


async def _listen(settings: Settings, turn: Turn, folder: Path, stopping: threading.Event) -> None:
    """Until ``stopping``, or until Faust gives up: then it is started anew. What follows from
    events does not wait for it; it only learns of them later."""
    brokers, topics = settings.kafka, Topics(settings.topic_prefix)
    while not await asyncio.to_thread(answers, brokers):
        if await asyncio.to_thread(stopping.wait, RETRY_SECONDS):
            return
    app = reactions_app(
        topics.group("worker"), brokers.split(","), topics.events, turn.wake, turn.done, folder
    )
    try:
        await app.start()
        while not (stopping.is_set() or app.crashed):
            await asyncio.sleep(0.2)
    except Exception as error:  # whatever it is that Faust stumbles over, it is started again
        log.warning("events are not heard of at the moment: %s", error or repr(error))
    finally:
        await app.stop()
    if not stopping.is_set():
        log.warning("starting to listen anew after %s", app.crash_reason)
        await asyncio.sleep(RETRY_SECONDS)
