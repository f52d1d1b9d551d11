"""What happens to units: the nodes of the territory tree and of the line of departments."""

from typing import Literal

from domain.messages import Event

UnitKind = Literal["city", "district", "street", "community", "grid", "department", "company"]


class UnitRegistered(Event, frozen=True):
    """``parent`` is the node above in the territory (属地), ``line`` the department above (行业).
    ``timezone`` (an IANA name) stands on the city alone and rules all its periods."""

    NAME = "unit.registered"
    code: str
    name: str
    kind: UnitKind
    parent: str = ""
    line: str = ""
    peer_group: str = ""
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    timezone: str = ""
    language: str = ""


class UnitChanged(Event, frozen=True):
    """New values of what changed; ``None`` means it stays."""

    NAME = "unit.changed"
    name: str | None = None
    peer_group: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class UnitMoved(Event, frozen=True):
    """The unit hangs under other nodes from now on; its earlier facts keep their old place."""

    NAME = "unit.moved"
    parent: str
    line: str = ""


class UnitRetired(Event, frozen=True):
    NAME = "unit.retired"
    reason: str


EVENTS = (UnitRegistered, UnitChanged, UnitMoved, UnitRetired)
