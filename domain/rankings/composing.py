"""From totals of score entries to places: exact, the same for every order of the facts."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

import msgspec

from domain.policies.model import Rounding, ScoringPolicy
from domain.rankings.events import RankedUnit, RankingPublished

MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}
# Wide enough that adding up a city's entries never rounds, whatever the thread's own setting is.
ARITHMETIC = Context(prec=50)


class UnitTotal(msgspec.Struct, frozen=True, gc=False):
    """The sum and the number of a unit's score entries in a period under one policy."""

    unit: str
    points: Decimal
    entries: int


def compose(
    policy: ScoringPolicy, totals: Iterable[UnitTotal], peer_groups: Mapping[str, str]
) -> dict[str, tuple[RankedUnit, ...]]:
    """The ranking of each peer group, best first, groups by name.

    ``totals`` are those of this policy's entries alone (several for one unit add up).
    ``peer_groups`` names the group of every unit that may be ranked, as
    ``policy.peer_groups.name_for`` gives it; a unit that is not in it is left out. Points are
    base + sum, kept between floor and ceiling, then rounded, and equal when equal after rounding.
    Units of equal points stand in the order of their ids.
    """
    sums: dict[str, tuple[Decimal, int]] = {}
    if policy.eligibility == "all":
        sums = dict.fromkeys(peer_groups, (Decimal(0), 0))
    for total in totals:
        points, count = sums.get(total.unit, (Decimal(0), 0))
        sums[total.unit] = ARITHMETIC.add(points, total.points), count + total.entries
    members: dict[str, list[tuple[Decimal, str, int]]] = {}
    # Most units of a city share a few dozen sums, and rounding is the dear part.
    final: dict[Decimal, Decimal] = {}
    for unit, (points, count) in sums.items():
        group = peer_groups.get(unit)
        if group is not None:
            reached = final.get(points)
            if reached is None:
                reached = final[points] = final_points(policy, points)
            members.setdefault(group, []).append((reached, unit, count))
    return {group: _placed(policy, members[group]) for group in sorted(members)}


def final_points(policy: ScoringPolicy, points: Decimal) -> Decimal:
    """What a unit's sum of entries becomes on the board."""
    reached = ARITHMETIC.add(policy.base, points)
    if policy.floor is not None and reached < policy.floor:
        reached = policy.floor
    if policy.ceiling is not None and reached > policy.ceiling:
        reached = policy.ceiling
    return _rounded(reached, policy.rounding)


def checksum(
    period: str,
    peer_group: str,
    computed_at: int,
    policies: Sequence[str],
    rows: Sequence[RankedUnit],
) -> str:
    """SHA-256 over JSON in UTF-8 without blanks, keys in the order of the alphabet, points as
    text: anybody can compute it again from the published rows."""
    content = {
        "computed_at": computed_at,
        "peer_group": peer_group,
        "period": period,
        "policies": policies,
        "rows": rows,
    }
    return hashlib.sha256(_CANONICAL.encode(content)).hexdigest()


def is_intact(published: RankingPublished) -> bool:
    """Whether a published ranking still is what was published."""
    return published.checksum == checksum(
        published.period,
        published.peer_group,
        published.computed_at,
        published.policies,
        published.rows,
    )


_CANONICAL = msgspec.json.Encoder(decimal_format="string", order="sorted")


def _rounded(points: Decimal, rounding: Rounding) -> Decimal:
    unit = Decimal(1).scaleb(-rounding.decimals)
    rounded = points.quantize(unit, rounding=MODES[rounding.mode], context=ARITHMETIC)
    return rounded if rounded else abs(rounded)  # -0.00 is no number to print


def _placed(
    policy: ScoringPolicy, members: list[tuple[Decimal, str, int]]
) -> tuple[RankedUnit, ...]:
    members.sort(key=lambda member: member[1])
    members.sort(key=lambda member: member[0], reverse=policy.order == "high_first")
    rows: list[RankedUnit] = []
    place, before = 0, None
    for index, (points, unit, entries) in enumerate(members, start=1):
        if points != before:
            place = index if policy.ties == "competition" else place + 1
            before = points
        rows.append(RankedUnit(unit, place, points, entries))
    return tuple(rows)
