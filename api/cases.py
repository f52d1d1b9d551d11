"""Cases as JSON: the list with its filters, and one case as it stands or stood."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import Fresh, Given
from api.exporting import columns_of, csv_of
from api.freshness import check_fresh
from api.histories import known_row, shape_of
from api.moments import AskedThen
from api.paging import cursor_of, keys_of, link_next
from api.reading import Cursor, Format, Limit, Moment, Word, add
from domain.cases.events import Source
from domain.cases.state import Status
from projections import case_list
from projections.case_list import CaseCounts, CaseFilter, CaseLine, Choice, Sort
from projections.cases import CASES, CaseRow
from projections.histories import history
from projections.lights import Light, is_ticking, light


class CaseQuery(BaseModel):
    """Which cases; what is left out is not asked for."""

    status: list[Status] = Field(default=[], max_length=10)
    light: list[Light] = Field(default=[], max_length=4)
    source: list[Source] = Field(default=[], max_length=11)
    unit: Word = Field(default="", description="with all units under it")
    district: Word = ""
    grid: Word = ""
    category: Word = ""
    severity: Word = ""
    inspection: Word = Field(default="", description="the visit that found it")
    opened_from: Moment | None = None
    opened_to: Moment | None = None
    due_from: Moment | None = None
    due_to: Moment | None = None
    closed_from: Moment | None = None
    closed_to: Moment | None = None
    on_the_spot: bool | None = None
    overdue: bool | None = Field(default=None, description="has missed a deadline")
    q: Word = Field(default="", description="words in the text, or a case number")

    def filter(self) -> CaseFilter:
        return CaseFilter(
            statuses=tuple(self.status),
            lights=tuple(self.light),
            sources=tuple(self.source),
            unit=self.unit,
            district=self.district,
            grid=self.grid,
            category=self.category,
            severity=self.severity,
            inspection_id=self.inspection,
            opened=(self.opened_from, self.opened_to),
            due=(self.due_from, self.due_to),
            closed=(self.closed_from, self.closed_to),
            on_the_spot=self.on_the_spot,
            overdue=self.overdue,
            words=self.q,
        )


@dataclass(frozen=True, slots=True)
class CaseListPage:
    """``next`` is the ``cursor`` of the following page; there is none after the last."""

    items: list[CaseLine]
    next: str | None


Wanted = Annotated[CaseQuery, Query()]


def router() -> APIRouter:
    routes = APIRouter(tags=["cases"])
    add(routes, "/cases", listing, "List cases", model=CaseListPage, table=True)
    add(routes, "/cases/counts", counts, "How many, by status and light")
    add(routes, "/cases/choices", choices, "What the filters can be set to")
    state = shape_of("CaseState", CaseRow, light=(Light, ...))
    add(routes, "/cases/{case_id}", one, "One case", model=state, keeps=True)
    return routes


@dataclass(frozen=True, slots=True)
class Order:
    """How the list is sorted, and where and how long a page of it is."""

    sort: Sort
    order: Literal["asc", "desc"]
    cursor: str | None
    limit: int


def ordered(
    sort: Annotated[Sort, Query(description="times, or the number of reworks")] = "opened",
    order: Literal["asc", "desc"] = "desc",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Order:
    return Order(sort, order, cursor, limit)


def listing(
    services: Fresh,
    request: Request,
    response: Response,
    wanted: Wanted,
    order: Annotated[Order, Depends(ordered)],
    shape: Format = "json",
) -> CaseListPage | Response:
    reader, asked, descending = services.reader, wanted.filter(), order.order == "desc"
    if shape == "csv":
        rows = case_list.every(reader, asked, order.sort, descending)
        return csv_of(rows, columns_of(CaseLine), "cases")
    after = keys_of(order.cursor, tuple[int, str]) if order.cursor else None
    page = case_list.page(reader, asked, order.sort, descending, after, order.limit)
    following = cursor_of(*page.next) if page.next else None
    link_next(request, response, {"cursor": following} if following else None)
    response.headers["Cache-Control"] = "no-store"
    return CaseListPage(list(page.rows), following)


def counts(services: Fresh, response: Response, wanted: Wanted) -> CaseCounts:
    response.headers["Cache-Control"] = "no-store"
    return case_list.counts(services.reader, wanted.filter())


def choices(services: Fresh) -> Mapping[str, tuple[Choice, ...]]:
    return case_list.choices(services.reader)


def one(
    services: Given,
    request: Request,
    response: Response,
    case_id: Annotated[str, Path(max_length=100)],
    asked: AskedThen,
) -> dict[str, Any]:
    """Read from the log itself, so it never lags. The ETag is the version to send as If-Match."""
    then = asked.then
    told = history(services.store, CASES, case_id, then.as_of, then.up_to, then.at)
    row = known_row(told, "case", case_id)
    tag = f'"{row.version}"'
    if is_ticking(row):  # its colour changes by itself: a copy may be out of date
        response.headers["ETag"] = tag
    else:
        check_fresh(request, response, tag)
    return msgspec.structs.asdict(row) | {"light": light(row, then.business(services.clock.now()))}
