"""The list of cases: filters, search, orders, pages that go on, and all of it as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal, get_args

from fastapi import Depends, Query, Response

from api.exporting import columns_of, csv_of
from api.pages.asked import span_in
from api.pages.rendering import Look, View
from api.paging import cursor_of, keys_of
from domain.cases.events import Source
from domain.cases.state import Status
from domain.errors import Invalid
from projections import case_list
from projections.case_list import CaseFilter, CaseLine, Sort
from projections.dossiers import names

Dates = Literal["opened", "due", "closed"]

PAGE = 50
STATUSES: Sequence[str] = get_args(Status)
# What people ask for that is several statuses at once.
TOGETHER: dict[str, tuple[str, ...]] = {
    "running": tuple(s for s in STATUSES if s not in ("rejected", "closed", "void")),
    "with_unit": ("dispatched", "claimed", "disputed"),
}
SORTS: Sequence[Sort] = get_args(Sort)
LIGHTS = ("green", "yellow", "red", "none")
# The columns of the table, each with the order that its head asks for.
COLUMNS: Sequence[tuple[str, Sort | None]] = (
    ("case_no", None),
    ("unit", None),
    ("severity", None),
    ("source", None),
    ("status", None),
    ("opened_at", "opened"),
    ("due_at", "due"),
    ("closed_at", "closed"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form holds; empty fields ask for nothing."""

    search: Annotated[str, Query(max_length=200)] = ""
    status: Annotated[str, Query(max_length=20)] = ""
    light: Annotated[str, Query(max_length=20)] = ""
    source: Annotated[str, Query(max_length=40)] = ""
    category: Annotated[str, Query(max_length=200)] = ""
    severity: Annotated[str, Query(max_length=200)] = ""
    district: Annotated[str, Query(max_length=200)] = ""
    unit: Annotated[str, Query(max_length=200)] = ""
    dates: Annotated[str, Query(max_length=20)] = ""
    since: Annotated[str, Query(max_length=20)] = ""
    until: Annotated[str, Query(max_length=20)] = ""
    sort: Annotated[str, Query(max_length=20)] = ""


Wished = Annotated[Wish, Depends(Wish)]


@dataclass(frozen=True, slots=True)
class Choice:
    """A select of the form: its name, what is chosen, and what can be."""

    name: str
    chosen: str
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    sorted: str
    href: str


def page(
    view: Look, wish: Wished, after: Annotated[str, Query(alias="cursor", max_length=400)] = ""
) -> Response:
    reader = view.services.reader
    wanted, (sort, descending) = filter_of(view, wish), order_of(wish)
    cursor = keys_of(after, tuple[int, str]) if after else None
    found = case_list.page(reader, wanted, sort, descending, cursor, PAGE)
    unit = names(reader, [wish.unit]).get(wish.unit)
    return view.render(
        "cases.html",
        section="cases",
        total=case_list.counts(reader, wanted).total,
        rows=found.rows,
        more=view.here(cursor=cursor_of(*found.next)) if found.next else None,
        wish=wish,
        unit_name=unit.name if unit else wish.unit,
        filtered=wish != Wish(sort=wish.sort),
        choices=_choices(view, wish),
        columns=[_column(view, name, by, sort, descending) for name, by in COLUMNS],
        csv=view.here(cursor=None).replace("/cases", "/cases.csv", 1),
    )


def sheet(view: Look, wish: Wished) -> Response:
    """Every case that the filters let through, for a spreadsheet."""
    sort, descending = order_of(wish)
    rows = case_list.every(view.services.reader, filter_of(view, wish), sort, descending)
    return csv_of(rows, columns_of(CaseLine), "cases")


def filter_of(view: View, wish: Wish) -> CaseFilter:
    """Raises ``Invalid`` for a day, a status, a light or a kind of date that does not exist."""
    _one_of("status", wish.status, (*STATUSES, *TOGETHER))
    _one_of("light", wish.light, LIGHTS)
    span = span_in(wish.since, wish.until, view.city.zone)
    wanted = CaseFilter(
        statuses=TOGETHER.get(wish.status, (wish.status,) if wish.status else ()),
        lights=(wish.light,) if wish.light else (),
        sources=(wish.source,) if wish.source else (),
        category=wish.category,
        severity=wish.severity,
        district=wish.district,
        unit=wish.unit,
        words=wish.search.strip(),
    )
    match _one_of("dates", wish.dates, get_args(Dates)):
        case "due":
            return replace(wanted, due=span)
        case "closed":
            return replace(wanted, closed=span)
        case _:
            return replace(wanted, opened=span)


def order_of(wish: Wish) -> tuple[Sort, bool]:
    """``due`` rises, ``-due`` falls; the newest first unless asked otherwise."""
    for sort in SORTS:
        if wish.sort.removeprefix("-") == sort:
            return sort, wish.sort.startswith("-")
    _one_of("sort", wish.sort, SORTS)
    return "opened", True


def _one_of(field: str, value: str, allowed: Sequence[str]) -> str:
    if value and value not in allowed:
        raise Invalid(f"{field}.unknown", f"{field} is one of: {', '.join(allowed)}")
    return value


def _choices(view: View, wish: Wish) -> list[Choice]:
    reader, t = view.services.reader, view.t
    held = case_list.choices(reader)
    of_district = names(reader, [choice.value for choice in held.get("district", ())])
    statuses = [(code, t(f"status.{code}")) for code in (*TOGETHER, *STATUSES)]
    offered: dict[str, list[tuple[str, str]]] = {
        "status": statuses,
        "light": [(code, t(f"light.{code}")) for code in LIGHTS],
        "source": [(code, t(f"source.{code}")) for code in get_args(Source)],
    }
    for name in ("category", "severity", "district"):
        values = [choice.value for choice in held.get(name, ()) if choice.value]
        named = {d: of_district[d].name for d in values if name == "district" and d in of_district}
        offered[name] = [(value, named.get(value) or t.of(name, value)) for value in values]
    present = {choice.value for choice in held.get("source", ())}
    offered["source"] = [pair for pair in offered["source"] if pair[0] in present]
    return [
        Choice(name, getattr(wish, name), options)
        for name, options in offered.items()
        if len(options) > 1 or getattr(wish, name)
    ]


def _column(view: View, name: str, by: Sort | None, sort: Sort, descending: bool) -> Column:
    if by is None:
        return Column(name, "", "")
    if by != sort:
        return Column(name, "", view.here(sort=f"-{by}", cursor=None))
    turned = by if descending else f"-{by}"
    return Column(
        name, "descending" if descending else "ascending", view.here(sort=turned, cursor=None)
    )
