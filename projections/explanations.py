"""What made a unit's points: its score entries, each with its clause, reason and event.

entries(reader, policy, period, "u1")               newest first, a page at a time
entries(reader, policy, period, "d1", under=True)   with those of all units under it
scored_days(reader, policy)                         the days that have any
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.moments import LAST_MOMENT
from domain.periods import Period
from domain.policies.composite import CompositePolicy
from domain.policies.model import Board
from projections.reading import Reader
from projections.sums import NO_POSITION


@dataclass(frozen=True, slots=True)
class ScoreEntry:
    """Points a unit got (or lost), by which clause of which policy, for which case or visit."""

    position: int
    entry: int
    unit: str
    unit_name: str
    points: Decimal
    clause: str
    policy: str
    reason: str
    reason_en: str
    case_id: str
    inspection_id: str
    penalty_id: str
    event: str
    day: date
    occurred_at: datetime
    recorded_at: datetime


def entries(
    reader: Reader,
    policy: Board,
    period: Period,
    unit: str,
    under: bool = False,
    as_of: datetime | None = None,
    up_to: int | None = None,
    before: tuple[int, int] = (NO_POSITION, 0),
    limit: int = 100,
    at: datetime | None = None,
) -> list[ScoreEntry]:
    """What made a unit's points, newest first; ``under``: with all units below it. ``before`` is
    the (position, entry) after which a page goes on. Of a composite: the entries of its boards in
    the period."""
    rows = reader.rows(
        "explanations.entries",
        {
            "boards": boards_of(policy),
            "first": period.first,
            "end": period.end,
            "as_of": as_of or LAST_MOMENT,
            "at": at or LAST_MOMENT,
            "up_to": NO_POSITION if up_to is None else up_to,
            "unit": unit,
            "under": under,
            "before": before[0],
            "before_entry": before[1],
            "limit": limit,
        },
    )
    return [ScoreEntry(**row) for row in rows]


def scored_days(reader: Reader, policy: Board) -> tuple[date, date] | None:
    """The first and the last day that has score entries; ``None``: there are no entries."""
    (row,) = reader.rows("explanations.days", {"boards": boards_of(policy)})
    return (row["first"], row["last"]) if row["entries"] else None


def boards_of(policy: Board) -> list[str]:
    """The ids of the policies whose entries count: its own, or those of a composite's boards."""
    if not isinstance(policy, CompositePolicy):
        return [policy.id]
    return sorted({each.board for each in policy.components if each.board is not None})
