"""Units as JSON: the register, and one unit with its cases, visits, points and places."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import Fresh
from api.exporting import columns_of, csv_of
from api.freshness import check_fresh, tag_of
from api.paging import cursor_of, keys_of, link_next
from api.rankings import ruling
from api.reading import Cursor, Format, Limit, Word, add
from domain.inspections.events import Colour
from domain.periods import PeriodKind
from domain.units.events import UnitKind
from projections import dossiers, unit_list
from projections.dossiers import PeriodPlace, PeriodPoints, UnitDossier
from projections.unit_list import UnitFilter, UnitLine

UnitId = Annotated[str, Path(max_length=100)]
MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class UnitListPage:
    """``next`` is the ``cursor`` of the following page; there is none after the last."""

    items: list[UnitLine]
    next: str | None


def router() -> APIRouter:
    routes = APIRouter(tags=["units"])
    add(routes, "/units", listing, "List units by name", model=UnitListPage, table=True, keeps=True)
    add(routes, "/units/{unit_id}", one, "One unit with what belongs to it")
    add(routes, "/units/{unit_id}/points", points, "What each period brought it", keeps=True)
    add(routes, "/units/{unit_id}/places", places, "Its place in each period", keeps=True)
    return routes


def listing(
    services: Fresh,
    request: Request,
    response: Response,
    kind: UnitKind | Literal[""] = "",
    parent: Annotated[Word, Query(description="directly above it, in either tree")] = "",
    colour: Annotated[Colour | Literal[""], Query(description="of its last inspection")] = "",
    q: Annotated[Word, Query(description="words in the name or address, or a code")] = "",
    cursor: Cursor = None,
    limit: Limit = 100,
    shape: Format = "json",
) -> UnitListPage | Response:
    check_fresh(request, response, tag_of(services))
    wanted = UnitFilter(words=q, kind=kind, under=parent, colour=colour)
    if shape == "csv":
        every = unit_list.page(services.reader, wanted, limit=MOST_ROWS)
        return csv_of(every.rows, columns_of(UnitLine), "units")
    after = keys_of(cursor, tuple[str, str]) if cursor else None
    page = unit_list.page(services.reader, wanted, after, limit)
    following = cursor_of(*page.next) if page.next else None
    link_next(request, response, {"cursor": following} if following else None)
    return UnitListPage(list(page.rows), following)


def one(services: Fresh, response: Response, unit_id: UnitId) -> UnitDossier:
    """The ETag is the version to send as If-Match."""
    dossier = dossiers.unit_dossier(services.reader, unit_id)
    response.headers["ETag"] = f'"{dossier.unit.version}"'
    response.headers["Cache-Control"] = "no-store"
    return dossier


def points(
    services: Fresh,
    request: Request,
    response: Response,
    unit_id: UnitId,
    period: Annotated[Word, Query(description="the last one; left out: the running one")] = "",
    by: Annotated[PeriodKind, Query(description="if no period is named")] = "month",
    count: Annotated[int, Query(ge=1, le=60)] = 12,
    under: Annotated[bool, Query(description="with all units under it")] = False,
) -> tuple[PeriodPoints, ...]:
    rules = ruling(services, period, by)
    check_fresh(request, response, tag_of(services, rules.period, rules.policy.digest[:12]))
    return dossiers.points_over_time(
        services.reader, rules.policy, unit_id, rules.period, count, under
    )


def places(
    services: Fresh,
    request: Request,
    response: Response,
    unit_id: UnitId,
    period: Annotated[Word, Query(description="the last one; left out: the running one")] = "",
    by: Annotated[PeriodKind, Query(description="if no period is named")] = "month",
    count: Annotated[int, Query(ge=1, le=60)] = 12,
) -> tuple[PeriodPlace, ...]:
    rules = ruling(services, period, by)
    check_fresh(request, response, tag_of(services, rules.period, rules.policy.digest[:12]))
    unit = dossiers.unit_sheet(services.reader, unit_id)
    return dossiers.places_over_time(services.reader, rules.policy, unit, rules.period, count)
