"""Rates and grades: from counts to numbers that anybody can compute again."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from domain.policies.measures import Count, IndicatorPolicy, Rate
from domain.rankings.composing import ARITHMETIC, rounded

HUNDRED = Decimal(100)
Counts = Mapping[Count, int]


class RateResult(msgspec.Struct, frozen=True):
    """``value`` is numerator ÷ denominator in percent, rounded as the rate says; ``None``: not
    applicable, because the denominator is 0. The exclusions are taken from the denominator
    already, what the rate subtracts from the numerator too. ``met``: whether the target is met
    (``None``: there is none, or nothing to measure). ``formula`` is the version of the policy."""

    rate: str
    numerator: int
    denominator: int
    exclusions: Mapping[Count, int]
    formula: str
    value: Decimal | None
    met: bool | None


def rate_of(policy: IndicatorPolicy, rate_id: str, counts: Counts) -> RateResult:
    """Raises ``KeyError`` for a rate the policy does not have."""
    rate = rates_by_id(policy)[rate_id]
    numerator = counts[rate.numerator] - (counts[rate.minus] if rate.minus else 0)
    exclusions = {count: counts[count] for count in rate.excluding}
    denominator = counts[rate.denominator] - sum(exclusions.values())
    value = None if denominator <= 0 else _percent(numerator, denominator, rate)
    return RateResult(
        rate=rate.id,
        numerator=numerator,
        denominator=denominator,
        exclusions=exclusions,
        formula=policy.ref,
        value=value,
        met=meets(rate.at_least, rate.at_most, value),
    )


def rates_by_id(policy: IndicatorPolicy) -> Mapping[str, Rate]:
    return {rate.id: rate for rate in policy.rates}


def meets(at_least: Decimal | None, at_most: Decimal | None, value: Decimal | None) -> bool | None:
    """Whether a value as it is shown meets a target; ``None``: no target, or no value."""
    if value is None or (at_least is None and at_most is None):
        return None
    return (at_least is None or value >= at_least) and (at_most is None or value <= at_most)


def grade_of(policy: IndicatorPolicy, mark: Decimal | None) -> str:
    """The name of the highest grade the mark reaches; empty: none, or nothing to grade."""
    if mark is None:
        return ""
    reached = [grade for grade in policy.grades if mark >= grade.at_least]
    return max(reached, key=lambda grade: grade.at_least).name if reached else ""


def _percent(numerator: int, denominator: int, rate: Rate) -> Decimal:
    """A quotient that does not end never lies so near a half that 50 digits mistake it."""
    hundredfold = ARITHMETIC.multiply(HUNDRED, Decimal(numerator))
    return rounded(ARITHMETIC.divide(hundredfold, Decimal(denominator)), rate.rounding)
