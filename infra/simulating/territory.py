"""The units of a made-up city: districts, streets, communities, grids, departments, companies."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.units.commands import RegisterUnit

DISTRICTS = ("东湖区", "西山区", "南港区", "北苑区")
STREETS = (
    "和平街道", "新华街道", "人民路街道", "文化路街道", "滨江街道", "解放路街道",
    "建设街道", "光明街道", "凤凰街道", "长青街道", "南门街道", "朝阳街道",
)  # fmt: skip
DEPARTMENTS = (
    "城市管理局", "住房和城乡建设局", "市场监督管理局", "生态环境局",
    "交通运输局", "园林绿化中心", "水务局", "公安交警支队",
)  # fmt: skip
COMMUNITIES_PER_STREET = 3
GRIDS_PER_COMMUNITY = 3
COMPANIES = 16
CENTRE = (30.60, 114.30)
CITY_ID = "city"
CAUSE = "simulate:synthetic"


@dataclass(frozen=True, slots=True)
class Territory:
    """Who can be answerable, and how carefully each of them works (0 worst, 1 best)."""

    streets: Sequence[str]
    departments: Sequence[str]
    companies: Sequence[str]
    grids: Sequence[tuple[str, str, float, float]]  # grid, its street, latitude, longitude
    care: dict[str, float]


def found(name: str, rng: random.Random) -> tuple[list[RegisterUnit], Territory]:
    """The registrations in an order in which every parent comes first, and what they make."""
    units = [
        RegisterUnit(
            unit_id=CITY_ID, code="000", name=name, kind="city",
            timezone="Asia/Shanghai", language="zh",
        )
    ]  # fmt: skip
    units += _departments()
    grids: list[tuple[str, str, float, float]] = []
    for number, district in enumerate(DISTRICTS, start=1):
        district_id = f"d{number}"
        units.append(_unit(district_id, district, "district", CITY_ID, "区"))
        for street in STREETS[number - 1 :: len(DISTRICTS)]:
            street_id = f"s{STREETS.index(street) + 1:02d}"
            units.append(_unit(street_id, street, "street", district_id, "街道"))
            for unit, place in _below(street_id, street, number, rng):
                units.append(unit)
                grids += place
    companies = [unit.unit_id for unit in units if unit.kind == "community"][:COMPANIES]
    units += [
        _unit(f"w{i:02d}", f"第{i}物业服务公司", "company", community, "物业公司")
        for i, community in enumerate(companies, start=1)
    ]
    answerable = [u.unit_id for u in units if u.kind in ("street", "department", "company")]
    care = {unit_id: rng.betavariate(5, 1.5) for unit_id in answerable}
    by_kind = {kind: [u.unit_id for u in units if u.kind == kind] for kind in ("street", "company")}
    departments = [unit.unit_id for unit in units if unit.kind == "department"]
    return units, Territory(by_kind["street"], departments, by_kind["company"], grids, care)


def _departments() -> Iterator[RegisterUnit]:
    for number, department in enumerate(DEPARTMENTS, start=1):
        yield _unit(f"b{number:02d}", department, "department", CITY_ID, "部门")


def _below(
    street_id: str, street: str, district: int, rng: random.Random
) -> Iterator[tuple[RegisterUnit, list[tuple[str, str, float, float]]]]:
    """The communities and grids of a street, each with its place if it is a grid."""
    for c in range(1, COMMUNITIES_PER_STREET + 1):
        community_id = f"{street_id}c{c}"
        name = f"{street.removesuffix('街道')}第{c}社区"
        yield _unit(community_id, name, "community", street_id, "社区"), []
        for g in range(1, GRIDS_PER_COMMUNITY + 1):
            grid_id = f"{community_id}g{g}"
            latitude = CENTRE[0] + 0.03 * (district - 2.5) + rng.uniform(-0.012, 0.012)
            longitude = CENTRE[1] + rng.uniform(-0.05, 0.05)
            grid = _unit(grid_id, f"{name}第{g}网格", "grid", community_id, "网格")
            yield grid, [(grid_id, street_id, round(latitude, 5), round(longitude, 5))]


def _unit(unit_id: str, name: str, kind: str, parent: str, peer_group: str) -> RegisterUnit:
    return RegisterUnit.model_validate(
        {
            "unit_id": unit_id, "code": unit_id, "name": name, "kind": kind,
            "parent": parent, "peer_group": peer_group,
        }
    )  # fmt: skip
