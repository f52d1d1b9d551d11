"""The embedded mode: one city in one process, without services."""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from domain.catalogue import DECIDERS
from domain.deciding import Desk
from domain.messages import Envelope
from domain.ports import Clock
from domain.registry import Registry
from infra.bundled import calendars_for
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.letters import ClickHouseLetters
from infra.clickhouse.reading import ClickHouseReader
from infra.clickhouse.rebuilding import rebuild
from infra.clickhouse.schema import prepare
from infra.clickhouse.tables import ClickHouseTables
from infra.clocks import SystemClock
from infra.event_store.shares import SqliteAddress
from infra.event_store.store import SqliteEventStore
from infra.evidence.opening import open_evidence
from infra.keeping import OwnKeeping
from infra.live import LiveFeed
from infra.reaction_marks import FileMarks
from infra.runtime import Runtime, reactor_of, services_of
from infra.settings import Settings
from infra.transparency.kept import keep
from infra.vault.opening import open_vault
from projections.catalogue import PROJECTIONS
from projections.rules import Rules
from streams.following import Follower
from streams.projector import Projector
from streams.wire import Decoding

# Events that no table has seen yet, as after a restore: building whole is faster than following.
LONG_LOG = 100_000
SWITCH_SECONDS = 0.0005


def embedded(settings: Settings, clock: Clock | None = None, follow: bool = True) -> Runtime:
    """One process without services: SQLite, chDB, a follower thread (``follow``: started). The
    reactor is started by who serves the city; other commands tick it when something follows."""
    # The follower folds while requests wait for their turn: a tenth of the usual turn keeps an
    # append at 1 ms beside a busy thread (measured: 5 ms with the interpreter's default).
    sys.setswitchinterval(SWITCH_SECONDS)
    clock = clock or SystemClock()
    registry = Registry()
    with ExitStack() as opened:
        store = SqliteEventStore.open(settings.events_file, clock, registry)
        opened.callback(store.close)
        kept = keep(settings, store, store.store_id(), clock)
        opened.callback(kept.close)
        vault = open_vault(settings, store, store.store_id())
        opened.callback(vault.close)
        engine = ChdbEngine(settings.tables_dir)
        opened.callback(engine.close)
        follower = _follower(settings, store, engine, clock, registry, opened)
        live = LiveFeed(lambda: follower.position, follower.wait_for)
        follower.listen(_announcing(live))
        follower.ride(kept.notary)
        desk = Desk(store, clock, DECIDERS, calendars_for)
        if follow:
            follower.start()
        opened.callback(follower.stop)
        reader = ClickHouseReader(engine)
        marks = FileMarks(settings.data_dir, store.store_id())
        reactor = reactor_of(store, registry, desk, clock, reader, marks, follower)
        opened.callback(reactor.stop)
        services = services_of(
            store, desk, reader, live, clock,
            lambda: follower.health().problem or reactor.health().problem or kept.notary.problem,
            kept.log, open_evidence(settings, vault), vault, kept, settings,
        )  # fmt: skip
        address = SqliteAddress(settings.events_file)
        keeping = OwnKeeping(engine, store, address, follower)
        return Runtime(
            settings, store, address, desk, engine, follower, reactor, services, True, keeping,
            kept, vault, opened.pop_all(),
        )  # fmt: skip


def _follower(
    settings: Settings, store: SqliteEventStore, engine: ChdbEngine, clock: Clock,
    registry: Registry, opened: ExitStack,
) -> Follower:  # fmt: skip
    tables = _tables(engine, settings, store)
    projector = Projector(PROJECTIONS, tables, Rules(store.load_kind("policy")))
    opened.callback(projector.close)
    letters = ClickHouseLetters(engine, clock)
    return Follower(store, projector, tables, Decoding(registry), letters, store.store_id())


def _tables(engine: ChdbEngine, settings: Settings, store: SqliteEventStore) -> ClickHouseTables:
    """The read tables, built anew where the program or the store says so."""
    if missing := prepare(engine):  # a new version of the program has other tables
        rebuild(engine, SqliteAddress(settings.events_file), store.last_position(), missing)
    tables = ClickHouseTables(engine, PROJECTIONS)
    if tables.checkpoint() == 0 and store.last_position() > LONG_LOG:
        rebuild(engine, SqliteAddress(settings.events_file), store.last_position())
    return tables


def _announcing(live: LiveFeed) -> Callable[[int, int, Sequence[Envelope]], None]:
    def announce(first: int, last: int, envelopes: Sequence[Envelope]) -> None:
        live.announce(first, last, frozenset(envelope.stream_id for envelope in envelopes))

    return announce
