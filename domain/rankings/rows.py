"""Whether the rows of a ranking fit each other, before they are frozen for ever."""

from collections.abc import Sequence
from itertools import pairwise

from domain.errors import Invalid
from domain.rankings.events import RankedUnit


def check_rows(rows: Sequence[RankedUnit]) -> None:
    """Raises ``Invalid`` (``ranking.rows_invalid``) for rows that contradict themselves: they
    were not composed. Vetoed units share one place after all others, whatever their points."""
    seen: set[str] = set()
    for row in rows:
        if row.unit in seen:
            raise Invalid("ranking.rows_invalid", f"{row.unit} stands in the ranking twice")
        seen.add(row.unit)
    if rows[0].place != 1:
        raise Invalid("ranking.rows_invalid", f"the first place is 1, not {rows[0].place}")
    placed = [row for row in rows if not row.veto]
    _check_vetoed(placed, rows[len(placed) :])
    _check_placed(placed)


def _check_vetoed(placed: Sequence[RankedUnit], last: Sequence[RankedUnit]) -> None:
    for row in last:
        if not row.veto or row.place != last[0].place or (placed and row.place <= placed[-1].place):
            raise Invalid(
                "ranking.rows_invalid",
                f"{row.unit} stands at place {row.place}, but vetoed units share the last place, "
                "after all others: compose again",
            )


def _check_placed(placed: Sequence[RankedUnit]) -> None:
    falling = not placed or placed[0].points >= placed[-1].points
    for upper, lower in pairwise(placed):
        fits = upper.points >= lower.points if falling else upper.points <= lower.points
        tied = upper.points == lower.points
        if not fits or tied != (upper.place == lower.place) or upper.place > lower.place:
            raise Invalid(
                "ranking.rows_invalid",
                f"{upper.unit} ({upper.points}) at place {upper.place} and {lower.unit} "
                f"({lower.points}) at place {lower.place} contradict each other: compose again",
            )
