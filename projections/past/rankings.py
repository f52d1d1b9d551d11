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

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class RankingDifference:
    """``computed_at`` are the positions of the newest events counted; ``policies`` those of the
    boards that ranked. Units that stand as they stood are left out."""

    period: str
    policies: tuple[str, str]
    computed_at: tuple[int, int]
    units: tuple[UnitDifference, ...]


def side_by_side(before: Ranking | None, after: Ranking | None) -> list[UnitDifference]:
    """Every unit that was ranked at one of the moments, by where it stood last."""
    old, new = (
        {(row.peer_group, row.unit): row for row in ranked.rows} if ranked else {}
        for ranked in (before, after)
    )
    return [
        UnitDifference(*key, row.name, _placed(old.get(key)), _placed(new.get(key)))
        for key, row in (new | {k: row for k, row in old.items() if k not in new}).items()
    ]


def ranking_difference(before: Ranking, after: Ranking) -> RankingDifference:
    units = tuple(unit for unit in side_by_side(before, after) if unit.changed)
    return RankingDifference(
        after.period, (before.policy, after.policy), (before.computed_at, after.computed_at), units
    )


def _placed(row: Standing | None) -> Placed | None:
    return None if row is None else Placed(row.place, row.points, row.entries, row.veto)
