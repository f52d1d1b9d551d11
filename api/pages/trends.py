"""Figures over time: a table, and the chart that is drawn from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from api.pages.rendering import View
from domain.periods import Period

Figure = int | Decimal | None


@dataclass(frozen=True, slots=True)
class Row:
    """One period; ``short`` is what fits under an axis."""

    label: str
    short: str
    values: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Trend:
    """``series`` names the columns. ``inverse``: 1 is at the top, as for places."""

    title: str
    span: str
    by: str
    choices: Sequence[tuple[str, str]]
    series: Sequence[str]
    rows: Sequence[Row]
    inverse: bool = False
    low: bool = False


def row(view: View, period: Period, values: Sequence[Figure]) -> Row:
    first = period.first
    match period.kind:
        case "day":
            short = f"{first:%m-%d}"
        case "month":
            short = f"{first:%Y-%m}"
        case _:
            short = str(period)
    return Row(period.label(view.t.language), short, values)
