"""Rankings as lines on a board: who stands where, how it moved, and where to look further."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote, urlencode

from api.pages.periods import Turning
from domain.rankings.events import RankedUnit
from projections.dossiers import UnitName
from projections.standings import Publication, Ranking, Standing


@dataclass(frozen=True, slots=True)
class Line:
    """``share`` is what the bar shows: the points as a part of the best unit's."""

    place: int
    unit: str
    name: str
    points: Decimal
    balance: Decimal
    entries: int
    move: int | None
    share: float
    href: str
    entries_href: str
    veto: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One peer group of a ranking; ``name`` is empty where all are peers."""

    name: str
    rows: Sequence[Standing]


def groups_of(ranking: Ranking) -> list[Group]:
    """The largest first: it is what a board shows unless asked otherwise."""
    rows: dict[str, list[Standing]] = {}
    for row in ranking.rows:
        rows.setdefault(row.peer_group, []).append(row)
    return [Group(name, rows[name]) for name in sorted(rows, key=lambda n: (-len(rows[n]), n))]


def group_named(groups: Sequence[Group], name: str | None) -> Group:
    for group in groups:
        if group.name == name:
            return group
    return groups[0] if groups and not name else Group(name or "", ())


def lines(rows: Sequence[Standing], best: Decimal, **query: str) -> list[Line]:
    """``query`` is what the links of the lines ask for beside the unit."""
    return [_line(row, best, query) for row in rows]


def frozen(rows: Sequence[Publication | RankedUnit], named: Mapping[str, UnitName]) -> list[Line]:
    """A ranking as it was frozen; it says nothing about how places moved."""
    return [
        Line(
            place=row.place,
            unit=row.unit,
            name=named[row.unit].name if row.unit in named else row.unit,
            points=row.points,
            balance=row.points,
            entries=row.entries,
            move=None,
            share=0.0,
            href=f"/units/{quote(row.unit, safe='')}",
            entries_href="",
            veto=row.veto,
        )
        for row in rows
    ]


def best_of(group: Group) -> Decimal:
    return max((row.points for row in group.rows), default=Decimal(0))


def query_of(
    period: Turning, level: str, group: Group, as_of: str = "", board: str = ""
) -> dict[str, str]:
    asked = {"board": board, "period": period.text, "level": level, "group": group.name}
    asked["as_of"] = as_of
    return {name: value for name, value in asked.items() if value}


def _line(row: Standing, best: Decimal, query: dict[str, str]) -> Line:
    asked = urlencode({**query, "unit": row.unit})
    return Line(
        place=row.place,
        unit=row.unit,
        name=row.name,
        points=row.points,
        balance=row.balance,
        entries=row.entries,
        move=row.moved,
        share=float(row.points / best) if best > 0 else 0.0,
        href=f"/rankings?{asked}",
        entries_href=f"/rankings/entries?{asked}",
        veto=row.veto,
    )
