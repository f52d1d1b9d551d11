"""The rankings of one side, as its boards would have stood at the end of each period."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.errors import Refused
from domain.indicators.counting import belongs, counts_of
from domain.indicators.rates import Counts, rate_of, rates_by_id
from domain.moments import LAST_MOMENT
from domain.periods import Period
from domain.policies.composite import Component, CompositePolicy
from domain.policies.measures import Count, IndicatorPolicy
from domain.policies.model import Board, ScoringPolicy
from domain.rankings.composing import Mark, placed, reached
from domain.rankings.composite import banded, joined, periods_in, put_together
from domain.rankings.events import RankedUnit
from projections.backtesting.history import History, Tally
from projections.backtesting.sides import AN_INSTANT, Side
from projections.readings import ReadingRow
from projections.units import UnitRow

Ranking = Mapping[str, tuple[RankedUnit, ...]]  # by peer group



class Boards:
    """Composed when asked for, and remembered."""

    def __init__(self, side: Side, tally: Tally, history: History) -> None:
        self._side = side
        self.zone = side.zone
        self._tally = tally
        self._history = history
        self._marks: dict[tuple[str, Period], list[Mark]] = {}
        self._counts: dict[tuple[str, Period], Mapping[str, Counts]] = {}

    def ruling(self, board: str, period: Period) -> Board | None:
        """The version of a board that ranks a period: in force at its last moment."""
        for policy in self._side.at(self.last_moment(period)):
            if isinstance(policy, Board) and self._side.name_of(policy) == board:
                ranks = not isinstance(policy, CompositePolicy) or period.kind in policy.periods
                return policy if ranks else None
        return None

    def names(self, period: Period) -> list[str]:
        """The boards that rank a period."""
        found = self._side.at(self.last_moment(period))
        names = [self._side.name_of(policy) for policy in found if isinstance(policy, Board)]
        return [name for name in names if self.ruling(name, period) is not None]

    def ranking(self, named: str, period: Period) -> Ranking:
        board = self._side.board(named)
        policy = self.ruling(board, period)
        if policy is None:
            return {}
        marks = self._reached(policy, board, period, ())
        touched = {mark.unit for mark in marks if mark.entries}
        return placed(policy, marks, self._peers(policy, period, touched))

    def last_moment(self, period: Period) -> datetime:
        """By the clock of the city, which all its policies share."""
        return self._end(period) - AN_INSTANT

    def _end(self, period: Period) -> datetime:
        return period.bounds(self._side.zone)[1]

    def _reached(
        self, policy: Board, board: str, period: Period, above: tuple[str, ...]
    ) -> list[Mark]:
        if board in above:
            chain = " → ".join((*above, board))
            raise Refused("board.circular", f"a board cannot be a part of itself: {chain}")
        known = self._marks.get((board, period))
        if known is None:
            match policy:
                case ScoringPolicy():
                    known = self._of_entries(policy, board, period)
                case CompositePolicy():
                    known = self._of_parts(policy, period, (*above, board))
                case _:
                    raise TypeError(f"{policy.id} is a board of an unknown kind")
            self._marks[board, period] = known
        return known

    def _of_entries(self, policy: ScoringPolicy, board: str, period: Period) -> list[Mark]:
        totals = self._tally.totals(board, period)
        there = self._peers(policy, period, {total.unit for total in totals})
        everybody = there if policy.eligibility == "all" else ()
        return [mark for mark in reached(policy, totals, everybody) if mark.unit in there]

    def _of_parts(
        self, policy: CompositePolicy, period: Period, above: tuple[str, ...]
    ) -> list[Mark]:
        parts = {c.id: self._part(c, policy, period, above) for c in policy.components}
        touched = {unit for marks in parts.values() for unit in marks}
        there = self._peers(policy, period, touched)
        composed = put_together(policy, parts, there)
        return [each.mark for each in composed if each.mark.unit in there]

    def _part(
        self, component: Component, policy: CompositePolicy, period: Period, above: tuple[str, ...]
    ) -> Mapping[str, Mark]:
        if component.board is not None:
            return self._of_board(component, component.board, period, above)
        if component.indicator is not None:
            return self._of_rate(component, component.indicator, period)
        return self._of_survey(component, period)

    def _of_board(
        self, component: Component, named: str, period: Period, above: tuple[str, ...]
    ) -> Mapping[str, Mark]:
        board = self._side.board(named)
        of_unit: dict[str, list[Mark]] = {}
        for each in periods_in(component.each, period):
            policy = self.ruling(board, each)
            for mark in self._reached(policy, board, each, above) if policy else ():
                of_unit.setdefault(mark.unit, []).append(mark)
        return {unit: joined(component.join, marks) for unit, marks in of_unit.items()}

    def _of_rate(self, component: Component, rate: str, period: Period) -> Mapping[str, Mark]:
        """A unit whose rate is not applicable has no mark."""
        in_force = self._side.at(self.last_moment(period))
        indicators = [policy for policy in in_force if isinstance(policy, IndicatorPolicy)]
        rules = next((each for each in indicators if rate in rates_by_id(each)), None)
        if rules is None:
            return {}
        found: dict[str, Mark] = {}
        for unit, counts in self._counted(rules, period).items():
            result = rate_of(rules, rate, counts)
            if result.value is not None:
                mark = banded(component.band, result.value)
                found[unit] = Mark(unit, mark, result.denominator)
        return found

    def _counted(self, policy: IndicatorPolicy, period: Period) -> Mapping[str, Counts]:
        """The counts of each unit's cases and of those under it, as they stood at the end."""
        known = self._counts.get((policy.digest, period))
        if known is None:
            start, end = period.bounds(ZoneInfo(policy.timezone))
            units = self._history.units.at(LAST_MOMENT)
            sums: dict[str, dict[Count, int]] = {}
            for case in self._history.rows("case").values():
                if case.unit and belongs(case, policy.cohort, start, end):
                    for unit in _with_all_above(case.unit, units):
                        kept = sums.setdefault(unit, {})
                        for count, number in counts_of(case, end).items():
                            kept[count] = kept.get(count, 0) + number
            known = self._counts[policy.digest, period] = sums
        return known

    def _of_survey(self, component: Component, period: Period) -> Mapping[str, Mark]:
        """The average of what was read of a unit for periods that lie in this one."""
        of_unit: dict[str, list[Mark]] = {}
        readings: Iterable[ReadingRow] = self._history.rows("reading").values()
        for row in readings:
            within = period.first <= row.first_day and row.last_day < period.end
            if row.indicator == component.survey and within:
                of_unit.setdefault(row.unit, []).append(Mark(row.unit, row.value, 1))
        found = {unit: joined("average", marks) for unit, marks in of_unit.items()}
        return {
            unit: Mark(unit, banded(component.band, mark.points), mark.entries)
            for unit, mark in found.items()
        }

    def _peers(self, policy: Board, period: Period, touched: set[str]) -> dict[str, str]:
        """The peer group of every unit that can be on the board; a retired one only if touched."""
        units = self._history.units.at(self._end(period))
        found: dict[str, str] = {}
        for unit, row in units.items():
            if row.retired and unit not in touched:
                continue
            group = policy.peer_groups.name_for(
                kind=row.kind,
                peer_group=row.peer_group,
                district=_district(unit, units) if policy.peer_groups.by == "district" else "",
                parent=row.parent,
            )
            if group is not None:
                found[unit] = group
        return found


def _district(unit: str, units: Mapping[str, UnitRow]) -> str:
    """The district a unit lies in: itself, or the nearest above it."""
    seen: set[str] = set()
    while unit in units and unit not in seen:
        if units[unit].kind == "district":
            return unit
        seen.add(unit)
        unit = units[unit].parent
    return ""


def _with_all_above(unit: str, units: Mapping[str, UnitRow]) -> set[str]:
    """The unit and all it hangs under, in the territory or in its line."""
    found: set[str] = set()
    waiting = [unit]
    while waiting:
        each = waiting.pop()
        if each and each not in found:
            found.add(each)
            row = units.get(each)
            waiting += (row.parent, row.line) if row else ()
    return found
