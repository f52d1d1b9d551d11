"""The rules of the two trees: territory (属地) and line of departments (行业)."""

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from domain.decider import Context, Decider
from domain.errors import Conflict, Invalid, NotFound
from domain.messages import Envelope, Event
from domain.units.commands import (
    COMMANDS,
    ChangeUnit,
    MoveUnit,
    RegisterUnit,
    RetireUnit,
    UnitCommand,
)
from domain.units.events import UnitChanged, UnitKind, UnitMoved, UnitRegistered, UnitRetired

# The kinds a unit of a kind may hang under in the territory tree. Smaller cities leave levels out.
PARENTS: Mapping[UnitKind, tuple[UnitKind, ...]] = {
    "city": (),
    "district": ("city",),
    "street": ("district", "city"),
    "community": ("street", "district"),
    "grid": ("community", "street", "district", "city"),
    "department": ("city", "district", "street"),
    "company": ("grid", "community", "street", "district", "city"),
}


class Unit(msgspec.Struct, frozen=True):
    """A unit as it stands."""

    unit_id: str
    name: str
    kind: UnitKind
    parent: str
    line: str
    peer_group: str
    address: str
    latitude: float | None
    longitude: float | None
    retired: bool = False


UNREGISTERED: Unit | None = None


def evolve(unit: Unit | None, envelope: Envelope) -> Unit | None:
    event = envelope.event
    if isinstance(event, UnitRegistered):
        return Unit(
            unit_id=envelope.key,
            name=event.name,
            kind=event.kind,
            parent=event.parent,
            line=event.line,
            peer_group=event.peer_group,
            address=event.address,
            latitude=event.latitude,
            longitude=event.longitude,
        )
    if unit is None:
        return None
    match event:
        case UnitChanged():
            changed = {
                f: v for f in event.__struct_fields__ if (v := getattr(event, f)) is not None
            }
            return msgspec.structs.replace(unit, **changed)
        case UnitMoved():
            return msgspec.structs.replace(unit, parent=event.parent, line=event.line)
        case UnitRetired():
            return msgspec.structs.replace(unit, retired=True)
    return unit


def decide(unit: Unit | None, command: UnitCommand, context: Context) -> Sequence[Event]:
    if isinstance(command, RegisterUnit):
        return _register(unit, command, context)
    unit = existing(unit, command.unit_id)
    if unit.retired:
        raise Conflict("unit.retired", f"{unit.name} is retired: nothing about it changes any more")
    match command:
        case ChangeUnit():
            return _change(unit, command)
        case MoveUnit():
            _check_parent(unit.kind, command.unit_id, command.parent, context)
            _check_line(command.unit_id, command.line, context)
            moved = UnitMoved(parent=command.parent, line=command.line)
            return [] if (unit.parent, unit.line) == (moved.parent, moved.line) else [moved]
        case RetireUnit():
            return [UnitRetired(reason=command.reason)]
    raise TypeError(f"no rule for {type(command).__name__}")


def existing(unit: Unit | None, unit_id: str) -> Unit:
    if unit is None:
        raise NotFound("unit.unknown", f"there is no unit {unit_id}: register it first")
    return unit


def territory(unit_id: str, unit: Callable[[str], Unit | None]) -> tuple[str, str]:
    """The district and the grid a unit stands in now: itself or the nearest node above, or ""."""
    found = {"district": "", "grid": ""}
    node = unit(unit_id)
    while node is not None:
        if node.kind in found:
            found[node.kind] = node.unit_id
        node = unit(node.parent) if node.parent else None
    return found["district"], found["grid"]


def _register(unit: Unit | None, command: RegisterUnit, context: Context) -> Sequence[Event]:
    if unit is not None:
        raise Conflict("unit.exists", f"unit {command.unit_id} is registered as {unit.name}")
    if command.kind == "city":
        if context.city:
            raise Conflict("unit.second_city", f"this is the back office of {context.city} alone")
        _check_zone(command.timezone)
    elif command.timezone:
        raise Invalid("unit.zone_not_city", "only the city has a time zone: leave it out here")
    _check_parent(command.kind, command.unit_id, command.parent, context)
    _check_line(command.unit_id, command.line, context)
    return [UnitRegistered(**command.model_dump(exclude={"unit_id"}))]


def _change(unit: Unit, command: ChangeUnit) -> Sequence[Event]:
    changed = {
        name: value
        for name, value in command.model_dump(exclude={"unit_id"}, exclude_none=True).items()
        if value != getattr(unit, name)
    }
    return [UnitChanged(**changed)] if changed else []


def _check_parent(kind: UnitKind, unit_id: str, parent: str, context: Context) -> None:
    allowed = PARENTS[kind]
    if not allowed:
        if parent:
            raise Invalid("unit.parent_not_allowed", f"a {kind} stands at the top: no parent")
        return
    above: Unit | None = context.unit(parent)
    if above is None:
        raise NotFound(
            "unit.parent_unknown", f"there is no unit {parent!r} to hang {unit_id} under"
        )
    if above.kind not in allowed:
        raise Invalid(
            "unit.parent_kind",
            f"a {kind} hangs under a {' or '.join(allowed)}, and {parent} is a {above.kind}",
        )
    if above.retired:
        raise Conflict("unit.parent_retired", f"{above.name} is retired: choose another parent")


def _check_line(unit_id: str, line: str, context: Context) -> None:
    """The department above must exist, and following the line upwards must never lead back."""
    above = line
    while above:
        if above == unit_id:
            raise Invalid("unit.line_circle", f"{unit_id} would stand above itself in the line")
        node: Unit | None = context.unit(above)
        if node is None or node.kind != "department":
            raise NotFound("unit.line_unknown", f"there is no department {above!r}")
        above = node.line


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(
            "unit.zone_unknown", f"the city needs a time zone such as Asia/Shanghai, not {name!r}"
        ) from None


UNITS: Decider[Unit | None, UnitCommand] = Decider(
    kind="unit", commands=COMMANDS, initial=UNREGISTERED, evolve=evolve, decide=decide
)
