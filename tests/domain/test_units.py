"""The two trees of units."""

import pytest

from domain.units.commands import ChangeUnit, MoveUnit, RegisterUnit, RetireUnit
from domain.units.decide import UNITS, Unit, territory
from domain.units.events import UnitChanged, UnitMoved, UnitRegistered, UnitRetired
from tests.support.calendars import PLAIN
from tests.support.specification import Story


def unit(unit_id: str, kind: str, parent: str = "", line: str = "", **more: object) -> Unit:
    fields: dict[str, object] = {
        "unit_id": unit_id, "name": unit_id, "kind": kind, "parent": parent, "line": line,
        "peer_group": "", "address": "", "latitude": None, "longitude": None,
    }  # fmt: skip
    return Unit(**{**fields, **more})  # type: ignore[arg-type]


CITY = unit("city", "city")
EAST = unit("east", "district", "city")
STREET = unit("street", "street", "east")
GRID = unit("grid", "grid", "street")
WORKS = unit("works", "department", "city")
ROADS = unit("roads", "department", "city", line="works")
UNITS_HERE = {u.unit_id: u for u in (CITY, EAST, STREET, GRID, WORKS, ROADS)}


@pytest.fixture
def story() -> Story:
    return Story(UNITS, PLAIN, UNITS_HERE)


def register(unit_id: str, kind: str, parent: str = "", **more: object) -> RegisterUnit:
    return RegisterUnit(
        unit_id=unit_id, code=unit_id, name=unit_id, kind=kind, parent=parent, **more
    )  # type: ignore[arg-type]


def test_a_city_needs_a_known_time_zone(story: Story) -> None:
    message = story.refused(register("city", "city", timezone="Asia/Pekin"), "unit.zone_unknown")
    assert "Asia/Shanghai" in message
    (event,) = story.when(register("city", "city", timezone="Asia/Shanghai"))
    assert isinstance(event, UnitRegistered)
    assert event.timezone == "Asia/Shanghai"


def test_only_the_city_has_a_time_zone(story: Story) -> None:
    wrong = register("west", "district", "city", timezone="Asia/Shanghai")
    story.refused(wrong, "unit.zone_not_city")


@pytest.mark.parametrize(
    ("kind", "parent", "code"),
    [
        ("district", "street", "unit.parent_kind"),
        ("street", "grid", "unit.parent_kind"),
        ("company", "works", "unit.parent_kind"),
        ("grid", "nowhere", "unit.parent_unknown"),
        ("grid", "", "unit.parent_unknown"),
        ("city", "east", "unit.parent_not_allowed"),
    ],
)
def test_a_unit_hangs_only_under_a_kind_above_it(
    story: Story, kind: str, parent: str, code: str
) -> None:
    more = {"timezone": "Asia/Shanghai"} if kind == "city" else {}
    story.refused(register("new", kind, parent, **more), code)


def test_a_unit_is_registered_once(story: Story) -> None:
    story.when(register("shop", "company", "grid"))
    story.refused(register("shop", "company", "grid"), "unit.exists")


def test_a_change_tells_only_what_is_different(story: Story) -> None:
    story.when(register("shop", "company", "grid", peer_group="bakery"))
    assert story.when(ChangeUnit(unit_id="shop", name="shop", peer_group="bakery")) == []
    assert story.when(ChangeUnit(unit_id="shop", name="Lu's", peer_group="bakery")) == [
        UnitChanged(name="Lu's")
    ]


def test_a_change_of_an_unknown_unit_is_refused(story: Story) -> None:
    story.refused(ChangeUnit(unit_id="shop", name="x"), "unit.unknown")


def test_a_department_never_stands_above_itself(story: Story) -> None:
    story.when(register("works", "department", "city"))
    circle = MoveUnit(unit_id="works", parent="city", line="roads")
    story.refused(circle, "unit.line_circle")


def test_a_retired_unit_changes_no_more(story: Story) -> None:
    story.when(register("shop", "company", "grid"))
    assert story.when(MoveUnit(unit_id="shop", parent="street")) == [UnitMoved(parent="street")]
    assert story.when(RetireUnit(unit_id="shop", reason="demolished")) == [
        UnitRetired(reason="demolished")
    ]
    story.refused(ChangeUnit(unit_id="shop", name="x"), "unit.retired")


def test_the_territory_is_found_by_walking_up() -> None:
    shop = unit("shop", "company", "grid")
    known = {**UNITS_HERE, "shop": shop}
    assert territory("shop", known.get) == ("east", "grid")
    assert territory("east", known.get) == ("east", "")
    assert territory("works", known.get) == ("", "")
