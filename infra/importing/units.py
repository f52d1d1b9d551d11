"""The units that rows speak of: who is inspected or responsible, and the territory it lies in."""

import math
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from domain.errors import Conflict
from domain.messages import Command
from domain.units.commands import ChangeUnit, MoveUnit, RegisterUnit
from domain.units.decide import Unit
from domain.units.events import UnitKind
from infra.importing.binding import Values
from infra.importing.model import City, Grid, Territory, UnitWords


class Home(msgspec.Struct, frozen=True):
    """A node of the territory right below the city; the city itself has no ``kind`` here."""

    unit_id: str
    code: str = ""
    name: str = ""
    kind: UnitKind | None = None
    latitude: float | None = None
    longitude: float | None = None


class UnitSeen(msgspec.Struct, frozen=True):
    """A unit as a row describes it; what the row does not say is empty."""

    unit_id: str
    code: str
    name: str
    kind: UnitKind
    peer_group: str
    address: str
    latitude: float | None
    longitude: float | None
    home: Home


def unit_seen(words: UnitWords, values: Values, city: City) -> UnitSeen:
    code = values.text(words.code)
    return UnitSeen(
        unit_id=words.prefix + code,
        code=code,
        name=values.text(words.name),
        kind=words.kind,
        peer_group=values.text(words.peer_group),
        address=values.text(words.address),
        latitude=values.degrees(words.latitude),
        longitude=values.degrees(words.longitude),
        home=home(words.parent, values, values.number(words.latitude),
                  values.number(words.longitude), city),
    )  # fmt: skip


def home(
    territory: Territory,
    values: Values,
    latitude: Decimal | None,
    longitude: Decimal | None,
    city: City,
) -> Home:
    """Where a row lies; the city, when the row does not say."""
    if territory.column is not None and (code := values.text(territory.column.code)):
        kind = territory.column.kind
        name = values.text(territory.column.name) or code
        return Home(f"{kind}-{code}", code, name, kind)
    if territory.grid is not None and latitude is not None and longitude is not None:
        return cell(territory.grid, latitude, longitude)
    return Home(city.code)


def cell(grid: Grid, latitude: Decimal, longitude: Decimal) -> Home:
    """The cell around a point, named after its south-western corner."""
    south = math.floor(latitude / grid.latitude) * grid.latitude
    west = math.floor(longitude / grid.longitude) * grid.longitude
    north_south, east_west = "S" if south < 0 else "N", "W" if west < 0 else "E"
    code = f"{abs(south)}{north_south}-{abs(west)}{east_west}"
    name = f"{abs(south)}°{north_south} {abs(west)}°{east_west}"
    return Home(f"grid-{code}", code, name, "grid", float(south), float(west))


def registration(home: Home, city: str) -> RegisterUnit:
    """Enters a territory below the city."""
    assert home.kind is not None  # the city itself is registered by setting up
    return RegisterUnit(
        unit_id=home.unit_id,
        code=home.code,
        name=home.name,
        kind=home.kind,
        parent=city,
        latitude=home.latitude,
        longitude=home.longitude,
    )


def entry(seen: UnitSeen) -> RegisterUnit:
    """Enters a unit below its home."""
    return RegisterUnit(
        unit_id=seen.unit_id,
        code=seen.code,
        name=seen.name or seen.code,
        kind=seen.kind,
        parent=seen.home.unit_id,
        peer_group=seen.peer_group,
        address=seen.address,
        latitude=seen.latitude,
        longitude=seen.longitude,
    )


def entries(seen: UnitSeen, known: Unit | None) -> Iterator[Command]:
    """What makes the register say what the row says. What a row leaves empty stays as it was.
    Raises ``Conflict`` (``import.other_unit``)."""
    if known is None:
        yield entry(seen)
        return
    check_kind(seen, known)
    changes = {
        field: value
        for field in ("name", "peer_group", "address", "latitude", "longitude")
        if (value := getattr(seen, field)) not in ("", None, getattr(known, field))
    }
    if changes:
        yield ChangeUnit.model_validate({"unit_id": seen.unit_id, **changes})
    if known.parent != seen.home.unit_id and seen.home.kind is not None:
        yield MoveUnit(unit_id=seen.unit_id, parent=seen.home.unit_id, line=known.line)


def check_kind(seen: UnitSeen, known: Unit) -> None:
    if known.kind != seen.kind:
        raise Conflict(
            "import.other_unit",
            f"unit {seen.unit_id} is registered as a {known.kind}, not as a {seen.kind}: give the "
            "mapping's units a 'prefix'",
        )
