"""Indicators and readings as JSON: counts, rates with their parts, and the cases behind each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.dependencies import Fresh, Given
from api.exporting import columns_of, csv_of
from api.freshness import check_fresh, tag_of
from api.histories import known_row, shape_of
from api.moments import AskedThen
from api.paging import cursor_of, keys_of, link_next
from api.rankings import AskedPeriod
from api.reading import Cursor, Format, Limit, Word, add
from api.services import Services
from domain.cases.events import Source
from domain.errors import NotFound
from domain.indicators.rates import RateResult, grade_of, rates_by_id
from domain.moments import LAST_MOMENT
from domain.periods import Period
from domain.policies.measures import Count, IndicatorPolicy
from projections import indicators, instruments
from projections.dossiers import names
from projections.histories import history
from projections.indicators import Dimension, Pick
from projections.readings import READINGS
from projections.sums import AN_INSTANT

MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class RateView:
    """``value`` is in percent; null: not applicable, and ``why`` says so. ``exclusions`` are taken
    from the denominator already. ``met``: the target is met (null: there is none, or nothing to
    measure). ``formula`` is the text of the rules that says how it is made."""

    rate: str
    title: str
    title_en: str
    numerator: int
    denominator: int
    exclusions: Mapping[str, int]
    value: Decimal | None
    why: str
    met: bool | None
    grade: str
    formula: str


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """``name`` is what its cases have in common (a unit, a source, …; "" for all of them)."""

    name: str
    called: str
    counts: Mapping[str, int]
    rates: list[RateView]


@dataclass(frozen=True, slots=True)
class IndicatorTable:
    """``cohort`` says which cases belong to the period: those reported, filed, dispatched or due
    in it."""

    period: str
    policy: str
    cohort: str
    by: Dimension
    lines: list[IndicatorLine]


@dataclass(frozen=True, slots=True)
class IndicatorCell:
    """One number of the table, for a spreadsheet: a count has a value alone."""

    period: str
    by: str
    name: str
    called: str
    indicator: str
    numerator: int | None
    denominator: int | None
    exclusions: str
    value: Decimal | int | None
    met: bool | None
    grade: str
    formula: str


@dataclass(frozen=True, slots=True)
class CountedCase:
    case_id: str
    times: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The policy that says how the cases of a period are counted, and which of them."""

    period: Period
    policy: IndicatorPolicy
    pick: Pick


def router() -> APIRouter:
    counted = APIRouter(tags=["indicators"])
    add(counted, "/indicators", table, "Counts and rates of a period", IndicatorTable, True, True)
    add(counted, "/indicators/cases", drill, "The cases behind one number", list[CountedCase])
    read = APIRouter(tags=["readings"])
    line = shape_of("ReadingLine", READINGS.row)
    add(read, "/readings", readings, "List readings of indicators", list[Any], True, True)
    add(read, "/readings/{reading_id}", reading, "One reading", line, keeps=True)
    routes = APIRouter()
    routes.include_router(counted)
    routes.include_router(read)
    return routes


def policy_for(services: Services, period: Period, policy_id: str = "") -> IndicatorPolicy:
    """What says how the cases of a period are counted: in force at its end, or now while it runs.
    Raises ``NotFound`` (``indicators.none_in_force``)."""
    book, now = services.desk.standing.policies, services.clock.now()
    _, end = period.bounds(services.city().zone)
    for policy in book.files(book.in_force(min(end - AN_INSTANT, now))):
        if isinstance(policy, IndicatorPolicy) and policy_id in ("", policy.id):
            return policy
    which = f"policy {policy_id}" if policy_id else "policy of indicators"
    raise NotFound("indicators.none_in_force", f"no {which} is in force in {period}: adopt one")


def measured(
    services: Fresh,
    period: AskedPeriod = "",
    policy: Annotated[Word, Query(description="id of the policy, if several are in force")] = "",
    unit: Annotated[Word, Query(description="with all units under it")] = "",
    source: Source | Literal[""] = "",
    category: Word = "",
    district: Word = "",
    part: Annotated[Literal["", "component", "event"], Query(description="部件 or 事件")] = "",
) -> Measured:
    asked = Period.parse(period) if period else _running(services)
    units = indicators.units_under(services.reader, unit) or (unit,) if unit else ()
    return Measured(
        asked, policy_for(services, asked, policy), Pick(units, source, category, district, part)
    )


Asked = Annotated[Measured, Depends(measured)]


def table(
    services: Fresh,
    request: Request,
    response: Response,
    asked: Asked,
    by: Annotated[Dimension, Query(description="what the cases of a line have in common")] = "unit",
    shape: Format = "json",
) -> IndicatorTable | Response:
    response.headers["Cache-Control"] = "no-store"  # deadlines pass without an event
    found = table_of(services, asked, by)
    if shape == "csv":
        return csv_of(cells(found), columns_of(IndicatorCell), f"indicators-{asked.period}")
    return found


def table_of(services: Services, asked: Measured, by: Dimension) -> IndicatorTable:
    now = services.clock.now()
    lines = indicators.table(services.reader, asked.policy, asked.period, now, by, asked.pick)
    called = names(services.reader, [line.name for line in lines] if by in UNITS else ())
    return IndicatorTable(
        period=str(asked.period),
        policy=asked.policy.ref,
        cohort=asked.policy.cohort,
        by=by,
        lines=[
            IndicatorLine(
                line.name,
                called[line.name].name if line.name in called else line.name,
                {str(name): number for name, number in line.counts.items()},
                [_rate(asked.policy, rate) for rate in line.rates],
            )
            for line in lines
        ],
    )


UNITS: tuple[Dimension, ...] = ("unit", "district")


def cells(told: IndicatorTable) -> Iterator[IndicatorCell]:
    for line in told.lines:
        head = (told.period, told.by, line.name, line.called)
        for count, value in line.counts.items():
            yield IndicatorCell(*head, count, None, None, "", value, None, "", "")
        for rate in line.rates:
            excluded = " ".join(f"{name}={n}" for name, n in rate.exclusions.items())
            yield IndicatorCell(
                *head, rate.rate, rate.numerator, rate.denominator, excluded, rate.value,
                rate.met, rate.grade, rate.formula,
            )  # fmt: skip


def drill(
    services: Fresh,
    response: Response,
    asked: Asked,
    count: Annotated[Count, Query(description="which number")],
    limit: Limit = 100,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> list[CountedCase]:
    """By the time of their report; ``times`` is how often a case counts (its sum is the
    number)."""
    response.headers["Cache-Control"] = "no-store"
    found = indicators.drill(
        services.reader, asked.policy, asked.period, services.clock.now(), count, asked.pick,
        limit, offset,
    )  # fmt: skip
    return [CountedCase(case_id, times) for case_id, times in found]


def readings(
    services: Fresh,
    request: Request,
    response: Response,
    indicator: Word = "",
    unit: Word = "",
    period: Word = "",
    cursor: Cursor = None,
    limit: Limit = 100,
    shape: Format = "json",
) -> Any:
    check_fresh(request, response, tag_of(services))
    asked = (services.reader, indicator, unit, period)
    if shape == "csv":
        rows = instruments.measured(*asked, limit=MOST_ROWS)
        return csv_of(rows, READINGS.row.__struct_fields__, "readings")
    before = keys_of(cursor, tuple[datetime, str]) if cursor else (LAST_MOMENT, "")
    found = instruments.measured(*asked, before, limit + 1)
    if len(found) > limit:
        last = found[limit - 1]
        following = cursor_of(last.occurred_at.isoformat(), last.reading_id)
        link_next(request, response, {"cursor": following})
    return [msgspec.structs.asdict(row) for row in found[:limit]]


def reading(
    services: Given,
    request: Request,
    response: Response,
    reading_id: Annotated[str, Path(max_length=200)],
    asked: AskedThen,
) -> dict[str, Any]:
    """Read from the log itself. The ETag is the version to send as If-Match."""
    then = asked.then
    told = history(services.store, READINGS, reading_id, then.as_of, then.up_to, then.at)
    row = known_row(told, "reading", reading_id)
    check_fresh(request, response, f'"{row.version}"')
    return msgspec.structs.asdict(row)


def _rate(policy: IndicatorPolicy, found: RateResult) -> RateView:
    rate = rates_by_id(policy)[found.rate]
    less_is_better = rate.at_most is not None
    why = "" if found.value is not None else f"not applicable: {rate.denominator} is 0"
    if found.value is None and found.exclusions:
        why = f"not applicable: {rate.denominator} is 0 without what is excluded"
    return RateView(
        rate=rate.id,
        title=rate.title.zh,
        title_en=rate.title.en,
        numerator=found.numerator,
        denominator=found.denominator,
        exclusions={str(name): number for name, number in found.exclusions.items()},
        value=found.value,
        why=why,
        met=found.met,
        grade="" if less_is_better else grade_of(policy, found.value),
        formula=found.formula,
    )


def _running(services: Services) -> Period:
    return Period.of("month", services.clock.now(), services.city().zone)
