"""What rules every decision in the city: which city it is, its calendar, its adopted policies."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from domain.calendar import Calendars
from domain.messages import Event
from domain.policies.book import PolicyBook
from domain.policies.events import PolicyAdopted
from domain.ports import EventStore
from domain.units.events import UnitRegistered

CalendarsFor = Callable[[str], Calendars]  # from a time zone (IANA name)


@dataclass(frozen=True, slots=True)
class Standing:
    """``city`` is the city's unit id, "" until it is registered (the zone is UTC until then)."""

    calendars_for: CalendarsFor
    calendars: Calendars
    policies: PolicyBook
    city: str = ""

    @classmethod
    def read(cls, store: EventStore, calendars_for: CalendarsFor) -> "Standing":
        standing = cls(calendars_for, calendars_for("UTC"), PolicyBook())
        for kind in ("unit", "policy"):
            for envelope in store.load_kind(kind):
                standing = standing.after(envelope.key, envelope.event)
        return standing

    def after(self, key: str, event: Event) -> "Standing":
        """What stands once ``event`` has happened to the thing with the id ``key``."""
        if isinstance(event, PolicyAdopted):
            return replace(self, policies=self.policies.adopt(event))
        if isinstance(event, UnitRegistered) and event.kind == "city":
            return replace(self, city=key, calendars=self.calendars_for(event.timezone))
        return self
