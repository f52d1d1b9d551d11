"""Given what happened, when something is asked, then these events follow or it is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.calendar import Calendars
from domain.decider import Context, Decider
from domain.errors import Refused
from domain.messages import Command, Envelope, Event, Metadata
from domain.policies.book import PolicyBook
from domain.policies.header import PolicyFile

# A Monday morning at nine in China.
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass
class Story:
    """One stream under test. ``units`` are the units that exist, by id; ``states`` and ``hands``
    are what other streams are and who has acted on them, by stream id; ``policies`` are those in
    force, ``book`` all that were adopted, ``together`` the commands of the same request."""

    decider: Decider[Any, Any]
    calendars: Calendars
    units: Mapping[str, Any] = field(default_factory=dict)
    states: Mapping[str, Any] = field(default_factory=dict)
    hands: Mapping[str, frozenset[str]] = field(default_factory=dict)
    policies: tuple[PolicyFile, ...] = ()
    book: PolicyBook = field(default_factory=PolicyBook)
    together: tuple[Command, ...] = ()
    at: datetime = MONDAY
    state: Any = None
    version: int = 0
    past: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = self.decider.initial

    def later(self, **spell: float) -> "Story":
        self.at += timedelta(**spell)
        return self

    def when(self, command: Command, actor: str = "officer") -> Sequence[Event]:
        """The events decided, already folded into the story."""
        decided = self.decider.decide(self.state, command, self._context(actor))
        for event in decided:
            self.version += 1
            metadata = Metadata(actor=actor, occurred_at=self.at)
            envelope = Envelope(0, command.stream_id, self.version, self.at, metadata, event)
            self.state = self.decider.evolve(self.state, envelope)
            self.past.append(event)
        return decided

    def refused(self, command: Command, code: str, actor: str = "officer") -> str:
        """The sentence of the refusal; nothing has changed."""
        before = self.state
        with pytest.raises(Refused) as refusal:
            self.decider.decide(self.state, command, self._context(actor))
        assert refusal.value.code == code
        assert self.state == before
        return refusal.value.message

    def _context(self, actor: str) -> Context:
        return Context(
            actor=actor,
            occurred_at=self.at,
            now=self.at,
            calendars=self.calendars,
            unit=self.units.get,
            state=self.states.get,
            actors=lambda stream_id: self.hands.get(stream_id, frozenset()),
            policies=self.policies,
            book=self.book,
            together=self.together,
        )
