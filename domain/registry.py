"""The one list of event classes by stored name and version: encode, decode, upcast."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from domain.access import events as access
from domain.accountability import events as accountability
from domain.appeals import events as appeals
from domain.cases import events as cases
from domain.errors import Invalid
from domain.evidence import events as evidence
from domain.inspections import events as inspections
from domain.listings import events as listings
from domain.messages import Event
from domain.money import events as money
from domain.penalties import events as penalties
from domain.persons import events as persons
from domain.policies import events as policies
from domain.rankings import events as rankings
from domain.readings import events as readings
from domain.supervision import events as supervision
from domain.units import events as units

EVENTS: tuple[type[Event], ...] = (
    *units.EVENTS,
    *inspections.EVENTS,
    *cases.EVENTS,
    *evidence.EVENTS,
    *penalties.EVENTS,
    *rankings.EVENTS,
    *policies.EVENTS,
    *supervision.EVENTS,
    *money.EVENTS,
    *listings.EVENTS,
    *accountability.EVENTS,
    *appeals.EVENTS,
    *readings.EVENTS,
    *persons.EVENTS,
    *access.EVENTS,
)

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

# (name, version) → a function from the body of that version to the body of the next one.
UPCASTERS: Mapping[tuple[str, int], Upcaster] = {
    ("ranking.published", 1): lambda body: body,  # what version 2 adds has its empty value there
    ("case.overdue", 1): lambda body: body,
}


class Registry:
    """Turns events into bytes and back. A stored type is ``name/version``, never an import path."""

    def __init__(
        self,
        events: Sequence[type[Event]] = EVENTS,
        upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
    ) -> None:
        self._newest = {event.NAME: event for event in events}
        if len(self._newest) != len(events):
            raise ValueError("two event classes share a name")
        self._upcasters = upcasters
        self._encoder = msgspec.json.Encoder(decimal_format="string")
        # Made here, before there are other threads: msgspec holds a lock of its own while it reads
        # a type, and two threads that make decoders at once can wait for each other for ever.
        self._decoders: dict[str, Callable[[bytes], Event]] = {
            f"{name}/{event.VERSION}": msgspec.json.Decoder(event).decode
            for name, event in self._newest.items()
        }

    def topic(self, event: Event) -> str:
        return self._topics[type(event)]

    def encode(self, event: Event) -> bytes:
        return self._encoder.encode(event)

    def decode(self, topic: str, data: bytes) -> Event:
        """Raises ``Invalid`` (``event.unknown``, ``event.unreadable``): the log holds something
        this version of the program does not know, so reading on would lose it."""
        decoder = self._decoders.get(topic)
        if decoder is None:
            decoder = self._decoders[topic] = self._decoder(topic)
        try:
            return decoder(data)
        except msgspec.MsgspecError as error:
            raise Invalid("event.unreadable", f"event {topic} cannot be read: {error}") from error

    @cached_property
    def _topics(self) -> dict[type[Event], str]:
        return {event: f"{name}/{event.VERSION}" for name, event in self._newest.items()}

    def _decoder(self, topic: str) -> Callable[[bytes], Event]:
        name, _, written = topic.rpartition("/")
        newest = self._newest.get(name)
        if newest is None or not written.isdigit() or not 1 <= int(written) <= newest.VERSION:
            raise Invalid(
                "event.unknown", f"this version does not know the event {topic}: upgrade it first"
            )
        return lambda data: self._upcast(newest, name, int(written), data)

    def _upcast(self, newest: type[Event], name: str, version: int, data: bytes) -> Event:
        body = msgspec.json.decode(data)
        for step in range(version, newest.VERSION):
            body = self._upcasters[name, step](body)
        return msgspec.convert(body, newest)
