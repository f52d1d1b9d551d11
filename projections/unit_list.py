"""The list of units: search, the nodes of the trees, units by the colour at their door.

page(reader, UnitFilter(under="city"))      what hangs right below a node
page(reader, UnitFilter(words="milk"))      found by name, address, code or id
counts(reader, filter)                      how many of each kind (whatever kind is asked for)
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from projections.reading import Reader

Cursor = tuple[str, str]

BEGINNING: Cursor = ("", "")


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """Empty means any. ``colour`` is that of the unit's last inspection."""

    words: str = ""
    kind: str = ""
    under: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """``below`` counts the units right under it in the territory; ``colour`` is empty for a unit
    that was never inspected."""

    unit_id: str
    code: str
    name: str
    kind: str
    parent: str
    peer_group: str
    address: str
    retired: bool
    below: int
    colour: str


@dataclass(frozen=True, slots=True)
class UnitPage:
    """``next`` is where the following page begins; ``None``: this is the last one."""

    rows: tuple[UnitLine, ...]
    next: Cursor | None


def page(
    reader: Reader, wanted: UnitFilter, after: Cursor | None = None, limit: int = 50
) -> UnitPage:
    name, unit_id = after or BEGINNING
    place = {"after": name, "after_id": unit_id, "limit": limit + 1}
    found = [UnitLine(**row) for row in reader.rows("unit_list.page", asdict(wanted) | place)]
    rows = tuple(found[:limit])
    return UnitPage(rows, (rows[-1].name, rows[-1].unit_id) if len(found) > limit else None)


def counts(reader: Reader, wanted: UnitFilter) -> Mapping[str, int]:
    asked = asdict(wanted)
    del asked["kind"]
    return {row["kind"]: row["units"] for row in reader.rows("unit_list.counts", asked)}
