"""What the web side is given to work with; put together by the composition root."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol
from zoneinfo import ZoneInfo

from domain.access.recording import AccessLog
from domain.deciding import Desk
from domain.evidence.ports import EvidenceStore
from domain.persons.registering import PersonRegister
from domain.persons.vault import Vault
from domain.ports import Clock, EventStore, NewId
from projections.packages import Order, Packed
from projections.reading import Reader
from projections.transparency.checkpoints import Consistency, Inclusion, Signatures


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of the log that the read tables have just taken in, and what it touched."""

    first_position: int
    last_position: int
    streams: frozenset[str]


class Live(Protocol):
    @property
    def listeners(self) -> int:
        """How many listen to changes at the moment."""

    def position(self) -> int:
        """The position up to which the read tables are filled."""

    def changed(self) -> int:
        """The position of the newest change in it that is more than a record of reading."""

    def wait_for(self, position: int, timeout: float) -> bool:
        """Block until the read tables hold ``position`` (True) or ``timeout`` seconds passed."""

    def changes(self) -> AsyncIterator[Change]:
        """Changes from now on; a slow listener gets several of them joined into one."""


class Transparency(Protocol):
    """What proves that the log is the one that was recorded. Raises ``Refused`` (``log.*``,
    ``proof.*``, ``note.*``, ``witness.*``)."""

    def checkpoint(self, size: int | None = None) -> str:
        """The newest, or the one of exactly that size, with all who signed it."""

    def inclusion(self, position: int, size: int | None = None) -> Inclusion: ...

    def consistency(self, old: int, new: int | None = None) -> Consistency: ...

    def cosign(self, text: str) -> int:
        """Keeps what witnesses have signed below a checkpoint; answers how many were new."""

    def keys(self) -> list[str]:
        """The public keys in force: the log's and its witnesses'."""

    def stored(self, position: int) -> bytes:
        """The canonical bytes of an event, made anew of what lies in the store now."""

    def signatures(self, text: str) -> Signatures:
        """Who signed a checkpoint, checked with the keys that this log believes."""


class Packages(Protocol):
    """Packs what happened to one thing with all that proves it. Raises ``Refused`` (``package.*``,
    ``key.none``, ``log.*``, and that there is no such thing)."""

    def pack(
        self, order: Order, file: BinaryIO, report: Callable[[int, int], None] = ...
    ) -> Packed: ...


@dataclass(frozen=True, slots=True)
class City:
    """The one city of this deployment; empty names until its unit is registered."""

    unit_id: str
    name: str
    zone: ZoneInfo
    language: str


@dataclass(frozen=True, slots=True)
class Services:
    """``synthetic``: the city is made up, and every page must say so. ``trouble`` is what keeps the
    read tables from going on, "" when nothing does."""

    desk: Desk
    store: EventStore
    reader: Reader
    live: Live
    clock: Clock
    new_id: NewId
    city: Callable[[], City]
    version: str
    synthetic: Callable[[], bool]
    trouble: Callable[[], str]
    transparency: Transparency
    evidence: EvidenceStore
    vault: Vault
    persons: PersonRegister
    accesses: AccessLog
    packages: Packages
