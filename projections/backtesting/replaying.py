"""Replays history under other policies beside the ones that judged it: who would have moved?"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import Calendars
from domain.errors import Invalid
from domain.periods import Period, PeriodKind
from domain.policies.book import PolicyBook
from domain.policies.header import PolicyFile
from domain.ports import EventStore
from domain.rankings.events import RankedUnit
from projections.backtesting.boards import Boards, Ranking
from projections.backtesting.history import History, Units, contested, read
from projections.backtesting.results import Backtest, Move, Standing
from projections.backtesting.sides import Side, replaced_by

Report = Callable[[int, int], None]

# The longest period that can end in the first one asked for without having begun in it.
BEFORE = timedelta(days=14)


def backtest(
    store: EventStore,
    book: PolicyBook,
    new: Sequence[PolicyFile],
    first: date,
    end: date,
    period_kind: PeriodKind = "month",
    calendars: Calendars | None = None,
    report: Report = lambda done, total: None,
) -> Backtest:
    """History in every period of this kind that has a day from ``first`` up to, not including,
    ``end``, as all that is known now tells it. Works on the log alone and writes nothing. Raises
    ``Invalid`` (``backtest.no_policy``, ``backtest.no_days``, ``backtest.same_id``)."""
    periods = _periods(new, first, end, period_kind)
    zone = ZoneInfo(next(iter(book), new[0]).timezone)
    sides = (Side(book, zone), Side(book, zone, new))
    history = History(sides, periods[0].first - BEFORE, contested(store.load_kind("appeal")))
    for envelope in read(store, store.last_position(), report):
        history.take(envelope)
    real, other = (
        Boards(side, tally, history) for side, tally in zip(sides, history.tallies, strict=True)
    )
    moves, ranked = _moves(real, other, periods, history.units)
    return Backtest(
        first=periods[0].first,
        end=periods[-1].end,
        periods=tuple(map(str, periods)),
        replaced=tuple(replaced_by(book, new, real.last_moment(periods[-1]))),
        moves=tuple(moves),
        changes=(),
        ranked=ranked,
        events=history.events,
    )


def _periods(new: Sequence[PolicyFile], first: date, end: date, kind: PeriodKind) -> list[Period]:
    if not new:
        raise Invalid("backtest.no_policy", "name at least one policy file to replay history under")
    if first >= end:
        raise Invalid("backtest.no_days", f"there is no day from {first} to before {end}")
    found = [Period.on(kind, first)]
    while found[-1].end < end:
        found.append(found[-1].next())
    return found


def _moves(
    real: Boards, other: Boards, periods: Sequence[Period], units: Units
) -> tuple[list[Move], int]:
    """Who stands elsewhere on which board, and how many places were compared."""
    moves: list[Move] = []
    ranked = 0
    for period in periods:
        for board in dict.fromkeys((*real.names(period), *other.names(period))):
            before, after = _rows(real.ranking(board, period)), _rows(other.ranking(board, period))
            keys = dict.fromkeys((*before, *after))
            ranked += len(keys)
            for group, unit in keys:
                was, would = before.get((group, unit)), after.get((group, unit))
                if was != would:
                    name = units.name(unit)
                    moves.append(Move(board, str(period), group, unit, name, was, would))
    return moves, ranked


def _rows(ranking: Ranking) -> dict[tuple[str, str], Standing]:
    return {
        (group, row.unit): Standing(row.place, row.points, row.veto)
        for group, row in _each(ranking)
    }


def _each(ranking: Ranking) -> Iterator[tuple[str, RankedUnit]]:
    for group, rows in ranking.items():
        for row in rows:
            yield group, row
