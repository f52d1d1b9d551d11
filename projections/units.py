"""Units as they stand: the nodes of the two trees."""

from datetime import datetime

import msgspec

from domain.messages import Envelope
from domain.units.events import UnitChanged, UnitMoved, UnitRegistered, UnitRetired
from projections.projection import Snapshot, moved


class UnitRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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


def evolve(row: UnitRow | None, envelope: Envelope) -> UnitRow | None:
    event = envelope.event
    if isinstance(event, UnitRegistered):
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
    if row is None:
        return None
    match event:
        case UnitChanged():
            said = {f: v for f in event.__struct_fields__ if (v := getattr(event, f)) is not None}
            return moved(row, envelope, **said)
        case UnitMoved(parent=parent, line=line):
            return moved(row, envelope, parent=parent, line=line)
        case UnitRetired():
            return moved(row, envelope, retired=True)
    return moved(row, envelope)


UNITS = Snapshot(table="units", version=1, kind="unit", row=UnitRow, evolve=evolve)
