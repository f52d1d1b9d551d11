"""One city, open: what commands and pages work with, whatever it is made of."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from api.services import City, Live, Services, Transparency
from domain.access.recording import AccessLog
from domain.deciding import Desk
from domain.errors import Refused
from domain.evidence.ports import EvidenceStore
from domain.messages import Envelope
from domain.persons.registering import PersonRegister
from domain.ports import Clock, EventStore
from domain.registry import Registry
from domain.units.events import UnitRegistered
from infra.casefiles.opening import CaseFiles
from infra.clickhouse.engine import Engine
from infra.clocks import new_id
from infra.event_store.address import StoreAddress
from infra.evidence.checking import check as check_evidence
from infra.keeping import Keeping
from infra.settings import Settings
from infra.simulating.territory import CAUSE as SYNTHETIC
from infra.transparency.checking import Proven, check
from infra.transparency.kept import Kept
from infra.vault.keys import new_salt
from infra.vault.sealed import SealedVault
from infra.verifying import Findings
from projections.reading import Reader
from streams.following import Health
from streams.ports import RawLog
from streams.proving import Outside
from streams.reacting import Marks, Reactor
from streams.reactions import Reactions
from streams.wire import Decoding

if TYPE_CHECKING:
    from infra.casefiles.packing import Sources

Report = Callable[[int, int], None]
REPORT_SECONDS = 0.2
PATIENCE_SECONDS = 15.0


class Store(EventStore, RawLog, Protocol):
    """The event store as its adapters have it."""

    def clock_behind(self) -> timedelta: ...

    def store_id(self) -> str: ...

    def close(self) -> None: ...


class Following(Protocol):
    """What keeps the read tables up with the log, or watches others do so."""

    @property
    def position(self) -> int: ...

    def wait_for(self, position: int, timeout: float) -> bool: ...

    def health(self) -> Health: ...

    def resting(self) -> AbstractContextManager[None]: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """One city, open. ``close`` leaves everything on disk as it stands. ``reacts``: whoever serves
    this city also lets follow what follows by rule; otherwise workers do."""

    settings: Settings
    store: Store
    address: StoreAddress
    desk: Desk
    engine: Engine
    follower: Following
    reactor: Reactor
    services: Services
    reacts: bool
    keeping: Keeping
    kept: Kept
    vault: SealedVault
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
        """Make read tables (none named: all) anew; a follower of this process must not run."""
        return self.keeping.rebuild(tables, report)

    def verify(self, report: Report, proven: Proven | None = None) -> Findings:
        """Hash everything again and hold it against what was signed (``proven``: done already);
        then derive everything again and compare, and hash the files of evidence. Tree and tables
        are brought up to date first."""
        self.catch_up()
        proven = proven or self._proven(report)
        if proven.wrong:  # what would be derived from such events proves nothing
            return Findings(proven.events, (), [*self.address.problems(), *proven.wrong])
        derived = replace(self.keeping.verify(report), proven=proven.line())
        held = check_evidence(self.services.reader, self.services.evidence, report)
        return replace(derived, evidence=held.line(), wrong=[*derived.wrong, *held.wrong])

    def _proven(self, report: Report) -> Proven:
        with self.kept.still():
            return check(
                self.address, self.store.last_position, self.kept.tree, self.kept.ledger,
                self.store.store_id(), Outside(), report,
            )  # fmt: skip

    def close(self) -> None:
        self._opened.close()


def services_of(
    store: Store, desk: Desk, reader: Reader, live: Live, clock: Clock,
    trouble: Callable[[], str], transparency: Transparency, evidence: EvidenceStore,
    vault: SealedVault, kept: Kept, settings: Settings,
) -> Services:  # fmt: skip
    """What the web side is given."""
    founding = _Founding(store)

    def sources() -> "Sources":
        from infra.casefiles.packing import Sources

        return Sources(
            store, desk, reader, clock, made.city, made.synthetic, made.version, evidence,
            made.persons, kept, settings,
        )  # fmt: skip

    made = Services(
        desk=desk,
        store=store,
        reader=reader,
        live=live,
        clock=clock,
        new_id=new_id,
        city=lambda: founding.city(desk.standing.city),
        version=version("duban"),
        synthetic=lambda: founding.synthetic(desk.standing.city),
        trouble=trouble,
        transparency=transparency,
        evidence=evidence,
        vault=vault,
        persons=PersonRegister(vault, desk, store, new_salt),
        accesses=AccessLog(store, clock, new_id),
        packages=CaseFiles(sources),
    )
    return made


def reactor_of(
    store: Store, registry: Registry, desk: Desk, clock: Clock, reader: Reader, marks: Marks,
    follower: Following,
) -> Reactor:  # fmt: skip
    """What follows by rule, ready to be ticked or started."""
    reactions = Reactions(
        store, lambda: desk.standing.policies, lambda: desk.standing.calendars.zone
    )
    return Reactor(
        store, Decoding(registry), desk, clock, reader, marks, reactions, follower.wait_for
    )


class _Founding:
    """The registration of a city: the first event of its stream, which never changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Envelope] = {}

    def synthetic(self, city: str) -> bool:
        return bool(city) and self._of(city).metadata.cause == SYNTHETIC

    def city(self, city: str) -> City:
        if not city:
            return City("", "", ZoneInfo("UTC"), "")
        event = self._of(city).event
        if not isinstance(event, UnitRegistered):
            raise TypeError("a unit begins with its registration")
        return City(city, event.name, ZoneInfo(event.timezone), event.language)

    def _of(self, city: str) -> Envelope:
        if city not in self._known:
            self._known[city] = self._store.load(f"unit-{city}")[0]
        return self._known[city]
