"""Replays history under other policies beside the ones that judged it: who would have moved?"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import Calendars
from domain.errors import Invalid
from domain.periods import Period, PeriodKind
from domain.policies.book import PolicyBook
from domain.policies.header import PolicyFile
from domain.policies.references import unknown
from domain.ports import EventStore
from domain.rankings.events import RankedUnit
from projections.backtesting.boards import Boards, Ranking
from projections.backtesting.effects import Effects, changes, kinds_of_periods, notes
from projections.backtesting.history import History, Units, contested, read
from projections.backtesting.results import Backtest, Move, Standing
from projections.backtesting.sides import AN_INSTANT, Side, replaced_by
from projections.backtesting.slips import Supervision

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
    ``end``, as all that is known now tells it. ``calendars`` run the clocks of slips (left out:
    office hours without holidays). Works on the log alone and writes nothing. Raises ``Invalid``
    (``backtest.no_policy``, ``backtest.no_days``, ``backtest.same_id``, or that of what is wrong
    with the boards, rates, lists and colours that the new policies name)."""
    periods = _periods(new, first, end, period_kind)
    zone = ZoneInfo(next(iter(book), new[0]).timezone)
    sides = (Side(book, zone), Side(book, zone, new))
    _check_named(new, sides[1], periods[-1])
    fallen = contested(store.load_kind("appeal"))
    history = History(sides, _earliest(periods, sides), fallen)
    clocks = calendars or Calendars.plain(zone.key)
    ladders = [Supervision(side, clocks, fallen) for side in sides]
    for supervision in ladders:
        history.listen(frozenset({"case"}), supervision.take)
    for envelope in read(store, store.last_position(), report):
        history.take(envelope)
    return _compared(history, sides, ladders, periods, replaced_by(book, new, sides[0], periods))


def _compared(
    history: History,
    sides: Sequence[Side],
    ladders: Sequence[Supervision],
    periods: Sequence[Period],
    replaced: Sequence[tuple[str, str]],
) -> Backtest:
    boards = [Boards(side, t, history) for side, t in zip(sides, history.tallies, strict=True)]
    until = periods[-1].bounds(sides[0].zone)[1]
    real, new = (
        Effects(side, each, history, list(ladder.slips(until)), periods)
        for side, each, ladder in zip(sides, boards, ladders, strict=True)
    )
    moves, ranked = _moves(boards[0], boards[1], periods, history.units)
    return Backtest(
        first=periods[0].first,
        end=periods[-1].end,
        periods=tuple(map(str, periods)),
        replaced=tuple(replaced),
        moves=tuple(moves),
        changes=tuple(changes(real, new, history.units)),
        ranked=ranked,
        events=history.events,
        notes=tuple(notes(*sides)),
    )


def _earliest(periods: Sequence[Period], sides: Sequence[Side]) -> date:
    """The first day whose entries count for a ranking that somebody waits for."""
    kinds = kinds_of_periods([policy for side in sides for policy in side.all()])
    firsts = [Period.on(kind, periods[0].first).first for kind in kinds]
    return min([periods[0].first, *firsts]) - BEFORE


def _periods(new: Sequence[PolicyFile], first: date, end: date, kind: PeriodKind) -> list[Period]:
    if not new:
        raise Invalid("backtest.no_policy", "name at least one policy file to replay history under")
    if first >= end:
        raise Invalid("backtest.no_days", f"there is no day from {first} to before {end}")
    found = [Period.on(kind, first)]
    while found[-1].end < end:
        found.append(found[-1].next())
    return found


def _check_named(new: Sequence[PolicyFile], side: Side, last: Period) -> None:
    """What a new policy names must be there when it judges, or nothing would follow from it."""
    in_force = side.at(last.bounds(side.zone)[1] - AN_INSTANT)
    for policy in new:
        for code, sentence in unknown(policy, [each for each in in_force if each is not policy]):
            raise Invalid(code, sentence)


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
