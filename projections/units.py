"""Units as they stand: the nodes of the two trees."""

from datetime import datetime

import msgspec

from domain.messages import Envelope, Event
from domain.units.events import UnitChanged, UnitMoved, UnitRegistered, UnitRetired
from projections.projection import Snapshot


class UnitRow(msgspec.Struct, kw_only=True, gc=False):
    unit_id: str
    code: str
    name: str
    kind: str
    parent: str
    peer_group: str
    line: str
    address: str
    latitude: float | None
    longitude: float | None
    timezone: str
    language: str
    retired: bool = False
    registered_at: datetime
    recorded_at: datetime
    version: int
    position: int


def begin(event: UnitRegistered, envelope: Envelope) -> UnitRow:
    return UnitRow(
        unit_id=envelope.key,
        code=event.code,
        name=event.name,
        kind=event.kind,
        parent=event.parent,
        peer_group=event.peer_group,
        line=event.line,
        address=event.address,
        latitude=event.latitude,
        longitude=event.longitude,
        timezone=event.timezone,
        language=event.language,
        registered_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        version=envelope.version,
        position=envelope.position,
    )


def evolve(row: UnitRow, event: Event, envelope: Envelope) -> None:
    match event:
        case UnitChanged():
            for field in event.__struct_fields__:
                if (value := getattr(event, field)) is not None:
                    setattr(row, field, value)
        case UnitMoved(parent=parent, line=line):
            row.parent = parent
            row.line = line
        case UnitRetired():
            row.retired = True


UNITS = Snapshot(table="units", version=1, kind="unit", row=UnitRow, begin=begin, evolve=evolve)
