"""The rules of one kind of stream, and what they may know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from domain.calendar import Calendars
from domain.messages import Command, Envelope, Event
from domain.policies.book import PolicyBook
from domain.policies.header import PolicyFile

S = TypeVar("S")
C = TypeVar("C", bound=Command)


@dataclass(frozen=True, slots=True)
class Context:
    """What a decider may know beside its own stream. All times are UTC.

    ``unit`` looks a unit up as it stands (``None``: not registered); ``city`` is the id of the one
    city ("" before it is registered); ``now`` is the moment of
    deciding and ``occurred_at`` the moment the fact happened. ``state`` gives the state of another
    stream (only what never changes again may be relied on: nothing locks it), ``actors`` who has
    acted on a stream so far, ``policies`` those in force when the fact happened. ``book`` holds
    all policies adopted so far; ``together`` are the commands of the same request, in order.
    """

    actor: str
    occurred_at: datetime
    now: datetime
    calendars: Calendars
    unit: Callable[[str], Any]
    city: str = ""
    state: Callable[[str], Any] = lambda stream_id: None
    actors: Callable[[str], frozenset[str]] = lambda stream_id: frozenset()
    policies: tuple[PolicyFile, ...] = ()
    book: PolicyBook = field(default_factory=PolicyBook)
    together: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Decider(Generic[S, C]):
    """The rules of one kind of stream: ``evolve`` folds what happened, ``decide`` says what
    happens next or refuses. Both are pure."""

    kind: str
    commands: tuple[type[C], ...]
    initial: S
    evolve: Callable[[S, Envelope], S]
    decide: Callable[[S, C, Context], Sequence[Event]]
