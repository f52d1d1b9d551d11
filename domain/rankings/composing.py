"""From totals of score entries to places: exact, the same for every order of the facts."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

import msgspec

from domain.policies.model import Board, Rounding, ScoringPolicy
from domain.rankings.events import (
    RankedUnit,
    RankingComposed,
    RankingCorrected,
    RankingPublished,
)

MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}
# Wide enough that adding up a city's entries never rounds, whatever the thread's own setting is.
ARITHMETIC = Context(prec=50)
# By the number of decimals: 1, 0.1, … 0.0001.
SMALLEST = tuple(Decimal(1).scaleb(-decimals) for decimals in range(5))
# What a row says in the place of a clause when points below the standard are the veto.
STANDARD = "standard"


class UnitTotal(msgspec.Struct, frozen=True, gc=False):
    """The sum and the number of a unit's score entries in a period under one policy; ``veto`` is
    a clause with a veto that has an entry among them ("": none)."""

    unit: str
    points: Decimal
    entries: int
    veto: str = ""


class Mark(msgspec.Struct, frozen=True, gc=False):
    """What a unit has reached on a board, before it is placed."""

    unit: str
    points: Decimal
    entries: int
    veto: str = ""


def compose(
    policy: ScoringPolicy, totals: Iterable[UnitTotal], peer_groups: Mapping[str, str]
) -> dict[str, tuple[RankedUnit, ...]]:
    """The ranking of each peer group, best first, groups by name.

    ``totals`` are those of this policy's entries alone (several for one unit add up).
    ``peer_groups`` names the group of every unit that may be ranked, as
    ``policy.peer_groups.name_for`` gives it; a unit that is not in it is left out.
    """
    everybody = peer_groups if policy.eligibility == "all" else ()
    return placed(policy, reached(policy, totals, everybody), peer_groups)


def reached(
    policy: ScoringPolicy, totals: Iterable[UnitTotal], everybody: Iterable[str] = ()
) -> list[Mark]:
    """What each unit has on the board: base + sum, kept between floor and ceiling, then rounded.
    ``everybody`` are the units that are on it without entries too."""
    sums: dict[str, UnitTotal] = {}
    for total in totals:
        known = sums.get(total.unit)
        sums[total.unit] = total if known is None else _added(known, total)
    # Most units of a city share a few dozen sums, and rounding is the dear part.
    final: dict[Decimal, Decimal] = {}
    marks: list[Mark] = []
    for unit, total in sums.items():
        points = total.points
        shown = final.get(points)
        if shown is None:
            shown = final[points] = final_points(policy, points)
        marks.append(Mark(unit, shown, total.entries, total.veto))
    untouched = final_points(policy, Decimal(0))
    marks += [Mark(unit, untouched, 0) for unit in everybody if unit not in sums]
    return marks


def _added(one: UnitTotal, other: UnitTotal) -> UnitTotal:
    return UnitTotal(
        one.unit,
        ARITHMETIC.add(one.points, other.points),
        one.entries + other.entries,
        min_veto(one.veto, other.veto),
    )


def placed(
    board: Board, marks: Iterable[Mark], peer_groups: Mapping[str, str]
) -> dict[str, tuple[RankedUnit, ...]]:
    """The marks in their places, by peer group. Points are equal when equal after rounding; units
    of equal points stand in the order of their ids.

    A unit with a veto, or with fewer points than the standard, stands last whatever its points
    (all of them share that place), or is left out, as the board says.
    """
    members: dict[str, list[Mark]] = {}
    vetoed: dict[str, list[Mark]] = {}
    for mark in marks:
        group = peer_groups.get(mark.unit)
        if group is None:
            continue
        if not veto_of(board, mark):
            members.setdefault(group, []).append(mark)
        elif board.vetoed == "last":
            members.setdefault(group, [])
            vetoed.setdefault(group, []).append(mark)
    return {g: _ranked(board, members[g], vetoed.get(g, ())) for g in sorted(members)}


def veto_of(board: Board, mark: Mark) -> str:
    """The clause that vetoes the unit, or that it fails the standard; empty: nothing does."""
    if mark.veto or board.standard is None or mark.points >= board.standard.below:
        return mark.veto
    return STANDARD


def left_out(
    board: Board, marks: Iterable[Mark], peer_groups: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The units that could be ranked and are not because of a veto, and which: (unit, veto)."""
    if board.vetoed != "unranked":
        return []
    vetoes = ((mark.unit, veto_of(board, mark)) for mark in marks if mark.unit in peer_groups)
    return sorted((unit, veto) for unit, veto in vetoes if veto)


def _ranked(board: Board, members: list[Mark], vetoed: Sequence[Mark]) -> tuple[RankedUnit, ...]:
    members.sort(key=lambda mark: mark.unit)
    members.sort(key=lambda mark: mark.points, reverse=board.order == "high_first")
    rows: list[RankedUnit] = []
    place, before = 0, None
    for index, mark in enumerate(members, start=1):
        if mark.points != before:
            place = index if board.ties == "competition" else place + 1
            before = mark.points
        rows.append(RankedUnit(mark.unit, place, mark.points, mark.entries))
    last = len(members) + 1 if board.ties == "competition" else place + 1
    for mark in sorted(vetoed, key=lambda mark: mark.unit):
        veto = veto_of(board, mark)
        rows.append(RankedUnit(mark.unit, last, mark.points, mark.entries, veto))
    return tuple(rows)


def min_veto(one: str, other: str) -> str:
    """Of two vetoes the first by name, so that the order of the facts does not matter."""
    return min(one, other) if one and other else one or other


def final_points(policy: ScoringPolicy, points: Decimal) -> Decimal:
    """What a unit's sum of entries becomes on the board."""
    return shown_points(policy, ARITHMETIC.add(policy.base, points))


def shown_points(board: Board, points: Decimal) -> Decimal:
    """Points between the board's floor and ceiling, then rounded as it says."""
    if board.floor is not None and points < board.floor:
        points = board.floor
    if board.ceiling is not None and points > board.ceiling:
        points = board.ceiling
    return rounded(points, board.rounding)


def rounded(points: Decimal, rounding: Rounding) -> Decimal:
    shown = points.quantize(
        SMALLEST[rounding.decimals], rounding=MODES[rounding.mode], context=ARITHMETIC
    )
    return shown if shown else abs(shown)  # -0.00 is no number to print


def checksum(
    period: str,
    peer_group: str,
    computed_at: int,
    policies: Sequence[str],
    rows: Sequence[RankedUnit],
    board: str = "",
) -> str:
    """SHA-256 over JSON in UTF-8 without blanks, keys in the order of the alphabet, points as
    text: anybody can compute it again from the published rows. ``board`` stands in it where there
    is one, and ``veto`` in the rows that have one."""
    content: dict[str, object] = {
        "computed_at": computed_at,
        "peer_group": peer_group,
        "period": period,
        "policies": policies,
        "rows": [_canonical_row(row) for row in rows],
    }
    if board:
        content["board"] = board
    return hashlib.sha256(_CANONICAL.encode(content)).hexdigest()


def is_intact(published: RankingComposed | RankingPublished | RankingCorrected) -> bool:
    """Whether a frozen ranking still is what was frozen."""
    return published.checksum == checksum(
        published.period,
        published.peer_group,
        published.computed_at,
        published.policies,
        published.rows,
        published.board,
    )


_CANONICAL = msgspec.json.Encoder(decimal_format="string", order="sorted")


def _canonical_row(row: RankedUnit) -> dict[str, object]:
    content: dict[str, object] = {
        "entries": row.entries,
        "place": row.place,
        "points": row.points,
        "unit": row.unit,
    }
    return content | {"veto": row.veto} if row.veto else content
