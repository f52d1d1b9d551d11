"""Everything that would have followed on one side, as if each ranking had been published."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import get_args

from domain.consequences.counts import Counted, proposals
from domain.consequences.places import listed, money_of
from domain.periods import Period, PeriodKind
from domain.policies.consequences import AccountabilityPolicy, ListingPolicy, MoneyPolicy
from domain.policies.header import PolicyFile
from domain.policies.supervision import SupervisionPolicy
from projections.backtesting.boards import Boards
from projections.backtesting.colours import colours_at
from projections.backtesting.history import History, Units
from projections.backtesting.results import Change, Kind
from projections.backtesting.sides import Side
from projections.backtesting.slips import Slip

Key = tuple[Kind, str, str, str]  # kind, period, unit, what
Followed = Mapping[Key, str]


class Effects:
    """Rankings count as published when their period ends, list entries with them, slips when they
    begin. What was counted against a unit before the first day is not looked at."""

    def __init__(
        self, side: Side, boards: Boards, history: History, slips: Sequence[Slip],
        periods: Sequence[Period],
    ) -> None:  # fmt: skip
        self._side = side
        self._boards = boards
        self._history = history
        self._slips = slips
        self._periods = periods
        self._first, self._end = periods[0].first, periods[-1].end
        self._ranked: dict[tuple[str, str], list[Period]] = {}
        self._things: list[Counted] = []

    def followed(self) -> Followed:
        found: dict[Key, str] = {}
        found |= self._of_rankings()
        found |= self._of_slips()
        found |= self._proposed()
        return found

    def colours(self) -> Followed:
        """The colour of every unit at the end of each period that is not the one it has when
        nothing speaks against it; under the unit "" stands that one."""
        found: dict[Key, str] = {}
        for period in self._periods:
            for policy in self._side.at(self._boards.last_moment(period)):
                if isinstance(policy, SupervisionPolicy):
                    given = colours_at(policy, period, self._boards, self._history, self._slips)
                    found["colour", str(period), "", ""] = policy.unit_colour.otherwise
                    for unit, colour in given.items():
                        found["colour", str(period), unit, ""] = colour
        return found

    def _of_rankings(self) -> dict[Key, str]:
        found: dict[Key, str] = {}
        for period in _ended(self._first, self._end):
            for policy in self._side.at(self._boards.last_moment(period)):
                match policy:
                    case MoneyPolicy(period=kind) if kind == period.kind:
                        found |= self._money(policy, period)
                    case ListingPolicy(period=kind) if kind == period.kind:
                        found |= self._listed(policy, period)
        return found

    def _money(self, policy: MoneyPolicy, period: Period) -> dict[Key, str]:
        sums: dict[str, Decimal] = {}
        for group, rows in self._boards.ranking(policy.board, period).items():
            if not policy.peer_groups or group in policy.peer_groups:
                for each in money_of(policy, rows):
                    sums[each.unit] = sums.get(each.unit, Decimal(0)) + each.amount
        return {
            ("money", str(period), unit, policy.currency): f"{amount:f}"
            for unit, amount in sums.items()
        }

    def _listed(self, policy: ListingPolicy, period: Period) -> dict[Key, str]:
        found: dict[Key, str] = {}
        moment = self._boards.last_moment(period)
        for group, rows in self._boards.ranking(policy.board, period).items():
            for row in rows:
                self._ranked.setdefault((policy.board, row.unit), []).append(period)
            for rule in policy.lists:
                for unit in sorted(listed(policy, rule, group, rows)):
                    found["listing", str(period), unit, f"{rule.list}: {rule.id}"] = "1"
                    thing = Counted(moment, unit, "list", rule.id, policy.board, period)
                    self._things.append(thing)
        return found

    def _of_slips(self) -> dict[Key, str]:
        counts: Counter[Key] = Counter()
        for slip in self._slips:
            period = self._period_of(slip.issued)
            if period is not None:
                counts["slip", str(period), slip.unit, slip.colour] += 1
                self._things.append(Counted(slip.issued, slip.unit, "slip", slip.colour))
        return {key: str(count) for key, count in counts.items()}

    def _proposed(self) -> dict[Key, str]:
        counts: Counter[Key] = Counter()
        things = sorted(self._things, key=lambda thing: (thing.at, thing.unit, thing.name))
        for policy in self._accountability():
            for rule in policy.rules:
                for found in proposals(rule, things, self._ranked_in, self._side.zone):
                    period, what = self._period_of(found.at), f"{rule.action}: {rule.organ}"
                    counts["accountability", str(period), found.unit, what] += 1
        return {key: str(count) for key, count in counts.items()}

    def _accountability(self) -> Iterator[AccountabilityPolicy]:
        """Those in force at the end, which know all that was counted."""
        for policy in self._side.at(self._boards.last_moment(self._periods[-1])):
            if isinstance(policy, AccountabilityPolicy):
                yield policy

    def _ranked_in(self, board: str, unit: str) -> Sequence[Period]:
        return self._ranked.get((board, unit), ())

    def _period_of(self, moment: datetime) -> Period | None:
        found = Period.of(self._periods[0].kind, moment, self._side.zone)
        return found if found in self._periods else None


def changes(real: Effects, new: Effects, units: Units) -> Iterator[Change]:
    """What differs between the two, kind by kind, oldest first."""
    sides = [(real.followed(), new.followed(), False), (real.colours(), new.colours(), True)]
    for before, after, coloured in sides:
        for key in sorted({*before, *after}):
            kind, period, unit, what = key
            usual = (kind, period, "", "") if coloured else key
            was = before.get(key) or before.get(usual, "")
            would = after.get(key) or after.get(usual, "")
            if was != would and unit:
                yield Change(kind, period, unit, units.name(unit), what, was, would)


def notes(*sides: Side) -> Iterator[str]:
    """What the log cannot tell of the policies on either side."""
    kinds = {type(policy) for side in sides for policy in side.all()}
    if kinds & {MoneyPolicy, ListingPolicy, AccountabilityPolicy}:
        yield "every ranking counts as published when its period ends, and every list with it"
    if SupervisionPolicy in kinds:
        yield (
            "slips count as issued and served at once, and as answered when their case was; a good "
            "reason for not meeting one is not in the log"
        )
    if AccountabilityPolicy in kinds:
        yield "what was counted against units before the first day is not looked at"


def kinds_of_periods(policies: Sequence[PolicyFile]) -> set[PeriodKind]:
    """The kinds of periods whose rankings something follows from."""
    waiting = (MoneyPolicy, ListingPolicy)
    return {policy.period for policy in policies if isinstance(policy, waiting)}


def _ended(first: date, end: date) -> list[Period]:
    """Every period of every kind that ends in the span, the shorter before the longer."""
    found: list[Period] = []
    kinds: tuple[PeriodKind, ...] = get_args(PeriodKind)
    for kind in kinds:
        period = Period.on(kind, first)
        while period.end <= end:
            found.append(period)
            period = period.next()
    return sorted(found, key=lambda period: (period.end, period))
