"""Rates and readings for people: the value, its parts, its target, and what is not applicable."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.measures import RateView
from api.pages.rendering import View
from domain.indicators.rates import meets
from domain.policies.measures import IndicatorPolicy, Target
from projections import instruments
from projections.dossiers import names


@dataclass(frozen=True, slots=True)
class Number:
    """A count, with the way to its cases."""

    text: str
    href: str
    zero: bool


@dataclass(frozen=True, slots=True)
class Rated:
    """A rate for people; ``value`` is empty where it is not applicable, and ``why`` says so.
    ``left_out`` is what was excluded, ``tone`` whether the target is met."""

    value: str
    why: str
    above: Number
    below: Number
    left_out: str
    tone: str
    target: str
    grade: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A measured indicator with its target; without a value it was not read in the period."""

    title: str
    target: str
    unit: str
    unit_name: str
    value: str
    tone: str


def rated(view: View, rate: RateView, rule: Any, above: Number, below: Number) -> Rated:
    left_out = [f"{view.t(f'count.{name}')} {n}" for name, n in rate.exclusions.items()]
    return Rated(
        value="" if rate.value is None else f"{view.f.number(rate.value)}%",
        why=view.t("indicator.why", what=view.t(f"count.{rule.denominator}")),
        above=above,
        below=below,
        left_out=view.t("app.comma").join(left_out),
        tone="" if rate.met is None else "green" if rate.met else "red",
        target=_target(view, rule.at_least, rule.at_most, "%"),
        grade=rate.grade,
    )


def readings(view: View, policy: IndicatorPolicy, period: str) -> list[Reading]:
    found: list[Reading] = []
    reader = view.services.reader
    for target in policy.targets:
        rows = instruments.measured(reader, indicator=target.id, period=period)
        called = names(reader, [row.unit for row in rows])
        for row in rows:
            name = called[row.unit].name if row.unit in called else row.unit
            found.append(_reading(view, target, row.unit, name, row.value))
        if not rows:
            found.append(_reading(view, target, "", "", None))
    return found


def _reading(view: View, target: Target, unit: str, name: str, value: Decimal | None) -> Reading:
    met = meets(target.at_least, target.at_most, value)
    measure = target.unit_of_measure
    return Reading(
        title=title_of(view, target),
        target=_target(view, target.at_least, target.at_most, measure),
        unit=unit,
        unit_name=name,
        value="" if value is None else f"{view.f.number(value)} {measure}",
        tone="" if met is None else "green" if met else "red",
    )


def title_of(view: View, titled: Any) -> str:
    return str(titled.title.zh if view.t.language == "zh" else titled.title.en)


def _target(view: View, least: Decimal | None, most: Decimal | None, measure: str) -> str:
    parts = [(" ≥ ", least), (" ≤ ", most)]
    told = [f"{sign}{view.f.number(value)}{measure}" for sign, value in parts if value is not None]
    return "".join(told).strip()
