"""A ranking at two moments side by side: who stood elsewhere, or had other points."""

from dataclasses import dataclass
from decimal import Decimal

from projections.standings import Ranking, Standing


@dataclass(frozen=True, slots=True)
class Placed:
    place: int
    points: Decimal
    entries: int
    veto: str


@dataclass(frozen=True, slots=True)
class UnitDifference:
    """``null`` where the unit was not ranked."""

    peer_group: str
    unit: str
    name: str
    before: Placed | None
    after: Placed | None


@dataclass(frozen=True, slots=True)
class RankingDifference:
    """``computed_at`` are the positions of the newest events counted; ``policies`` those of the
    boards that ranked. Units that stand as they stood are left out."""

    period: str
    policies: tuple[str, str]
    computed_at: tuple[int, int]
    units: tuple[UnitDifference, ...]


def ranking_difference(before: Ranking, after: Ranking) -> RankingDifference:
    old = {(row.peer_group, row.unit): row for row in before.rows}
    new = {(row.peer_group, row.unit): row for row in after.rows}
    units = []
    for group, unit in dict.fromkeys((*new, *old)):
        was, became = old.get((group, unit)), new.get((group, unit))
        if _placed(was) != _placed(became):
            named = became or was
            name = named.name if named else ""
            units.append(UnitDifference(group, unit, name, _placed(was), _placed(became)))
    return RankingDifference(
        after.period, (before.policy, after.policy), (before.computed_at, after.computed_at),
        tuple(units),
    )  # fmt: skip


def _placed(row: Standing | None) -> Placed | None:
    return None if row is None else Placed(row.place, row.points, row.entries, row.veto)
