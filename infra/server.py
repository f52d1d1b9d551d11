"""The server mode: PostgreSQL holds the events, ClickHouse the tables, Kafka what leads there."""

from contextlib import ExitStack

from domain.catalogue import DECIDERS
from domain.deciding import Desk
from domain.ports import Clock
from domain.registry import Registry
from infra.bundled import calendars_for
from infra.clickhouse.http_engine import HttpEngine
from infra.clickhouse.progress import ClickHouseProgress
from infra.clickhouse.reading import ClickHouseReader
from infra.clocks import SystemClock
from infra.event_store.postgres.marks import PostgresMarks
from infra.event_store.postgres.shares import PostgresAddress
from infra.event_store.postgres.store import PostgresEventStore
from infra.evidence.opening import open_evidence
from infra.kafka.quieting import Quieting
from infra.kafka.topics import Topics
from infra.kafka.watching import Listener, Watcher
from infra.live import LiveFeed
from infra.runtime import Runtime, reactor_of, services_of
from infra.settings import Settings
from infra.shared_keeping import SharedKeeping
from infra.transparency.kept import keep
from infra.vault.opening import open_vault


def server(settings: Settings, clock: Clock | None = None, follow: bool = True) -> Runtime:
    """One of any number of processes of a city: sinks fill the tables, a worker lets follow what
    follows by rule, and this process watches the tables (``follow``) and answers."""
    clock = clock or SystemClock()
    registry = Registry()
    with ExitStack() as opened:
        store = PostgresEventStore.open(settings.postgres, clock, registry)
        opened.callback(store.close)
        kept = keep(settings, store, store.store_id(), clock)
        opened.callback(kept.close)
        vault = open_vault(settings, store, store.store_id())
        opened.callback(vault.close)
        engine = HttpEngine(settings.clickhouse)
        opened.callback(engine.close)
        desk = Desk(store, clock, DECIDERS, calendars_for)
        progress = ClickHouseProgress(engine)
        topics = Topics(settings.topic_prefix)
        watcher = Watcher(store, progress.read, settings.kafka, topics)
        live = LiveFeed(lambda: watcher.position, watcher.wait_for)
        watcher.listen(live.announce)
        watcher.listen(_standing_by(desk))
        if follow:
            watcher.start()
        opened.callback(watcher.stop)
        reader = ClickHouseReader(engine)
        marks = PostgresMarks(settings.postgres)
        reactor = reactor_of(store, registry, desk, clock, reader, marks, watcher)
        opened.callback(reactor.stop)
        services = services_of(
            store, desk, reader, live, clock, lambda: watcher.health().problem, kept.log,
            open_evidence(settings, vault), vault, kept, settings,
        )  # fmt: skip
        address = PostgresAddress(settings.postgres)
        quieting = Quieting(engine, settings.kafka, topics)
        keeping = SharedKeeping(engine, store, address, quieting, lambda: watcher.position)
        return Runtime(
            settings, store, address, desk, engine, watcher, reactor, services, False, keeping,
            kept, vault, opened.pop_all(),
        )  # fmt: skip


def _standing_by(desk: Desk) -> Listener:
    """Pages ask the desk what rules the city: it is to know what others have adopted."""

    def listen(first: int, last: int, streams: frozenset[str]) -> None:
        if any(stream.startswith(("policy-", "unit-")) for stream in streams):
            desk.catch_up()

    return listen
