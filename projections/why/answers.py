"""What an explanation is made of: sentences in order, clauses, events, and parts that add up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.calendar import Calendars
from domain.policies.book import PolicyBook
from domain.ports import EventStore
from projections.reading import Reader


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence, or name, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a rule is written. ``policy`` is the ref of the text (``id@version#digest``),
    ``assumed`` what no document says of it: "" stands for all of it, else a word in it."""

    policy: str
    policy_id: str
    digest: str
    clause: str
    title: Said
    basis: str
    document: str
    issued_by: str
    source: str
    assumed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventCited:
    """One event of the log. ``late``: stored more than a day after it happened; ``text`` is what
    it says beside its name, in the words of who recorded it (empty: nothing)."""

    position: int
    name: str
    stream: str
    version: int
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    late: bool
    text: Said


@dataclass(frozen=True, slots=True)
class Link:
    """Something that can be looked at for itself; ``kind`` is the kind of a stream, or a thing
    that ``why`` explains."""

    kind: str
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One line of an account. ``amount`` is its share (``None``: it is only told); where the parts
    below it have amounts, they add up to it."""

    said: Said
    amount: Decimal | None = None
    clause: str = ""
    position: int = 0
    link: Link | None = None
    parts: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """``parts`` add up to ``amount``, exactly, where there is one."""

    thing: str
    key: str
    title: Said
    sentences: tuple[Said, ...]
    clauses: tuple[Clause, ...] = ()
    events: tuple[EventCited, ...] = ()
    parts: tuple[Part, ...] = ()
    links: tuple[Link, ...] = ()
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """What explanations are read from. ``now`` is the moment of asking, ``read`` the position up
    to which the tables are filled: everything is explained as it stood there."""

    store: EventStore
    reader: Reader
    book: PolicyBook
    calendars: Calendars
    now: datetime
    read: int


def once(links: Iterable[Link]) -> tuple[Link, ...]:
    """Each thing once, in the order given; what has no id is left out."""
    kept: dict[tuple[str, str], Link] = {}
    for link in links:
        if link.id:
            kept.setdefault((link.kind, link.id), link)
    return tuple(kept.values())
