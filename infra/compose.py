"""The composition root: the one place that knows which adapters a mode is made of."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from zoneinfo import ZoneInfo

from api.services import City, Services
from domain.catalogue import DECIDERS
from domain.deciding import Desk
from domain.errors import Refused
from domain.messages import Envelope
from domain.ports import Clock
from domain.registry import Registry
from domain.units.events import UnitRegistered
from infra.bundled import calendars_for
from infra.clickhouse.engine import ChdbEngine
from infra.clickhouse.letters import ClickHouseLetters
from infra.clickhouse.reading import ClickHouseReader
from infra.clickhouse.rebuilding import rebuild
from infra.clickhouse.schema import prepare
from infra.clickhouse.tables import ClickHouseTables
from infra.clocks import SystemClock, new_id
from infra.event_store.shares import SqliteAddress
from infra.event_store.store import SqliteEventStore
from infra.live import LiveFeed
from infra.reaction_marks import FileMarks
from infra.settings import Settings
from infra.simulating.territory import CAUSE as SYNTHETIC
from infra.verifying import Findings, verify
from projections.catalogue import PROJECTIONS
from projections.rules import Rules
from streams.following import Follower
from streams.projector import Projector
from streams.reacting import Reactor
from streams.reactions import Reactions
from streams.wire import Decoding

Report = Callable[[int, int], None]
REPORT_SECONDS = 0.2
PATIENCE_SECONDS = 15.0
# Events that no table has seen yet, as after a restore: building whole is faster than following.
LONG_LOG = 100_000
SWITCH_SECONDS = 0.0005


@dataclass(frozen=True, slots=True)
class Runtime:
    """One city, open. ``close`` leaves everything on disk as it stands."""

    settings: Settings
    store: SqliteEventStore
    desk: Desk
    engine: ChdbEngine
    follower: Follower
    reactor: Reactor
    services: Services
    _opened: ExitStack

    def catch_up(self, report: Report = lambda done, total: None) -> None:
        """Wait until the read tables hold all events. Raises ``Refused`` (``tables.failed``) when
        they cannot, or have not got on for a while."""
        target, moved, reached = self.store.last_position(), time.monotonic(), -1
        while not self.follower.wait_for(target, REPORT_SECONDS):
            health = self.follower.health()
            if health.position > reached:
                moved, reached = time.monotonic(), health.position
            stuck = health.state == "retrying" and time.monotonic() - moved > PATIENCE_SECONDS
            if stuck or health.state in ("failed", "stopped"):
                raise Refused(
                    "tables.failed",
                    f"all events are stored, but the read tables cannot take them in: "
                    f"{health.problem}",
                )
            report(health.position, target)
        report(target, target)

    def react(self) -> None:
        """Everything that follows by rule from what has happened, and from the time it is."""
        self.catch_up()
        self.reactor.tick()
        self.catch_up()

    def rebuild(self, tables: Sequence[str], report: Report) -> list[str]:
        """Make read tables (none named: all) anew; only while the follower rests."""
        until = self.store.last_position()
        return rebuild(self.engine, SqliteAddress(self.settings.events_file), until, tables, report)

    def verify(self, report: Report) -> Findings:
        """Derive everything again and compare; the tables are brought up to date first."""
        self.catch_up()
        self.follower.stop()
        return verify(
            self.engine,
            SqliteAddress(self.settings.events_file),
            self.follower.position,
            self.store.load_kind("ranking"),
            report,
        )

    def close(self) -> None:
        self._opened.close()


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
        engine = ChdbEngine(settings.tables_dir)
        opened.callback(engine.close)
        tables = _tables(engine, settings, store)
        projector = Projector(PROJECTIONS, tables, Rules(store.load_kind("policy")))
        opened.callback(projector.close)
        letters = ClickHouseLetters(engine, clock)
        follower = Follower(
            store, projector, tables, Decoding(registry), letters, store.store_id()
        )
        live = LiveFeed(lambda: follower.position, follower.wait_for)
        follower.listen(_announcing(live))
        desk = Desk(store, clock, DECIDERS, calendars_for)
        if follow:
            follower.start()
        opened.callback(follower.stop)
        reader = ClickHouseReader(engine)
        marks = FileMarks(settings.data_dir, store.store_id())
        reactor = _reactor(store, registry, desk, clock, reader, marks, follower)
        opened.callback(reactor.stop)
        services = Services(
            desk=desk,
            store=store,
            reader=reader,
            live=live,
            clock=clock,
            new_id=new_id,
            city=lambda: _city(store, desk.standing.city),
            version=version("duban"),
            synthetic=lambda: _founded_by(store, desk.standing.city) == SYNTHETIC,
            trouble=lambda: follower.health().problem or reactor.health().problem,
        )
        return Runtime(settings, store, desk, engine, follower, reactor, services, opened.pop_all())


def _reactor(
    store: SqliteEventStore, registry: Registry, desk: Desk, clock: Clock,
    reader: ClickHouseReader, marks: FileMarks, follower: Follower,
) -> Reactor:  # fmt: skip
    reactions = Reactions(
        store, lambda: desk.standing.policies, lambda: desk.standing.calendars.zone
    )
    return Reactor(
        store, Decoding(registry), desk, clock, reader, marks, reactions, follower.wait_for
    )


def _tables(engine: ChdbEngine, settings: Settings, store: SqliteEventStore) -> ClickHouseTables:
    """The read tables, built anew where the program or the store says so."""
    if missing := prepare(engine):  # a new version of the program has other tables
        rebuild(engine, SqliteAddress(settings.events_file), store.last_position(), missing)
    tables = ClickHouseTables(engine, PROJECTIONS)
    if tables.checkpoint() == 0 and store.last_position() > LONG_LOG:
        rebuild(engine, SqliteAddress(settings.events_file), store.last_position())
    return tables


RUNTIMES: Mapping[str, Callable[[Settings, Clock | None, bool], Runtime]] = {"embedded": embedded}


def _announcing(live: LiveFeed) -> Callable[[int, int, Sequence[Envelope]], None]:
    def announce(first: int, last: int, envelopes: Sequence[Envelope]) -> None:
        live.announce(first, last, frozenset(envelope.stream_id for envelope in envelopes))

    return announce


@cache
def _founding(store: SqliteEventStore, city: str) -> Envelope:
    """The registration of the city: the first event of its stream, which never changes."""
    return store.load(f"unit-{city}")[0]


def _founded_by(store: SqliteEventStore, city: str) -> str:
    return _founding(store, city).metadata.cause if city else ""


def _city(store: SqliteEventStore, city: str) -> City:
    if not city:
        return City("", "", ZoneInfo("UTC"), "")
    event = _founding(store, city).event
    if not isinstance(event, UnitRegistered):
        raise TypeError("a unit begins with its registration")
    return City(city, event.name, ZoneInfo(event.timezone), event.language)
