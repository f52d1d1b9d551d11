"""Indicators: counts and rates of a period by unit, source or class, and the cases behind each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import Depends, Query, Response

from api.exporting import columns_of, csv_of
from api.measures import IndicatorCell, IndicatorLine, Measured, cells, policy_for, table_of
from api.pages.asked import whole_in
from api.pages.periods import Turning, turning
from api.pages.rates import Number, Rated, rated, readings, title_of
from api.pages.rendering import Look, View
from domain.errors import Invalid, NotFound
from domain.indicators.rates import rates_by_id
from domain.policies.measures import COUNTS, Count, IndicatorPolicy
from projections import indicators, instruments
from projections.dossiers import names
from projections.indicators import Dimension, Pick

PAGE = 60
DIMENSIONS: Sequence[Dimension] = get_args(Dimension)
# Those that say most stand first; the rest unfolds.
FIRST_COUNTS: Sequence[Count] = (
    "reported", "filed", "dispatched", "due_to_handle", "handled", "handled_in_time", "overdue",
    "pending", "due_to_close", "closed", "closed_in_time",
)  # fmt: skip
Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the reader chose; ``name`` and ``count`` name one number of the table."""

    period: Text = ""
    by: Text = ""
    unit: Text = ""
    source: Text = ""
    policy: Text = ""
    start: Annotated[str, Query(alias="from", max_length=20)] = ""
    name: Text = ""
    count: Text = ""


Wished = Annotated[Wish, Depends(Wish)]


@dataclass(frozen=True, slots=True)
class Row:
    called: str
    href: str
    counts: Sequence[Number]
    rates: Sequence[Rated]


def page(view: Look, wish: Wished) -> Response:
    turned, by = turning(view, wish.period), _dimension(wish.by)
    policy = _policy(view, turned, wish)
    found = _table(view, turned, policy, wish, by) if policy else []
    first = whole_in(wish.start, 0)
    shown = found[first : first + PAGE]
    unit = names(view.services.reader, [wish.unit]).get(wish.unit)
    return view.render(
        "indicators.html",
        section="indicators",
        period=turned,
        policy=policy,
        by=by,
        dimensions=[(each, view.t(f"dimension.{each}")) for each in DIMENSIONS],
        wish=wish,
        unit_name=unit.name if unit else wish.unit,
        counts=[view.t(f"count.{name}") for name in (*FIRST_COUNTS, *_others())],
        first_counts=len(FIRST_COUNTS),
        rates=[title_of(view, rate) for rate in policy.rates] if policy else [],
        rows=[_row(view, policy, wish, by, line) for line in shown] if policy else [],
        total=len(found),
        more=view.here(**{"from": first + PAGE}) if first + PAGE < len(found) else None,
        readings=readings(view, policy, str(turned.period)) if policy else [],
        csv=view.here(**{"from": None}).replace("/indicators", "/indicators.csv", 1),
    )


def sheet(view: Look, wish: Wished) -> Response:
    turned = turning(view, wish.period)
    policy = policy_for(view.services, turned.period, wish.policy)
    measured = Measured(turned.period, policy, _pick(view, wish))
    found = table_of(view.services, measured, _dimension(wish.by))
    return csv_of(cells(found), columns_of(IndicatorCell), f"indicators-{turned.text}")


def behind(view: Look, wish: Wished) -> Response:
    """The cases behind one number."""
    turned, by = turning(view, wish.period), _dimension(wish.by)
    policy = policy_for(view.services, turned.period, wish.policy)
    count = next((each for each in COUNTS if each == wish.count), None)
    if count is None:
        raise Invalid("count.unknown", f"there is no count {wish.count[:40]!r}")
    pick, reader = _of_line(_pick(view, wish), by, wish.name), view.services.reader
    start = whole_in(wish.start, 0)
    found = indicators.drill(
        reader, policy, turned.period, view.now, count, pick, PAGE + 1, start
    )  # fmt: skip
    heads = instruments.cases(reader, [case_id for case_id, _ in found[:PAGE]])
    return view.render(
        "counted.html",
        section="indicators",
        period=turned,
        policy=policy,
        count=view.t(f"count.{count}"),
        called=_called(view, by, wish.name, {}),
        cases=[(heads[case_id], times) for case_id, times in found[:PAGE] if case_id in heads],
        back=f"/indicators?{_query(wish, by, turned.text)}",
        more=view.here(**{"from": start + PAGE}) if len(found) > PAGE else None,
    )


def _dimension(text: str) -> Dimension:
    """Raises ``Invalid`` (``dimension.unknown``)."""
    for dimension in DIMENSIONS:
        if text == dimension:
            return dimension
    if text:
        raise Invalid("dimension.unknown", f"by is one of: {', '.join(DIMENSIONS)}")
    return "district"


def _policy(view: View, turned: Turning, wish: Wish) -> IndicatorPolicy | None:
    try:
        return policy_for(view.services, turned.period, wish.policy)
    except NotFound:
        return None


def _pick(view: View, wish: Wish) -> Pick:
    reader = view.services.reader
    units = indicators.units_under(reader, wish.unit) or (wish.unit,) if wish.unit else ()
    return Pick(units=units, source=wish.source)


def _of_line(pick: Pick, by: Dimension, name: str) -> Pick:
    match by:
        case "unit":
            return replace(pick, units=(name,))
        case "district":
            return replace(pick, district=name)
        case "source":
            return replace(pick, source=name)
        case "category":
            return replace(pick, category=name)
        case "part":
            return replace(pick, part="component" if name == "component" else "event")
        case "total":
            return pick


def _table(
    view: View, turned: Turning, policy: IndicatorPolicy, wish: Wish, by: Dimension
) -> list[IndicatorLine]:
    """Those with most cases first."""
    found = table_of(view.services, Measured(turned.period, policy, _pick(view, wish)), by).lines
    return sorted(found, key=lambda line: (-line.counts["reported"], line.name))


def _row(
    view: View, policy: IndicatorPolicy, wish: Wish, by: Dimension, line: IndicatorLine
) -> Row:
    def number(count: str, value: int) -> Number:
        query = _query(wish, by, view.request.query_params.get("period", ""))
        asked = urlencode({"name": line.name, "count": count})
        # Nothing can be asked for what has no name: it would mean all of them.
        nameless = not line.name and by != "total"
        href = "" if nameless or not value else f"/indicators/cases?{query}&{asked}"
        return Number(view.f.number(value), href, value == 0)

    rules = rates_by_id(policy)
    return Row(
        called=_called(view, by, line.name, {line.name: line.called}),
        href=f"/units/{line.name}" if by in ("unit", "district") and line.name else "",
        counts=[number(name, line.counts[name]) for name in (*FIRST_COUNTS, *_others())],
        rates=[
            rated(
                view, rate, rules[rate.rate],
                number(rules[rate.rate].numerator, rate.numerator),
                number(rules[rate.rate].denominator, rate.denominator),
            )
            for rate in line.rates
        ],
    )  # fmt: skip


def _called(view: View, by: Dimension, name: str, called: Mapping[str, str]) -> str:
    if not name:
        return view.t("indicator.all" if by == "total" else "indicator.nameless")
    match by:
        case "source":
            return view.t.of("source", name)
        case "part":
            return view.t.of("part", name)
        case "unit" | "district":
            known = called or {id: u.name for id, u in _names(view, name).items()}
            return known.get(name, name)
    return name


def _names(view: View, name: str) -> Mapping[str, Any]:
    return names(view.services.reader, [name])


def _others() -> list[Count]:
    return [count for count in COUNTS if count not in FIRST_COUNTS]


def _query(wish: Wish, by: Dimension, period: str) -> str:
    asked = {"period": period, "by": by, "unit": wish.unit, "source": wish.source}
    asked["policy"] = wish.policy
    return urlencode({name: value for name, value in asked.items() if value})
