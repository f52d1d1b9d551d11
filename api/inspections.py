"""Inspections and penalties as JSON: the lists, and one of each with what belongs to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import Fresh
from api.exporting import columns_of, csv_of
from api.freshness import check_fresh, tag_of
from api.paging import cursor_of, keys_of, link_next
from api.reading import EARLIEST, LATEST, Cursor, Format, Limit, Moment, Word, add
from domain.cases.events import Source
from domain.inspections.events import Colour, Result
from projections import dossiers, registers
from projections.dossiers import InspectionDossier, Penalty
from projections.registers import InspectionFilter, InspectionLine

After = tuple[datetime, str]
END: After = (LATEST, "")
MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class InspectionPage:
    """``next`` is the ``cursor`` of the following page; there is none after the last."""

    items: list[InspectionLine]
    next: str | None


@dataclass(frozen=True, slots=True)
class PenaltyPage:
    items: list[Penalty]
    next: str | None


def router() -> APIRouter:
    visits = APIRouter(tags=["inspections"])
    add(visits, "/inspections", listing, "List inspections", InspectionPage, True, True)
    add(visits, "/inspections/{inspection_id}", one, "One inspection with its cases")
    fines = APIRouter(tags=["penalties"])
    add(fines, "/penalties", penalties, "List penalties", PenaltyPage, True, True)
    add(fines, "/penalties/{penalty_id}", penalty, "One penalty", keeps=True)
    routes = APIRouter()
    routes.include_router(visits)
    routes.include_router(fines)
    return routes


def listing(
    services: Fresh,
    request: Request,
    response: Response,
    unit: Annotated[Word, Query(description="with all units under it")] = "",
    source: Source | Literal[""] = "",
    result: Result | Literal[""] = "",
    colour: Colour | Literal[""] = "",
    start: Annotated[Moment, Query(alias="from")] = EARLIEST,
    end: Annotated[Moment, Query(alias="to")] = LATEST,
    cursor: Cursor = None,
    limit: Limit = 100,
    shape: Format = "json",
) -> InspectionPage | Response:
    check_fresh(request, response, tag_of(services))
    wanted = InspectionFilter(unit, source, result, colour, start, end)
    if shape == "csv":
        rows = registers.inspections(services.reader, wanted, limit=MOST_ROWS)
        return csv_of(rows, columns_of(InspectionLine), "inspections")
    before: After = keys_of(cursor, After) if cursor else END
    found = registers.inspections(services.reader, wanted, before, limit + 1)
    items = list(found[:limit])
    following = None
    if len(found) > limit:
        following = cursor_of(items[-1].occurred_at.isoformat(), items[-1].inspection_id)
        link_next(request, response, {"cursor": following})
    return InspectionPage(items, following)


def one(
    services: Fresh,
    response: Response,
    inspection_id: Annotated[str, Path(max_length=100)],
) -> InspectionDossier:
    """The ETag is the version to send as If-Match."""
    dossier = dossiers.inspection_dossier(services.reader, inspection_id)
    response.headers["ETag"] = f'"{dossier.inspection.version}"'
    response.headers["Cache-Control"] = "no-store"
    return dossier


def penalties(
    services: Fresh,
    request: Request,
    response: Response,
    unit: Word = "",
    inspection: Word = "",
    case: Word = "",
    status: Literal["", "open", "decided", "withdrawn", "settled"] = "",
    cursor: Cursor = None,
    limit: Limit = 100,
    shape: Format = "json",
) -> PenaltyPage | Response:
    check_fresh(request, response, tag_of(services))
    reader = services.reader
    if shape == "csv":
        rows = dossiers.penalties(reader, unit, inspection, case, status, limit=MOST_ROWS)
        return csv_of(rows, columns_of(Penalty), "penalties")
    before: After = keys_of(cursor, After) if cursor else END
    found = dossiers.penalties(reader, unit, inspection, case, status, before, limit + 1)
    items = list(found[:limit])
    following = None
    if len(found) > limit:
        following = cursor_of(items[-1].opened_at.isoformat(), items[-1].penalty_id)
        link_next(request, response, {"cursor": following})
    return PenaltyPage(items, following)


def penalty(
    services: Fresh,
    request: Request,
    response: Response,
    penalty_id: Annotated[str, Path(max_length=100)],
) -> Penalty:
    """The ETag is the version to send as If-Match."""
    found = dossiers.penalty(services.reader, penalty_id)
    check_fresh(request, response, f'"{found.version}"')
    return found
