"""From the marks of components to a composite's points: exact, and the same for every order."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

import msgspec

from domain.periods import Period, PeriodKind
from domain.policies.composite import Band, CompositePolicy
from domain.rankings.composing import ARITHMETIC, STANDARD, Mark, min_veto, shown_points

ZERO = Decimal(0)


class Composed(msgspec.Struct, frozen=True, gc=False):
    """A unit on a composite board: ``mark`` as it is placed, ``sum`` before floor, ceiling and
    rounding, and the mark of each component that has one, by its id."""

    mark: Mark
    sum: Decimal
    parts: Mapping[str, Mark]


def put_together(
    policy: CompositePolicy,
    parts: Mapping[str, Mapping[str, Mark]],
    everybody: Iterable[str],
) -> list[Composed]:
    """``parts``: the marks of each component (by id) of each unit. A unit without any mark is not
    on the board, unless ``everybody`` is and what is missing counts as zero.

    A veto by a clause of one of its boards is a veto of the composite too; falling below the
    standard of one of them is not: the composite has a standard of its own.
    """
    of_unit: dict[str, dict[str, Mark]] = {}
    if policy.eligibility == "all":
        of_unit = {unit: {} for unit in everybody}
    for component in policy.components:
        for unit, mark in parts.get(component.id, {}).items():
            of_unit.setdefault(unit, {})[component.id] = mark
    found: list[Composed] = []
    for unit, marks in of_unit.items():
        total = weighed(policy, {part: mark.points for part, mark in marks.items()})
        if total is not None:
            mark = Mark(
                unit=unit,
                points=shown_points(policy, total),
                entries=sum(each.entries for each in marks.values()),
                veto=first_veto(marks.values()),
            )
            found.append(Composed(mark, total, marks))
    return found


def weighed(policy: CompositePolicy, marks: Mapping[str, Decimal]) -> Decimal | None:
    """The sum of marks times weights, to 50 digits, not yet rounded. ``None``: the unit is not on
    the board, because a mark is missing (``unranked``) or there is none to go by (``reweigh``)."""
    total = known = whole = ZERO
    for component in policy.components:
        whole = ARITHMETIC.add(whole, component.weight)
        mark = marks.get(component.id)
        if mark is not None:
            known = ARITHMETIC.add(known, component.weight)
            total = ARITHMETIC.add(total, ARITHMETIC.multiply(mark, component.weight))
    if len(marks) == len(policy.components):
        return total
    match policy.missing:
        case "zero":
            return total
        case "unranked":
            return None
        case "reweigh":
            if not known:
                return None
            # A quotient that does not end never lies so near a half that 50 digits mistake it.
            return ARITHMETIC.divide(ARITHMETIC.multiply(total, whole), known)


def banded(band: Band | None, rate: Decimal) -> Decimal:
    """The mark that a rate or reading earns; without a band, itself."""
    if band is None:
        return rate
    if rate >= band.target:
        return band.full
    below = ARITHMETIC.subtract(band.target, rate)
    return max(
        band.least, ARITHMETIC.subtract(band.full, ARITHMETIC.multiply(below, band.per_point))
    )


def joined(join: Literal["average", "sum"] | None, marks: Sequence[Mark]) -> Mark:
    """One mark of a unit's marks in several periods. An average is taken over the periods in
    which the unit was on the board, and kept to 50 digits: only the composite is rounded."""
    total = ZERO
    for mark in marks:
        total = ARITHMETIC.add(total, mark.points)
    if join == "average":
        total = ARITHMETIC.divide(total, Decimal(len(marks)))
    entries = sum(mark.entries for mark in marks)
    return Mark(marks[0].unit, total, entries, first_veto(marks))


def first_veto(marks: Iterable[Mark]) -> str:
    found = ""
    for mark in marks:
        if mark.veto and mark.veto != STANDARD:
            found = min_veto(found, mark.veto)
    return found


def periods_in(kind: PeriodKind | None, period: Period) -> list[Period]:
    """Every period of that kind that ends in the period (its last day lies in it), in order; of
    no kind: the period itself. So each belongs to exactly one month, quarter or year."""
    if kind is None:
        return [period]
    each = Period.on(kind, period.first)
    found: list[Period] = []
    while each.end <= period.end:
        found.append(each)
        each = each.next()
    return found
