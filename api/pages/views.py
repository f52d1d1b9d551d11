"""The pages for people, by address."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.pages import board, case, cases, inspections, overview, rankings, units
from api.pages.language import load
from api.pages.rendering import Site, route_class
from api.services import Services

PAGES: Sequence[tuple[str, Callable[..., Response]]] = (
    ("/", overview.page),
    ("/rankings", rankings.page),
    ("/rankings/entries", rankings.entries),
    ("/cases", cases.page),
    ("/cases.csv", cases.sheet),
    ("/cases/{case_id}", case.page),
    ("/units", units.listing),
    ("/units/{unit_id}", units.page),
    ("/inspections", inspections.listing),
    ("/inspections/{inspection_id}", inspections.page),
    ("/board", board.page),
)


def pages_router(services: Services) -> APIRouter:
    routes = APIRouter(
        route_class=route_class(Site(services, load())),
        include_in_schema=False,
        default_response_class=HTMLResponse,
    )
    for path, endpoint in PAGES:
        routes.add_api_route(path, endpoint, methods=["GET"], response_model=None)
    return routes
