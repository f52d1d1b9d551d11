"""What a composite board is put together from: other boards, rates and surveys, read as marks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.errors import Refused
from domain.indicators.rates import rate_of, rates_by_id
from domain.moments import LAST_MOMENT
from domain.periods import Period, PeriodKind
from domain.policies.book import PolicyBook
from domain.policies.composite import Component, CompositePolicy
from domain.policies.header import PolicyFile
from domain.policies.measures import IndicatorPolicy
from domain.policies.model import Board, ScoringPolicy
from domain.rankings.composing import Mark, left_out, placed
from domain.rankings.composite import Composed, banded, joined, periods_in, put_together
from domain.rankings.events import RankedUnit
from projections.indicators import unit_counts
from projections.reading import Reader
from projections.sums import AN_INSTANT, NO_POSITION, Sums, marks, roster

Marks = Mapping[str, Mark]  # by unit


@dataclass(frozen=True, slots=True)
class Assessment:
    """A composite board in a period: ``of_unit`` what each unit has and from which parts,
    ``policies`` the digests of all that had a part in it, ``computed_at`` the position of the
    newest event counted."""

    policy: CompositePolicy
    of_unit: Mapping[str, Composed]
    units: Sums
    policies: tuple[str, ...]
    computed_at: int

    def placed(self) -> dict[str, tuple[RankedUnit, ...]]:
        found = [composed.mark for composed in self.of_unit.values()]
        return placed(self.policy, found, self.units.there(self.of_unit))

    def left_out(self) -> list[tuple[str, str]]:
        """Who is not ranked because of a veto: (unit, veto)."""
        found = [composed.mark for composed in self.of_unit.values()]
        return left_out(self.policy, found, self.units.there(self.of_unit))


@dataclass(slots=True)
class _Used:
    """What was looked at on the way."""

    policies: list[str] = field(default_factory=list)
    newest: int = 0


@dataclass(frozen=True, slots=True)
class CompositeReader:
    """Reads marks as far as was known; ``trail`` are the boards that are being put together."""

    reader: Reader
    book: PolicyBook
    as_of: datetime | None = None
    up_to: int | None = None
    now: datetime | None = None
    at: datetime | None = None
    trail: tuple[str, ...] = ()

    def assess(self, policy: CompositePolicy, period: Period) -> Assessment:
        """Raises ``Refused`` (``board.circular``) when the board is made of itself."""
        name = f"{policy.id} {period}"
        if name in self.trail:
            made_of = " → ".join((*self.trail, name))
            raise Refused("board.circular", f"this board is made of itself: {made_of}")
        inner, used = replace(self, trail=(*self.trail, name)), _Used([policy.digest])
        parts = {each.id: inner._part(each, policy, period, used) for each in policy.components}
        units = roster(self.reader, policy, period, self.as_of, self.up_to, self.at)
        touched = {unit for found in parts.values() for unit in found}
        there = units.there(touched)
        composed = put_together(policy, parts, there)
        return Assessment(
            policy=policy,
            of_unit={each.mark.unit: each for each in composed if each.mark.unit in there},
            units=units,
            policies=tuple(dict.fromkeys(used.policies)),
            computed_at=used.newest,
        )

    def ruled(
        self, part: Component, board: str, policy: CompositePolicy, period: Period
    ) -> list[tuple[Period, Board]]:
        """The periods of a board that a component counts, each with the version that ranks it."""
        zone = ZoneInfo(policy.timezone)
        periods = [p for p in periods_in(part.each, period) if self._has_begun(p, zone)]
        return [(p, b) for p in periods if (b := self._board(board, p, zone)) is not None]

    def _part(self, part: Component, policy: CompositePolicy, period: Period, used: _Used) -> Marks:
        if part.board is not None:
            return self._of_board(part, part.board, policy, period, used)
        if part.indicator is not None:
            return self._of_rate(part, part.indicator, policy, period, used)
        return self._of_survey(part, period, used)

    def _of_board(
        self, part: Component, board: str, policy: CompositePolicy, period: Period, used: _Used
    ) -> Marks:
        ruled = self.ruled(part, board, policy, period)
        used.policies += [each.digest for _, each in ruled]
        of_unit: dict[str, list[Mark]] = {}
        for found in self._series(ruled, used):
            for mark in found:
                of_unit.setdefault(mark.unit, []).append(mark)
        return {unit: joined(part.join, found) for unit, found in of_unit.items()}

    def _series(
        self, ruled: Sequence[tuple[Period, Board]], used: _Used
    ) -> Sequence[Sequence[Mark]]:
        scoring = [(p, board) for p, board in ruled if isinstance(board, ScoringPolicy)]
        found: list[Sequence[Mark]] = []
        if scoring:
            series, newest = marks(
                self.reader,
                [board for _, board in scoring],
                [period for period, _ in scoring],
                self.as_of,
                self.up_to,
                self.at,
            )
            used.newest = max(used.newest, newest)
            found += series
        for period, board in ruled:
            if isinstance(board, CompositePolicy):
                below = self.assess(board, period)
                used.policies += below.policies
                used.newest = max(used.newest, below.computed_at)
                found.append([composed.mark for composed in below.of_unit.values()])
        return found

    def _of_rate(
        self, part: Component, rate: str, policy: CompositePolicy, period: Period, used: _Used
    ) -> Marks:
        """A unit whose rate is not applicable has no mark."""
        rules = self._indicators(rate, period, ZoneInfo(policy.timezone))
        if rules is None:
            return {}
        used.policies.append(rules.digest)
        found: dict[str, Mark] = {}
        counted = unit_counts(self.reader, rules, period, self.now, self.as_of, self.up_to, self.at)
        for unit, counts in counted.items():
            used.newest = max(used.newest, counts.position)
            result = rate_of(rules, rate, counts.counts)
            if result.value is not None:
                mark = banded(part.band, result.value)
                found[unit] = Mark(unit, mark, result.denominator)
        return found

    def _of_survey(self, part: Component, period: Period, used: _Used) -> Marks:
        """The average of what was read of a unit for periods that lie in this one."""
        asked = {
            "indicator": part.survey,
            "as_of": self.as_of or LAST_MOMENT,
            "up_to": NO_POSITION if self.up_to is None else self.up_to,
            "so": self.at or LAST_MOMENT,
        }
        of_unit: dict[str, list[Mark]] = {}
        for row in self.reader.rows("indicators.readings", asked):
            measured = Period.parse(row["period"])
            if period.first <= measured.first and measured.end <= period.end:
                used.newest = max(used.newest, row["position"])
                mark = Mark(row["unit"], Decimal(row["value"]), 1)
                of_unit.setdefault(row["unit"], []).append(mark)
        found = {unit: joined("average", read) for unit, read in of_unit.items()}
        return {
            unit: Mark(unit, banded(part.band, mark.points), mark.entries)
            for unit, mark in found.items()
        }

    def _has_begun(self, period: Period, zone: ZoneInfo) -> bool:
        return self.now is None or period.bounds(zone)[0] <= self.now

    def _board(self, board: str, period: Period, zone: ZoneInfo) -> Board | None:
        """The version in force at the end of the period, if it ranks that kind of period."""
        for policy in self._in_force(period, zone):
            if isinstance(policy, Board) and policy.id == board:
                return policy if ranks(policy, period.kind) else None
        return None

    def _indicators(self, rate: str, period: Period, zone: ZoneInfo) -> IndicatorPolicy | None:
        for policy in self._in_force(period, zone):
            if isinstance(policy, IndicatorPolicy) and rate in rates_by_id(policy):
                return policy
        return None

    def _in_force(self, period: Period, zone: ZoneInfo) -> tuple[PolicyFile, ...]:
        last = period.bounds(zone)[1] - AN_INSTANT
        moment = last if self.now is None else min(last, self.now)
        return self.book.files(self.book.in_force(moment))


def ranks(board: Board, kind: PeriodKind) -> bool:
    return not isinstance(board, CompositePolicy) or kind in board.periods
