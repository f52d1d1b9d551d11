"""What places in a ranking lead to: money, and entries of the lists."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import NamedTuple

from domain.policies.consequences import End, ListingPolicy, ListRule, MoneyPolicy, MoneyRule, Take
from domain.rankings.events import RankedUnit

CENT = Decimal("0.01")


class Sum(NamedTuple):
    """Positive for a reward, negative for a deduction. ``rule`` is the one whose amount counts
    most among those of the places that the unit fills with ``tied`` others; ``first`` and ``last``
    are these places, counted from the end."""

    unit: str
    amount: Decimal
    rule: MoneyRule
    row: RankedUnit
    first: int
    last: int

    @property
    def tied(self) -> int:
        return self.last - self.first


def money_of(policy: MoneyPolicy, rows: Sequence[RankedUnit]) -> list[Sum]:
    """From the published rows of one peer group; nothing for whom ``from_both_ends`` names."""
    first, last = _ends(policy, rows)
    return [
        each
        for mine, others in ((first, last), (last, first))
        for unit, each in mine.items()
        if unit not in others
    ]


def from_both_ends(policy: MoneyPolicy, rows: Sequence[RankedUnit]) -> list[str]:
    """Units that are among the first and among the last at once, because many are tied: they get
    nothing and pay nothing."""
    first, last = _ends(policy, rows)
    return [unit for unit in first if unit in last]


def _ends(
    policy: MoneyPolicy, rows: Sequence[RankedUnit]
) -> tuple[Mapping[str, Sum], Mapping[str, Sum]]:
    """What comes of each end alone, by unit."""
    if len(rows) < policy.ranked_at_least:
        return {}, {}
    first, last = (
        {each.unit: each for each in _from_one_end(policy, rows, end)} for end in ("first", "last")
    )
    return first, last


def _from_one_end(policy: MoneyPolicy, rows: Sequence[RankedUnit], end: str) -> Iterator[Sum]:
    rules = {rule.place: rule for rule in policy.rules if rule.end == end}
    before = 0
    for tied in _from_end(rows, end):
        places = range(before + 1, before + len(tied) + 1)
        before += len(tied)
        spoken = [rules[place] for place in places if place in rules]
        if spoken:
            amounts = [_signed(rules[place]) if place in rules else Decimal(0) for place in places]
            amount, heaviest = _amount(policy, amounts), max(spoken, key=lambda rule: rule.amount)
            for row in tied:
                if amount:
                    yield Sum(row.unit, amount, heaviest, row, places[0], places[-1])


def listed(
    policy: ListingPolicy, rule: ListRule, group: str, rows: Sequence[RankedUnit]
) -> dict[str, RankedUnit]:
    """The units of one peer group that enter a list, in the order of the ranking."""
    found: dict[str, RankedUnit] = {}
    for take in rule.take:
        if not take.peer_groups or group in take.peer_groups:
            found |= {row.unit: row for row in _taken(policy, take, rows) if _fits(take, row)}
    return found


def _taken(policy: ListingPolicy, take: Take, rows: Sequence[RankedUnit]) -> Iterator[RankedUnit]:
    left = take.number
    for tied in _from_end(rows, take.end):
        if left <= 0 or (len(tied) > left and policy.ties == "none"):
            return
        left -= len(tied)
        yield from tied


def _fits(take: Take, row: RankedUnit) -> bool:
    low = take.below is None or row.points < take.below
    return low and (take.at_least is None or row.points >= take.at_least)


def _from_end(rows: Sequence[RankedUnit], end: End | str) -> list[list[RankedUnit]]:
    """Units that share a place, in groups, from an end of the ranking."""
    groups = [list(tied) for _, tied in groupby(rows, key=lambda row: row.place)]
    return groups if end == "first" else groups[::-1]


def _signed(rule: MoneyRule) -> Decimal:
    return rule.amount if rule.direction == "reward" else -rule.amount


def _amount(policy: MoneyPolicy, amounts: Sequence[Decimal]) -> Decimal:
    """What each of the units that share these places gets."""
    match policy.ties:
        case "heavier":
            return max(amounts, key=abs)
        case "lighter":
            return min(amounts, key=abs)
        case "shared":
            share = sum(amounts, Decimal(0)) / len(amounts)
            return share.quantize(CENT, rounding=ROUND_HALF_UP)
