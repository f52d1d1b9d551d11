"""The colour a side would give each unit at the end of a period."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.periods import Period
from domain.policies.supervision import SupervisionPolicy, UnitColour
from projections.backtesting.boards import Boards
from projections.backtesting.history import History
from projections.backtesting.slips import Slip


def colours_at(
    policy: SupervisionPolicy,
    period: Period,
    boards: Boards,
    history: History,
    slips: Sequence[Slip],
) -> Mapping[str, str]:
    """Of the units that have another colour than the one when nothing speaks against them."""
    rule, moment = policy.unit_colour, boards.last_moment(period)
    match rule.by:
        case "open_slips":
            return _gravest(slips, moment)
        case "latest_inspection":
            return {u: c for u, c in _signs(history, moment).items() if c and c != rule.otherwise}
        case "points":
            return _banded(rule, period, boards)


def _gravest(slips: Sequence[Slip], moment: datetime) -> Mapping[str, str]:
    found: dict[str, Slip] = {}
    for slip in slips:
        if slip.issued <= moment and (slip.ended is None or slip.ended > moment):
            known = found.get(slip.unit)
            if known is None or known.grade < slip.grade:
                found[slip.unit] = slip
    return {unit: slip.colour for unit, slip in found.items()}


def _signs(history: History, moment: datetime) -> Mapping[str, str]:
    """The colour that the last visit before a moment left, corrections applied."""
    latest: dict[str, tuple[datetime, int, str]] = {}
    for row in history.rows("inspection").values():
        if row.occurred_at <= moment:
            visit = (row.occurred_at, row.position, row.colour)
            latest[row.unit] = max(latest.get(row.unit, visit), visit)
    return {unit: colour for unit, (_, _, colour) in latest.items()}


def _banded(rule: UnitColour, period: Period, boards: Boards) -> Mapping[str, str]:
    """By the points so far in the board's period that runs when this one ends."""
    if rule.board is None or rule.period is None:
        return {}
    running = Period.on(rule.period, boards.last_moment(period).astimezone(boards.zone).date())
    so_far = Period(running.first, period.end, rule.period)
    found: dict[str, str] = {}
    for rows in boards.ranking(rule.board, so_far).values():
        for row in rows:
            for band in rule.bands:
                if row.points < band.below:
                    found[row.unit] = band.colour
                    break
    return found
