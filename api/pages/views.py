"""The pages for people, by address."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from api.guarding import LARGEST_BODY, LARGEST_UPLOAD
from api.pages import (
    backtest,
    board,
    boards_then,
    case,
    cases,
    desk,
    doing,
    dossier,
    indicators,
    inspections,
    instruments,
    machine,
    overview,
    policies,
    proof,
    rankings,
    reads,
    room,
    taking,
    units,
    uploading,
    why,
)
from api.pages.language import load
from api.pages.named import DOSSIERS, PACKED
from api.pages.rendering import Look, Site, route_class
from api.services import Services
from domain.errors import NotFound
from projections.past.kinds import KINDS

# What the auditor's room shows of things of every kind.
ROOM: Sequence[tuple[str, Callable[..., Response]]] = (
    ("/audit", room.entrance),
    ("/audit/search", room.found),
    ("/audit/standings", boards_then.standings_then),
    ("/audit/indicators", boards_then.indicators_then),
    ("/audit/events/{position}/proof", proof.of_event),
    ("/audit/events/{position}/tlog-proof", proof.proof_text),
    ("/audit/events/{position}/leaf", proof.leaf_bytes),
    ("/audit/packing/{job}", taking.progress),
    *((f"/audit/{kind.things}", boards_then.listing(kind)) for kind in KINDS.values()),
    *(
        (f"/audit/{kind.things}/{{key:path}}/{place}", shown(kind))
        for kind in KINDS.values()
        for place, shown in (
            ("past", machine.page), ("difference", machine.compared), ("proof", proof.of_thing),
        )
    ),
    *(
        (f"/audit/{KINDS[name].things}/{{key:path}}/dossier", dossier.page(KINDS[name]))
        for name in DOSSIERS
    ),
    *(
        (f"/audit/{KINDS[name].things}/{{key:path}}/{place}", shown(KINDS[name]))
        for name in PACKED
        for place, shown in (("pack", taking.form), ("package.zip", taking.file))
    ),
)  # fmt: skip
PAGES: Sequence[tuple[str, Callable[..., Response]]] = (
    *ROOM,
    ("/", overview.page),
    ("/rankings", rankings.page),
    ("/rankings/entries", rankings.entries),
    ("/cases", cases.page),
    ("/cases.csv", cases.sheet),
    ("/cases/{case_id:path}", case.page),
    ("/units", units.listing),
    ("/units/{unit_id:path}", units.page),
    ("/inspections", inspections.listing),
    ("/inspections/{inspection_id:path}", inspections.page),
    ("/board", board.page),
    ("/desk", desk.desk),
    ("/reads", reads.listing),
    ("/persons/{person_id}", reads.person),
    ("/policies", policies.listing),
    ("/policies/{digest}", policies.page),
    ("/backtest", backtest.empty),
    ("/indicators", indicators.page),
    ("/indicators.csv", indicators.sheet),
    ("/indicators/cases", indicators.behind),
    *((shown.path, instruments.listing(shown)) for shown in instruments.REGISTERS.values()),
    *((f"{shown.path}.csv", instruments.sheet(shown)) for shown in instruments.REGISTERS.values()),
    *(
        (f"{shown.path}/{{key:path}}", instruments.detail(shown))
        for shown in instruments.REGISTERS.values()
    ),
    ("/why/{thing}/{key:path}", why.page),
    ("/do/{collection}", doing.begin),
    ("/do/cases/{key}/evidence", uploading.looked_at),
    ("/do/{collection}/{key}/{verb}", doing.looked_at),
)

# What forms send; each answers with a page, or leads back to one.
FORMS: Sequence[tuple[str, Callable[..., Response]]] = (
    ("/backtest", backtest.run),
    ("/acting", doing.acting),
    ("/audit/purpose", room.purposed),
    ("/audit/persons/find", room.person),
    *(
        (f"/audit/{KINDS[name].things}/{{key:path}}/package", taking.order(KINDS[name]))
        for name in PACKED
    ),
    ("/do/{collection}", doing.begun),
    ("/do/{collection}/{key}/{verb}", doing.step),
)

# The same with files.
UPLOADS: Sequence[tuple[str, Callable[..., Response]]] = (
    ("/do/cases/{key}/evidence", uploading.uploaded),
)

# Addresses that answer for themselves when there is nothing at them.
OTHERS = ("/api/", "/static/")


def pages_router(services: Services) -> APIRouter:
    page_route = route_class(Site(services, load()))

    class Elsewhere(page_route):  # type: ignore[valid-type, misc]
        """Whatever address no page and no programme has."""

        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            found: tuple[Match, Scope] = super().matches(scope)
            return (Match.NONE, {}) if scope["path"].startswith(OTHERS) else found

    routes = APIRouter(
        include_in_schema=False, default_response_class=HTMLResponse, max_body_size=LARGEST_BODY
    )
    for path, endpoint in PAGES:
        _add(routes, path, endpoint, page_route)
    for path, endpoint in UPLOADS:
        _add(routes, path, endpoint, page_route, ["POST"], LARGEST_UPLOAD)
    for path, endpoint in FORMS:
        _add(routes, path, endpoint, page_route, ["POST"])
    _add(routes, "/{address:path}", nowhere, Elsewhere)
    return routes


def nowhere(view: Look, address: str) -> Response:
    raise NotFound("page.unknown", f"there is no page /{address[:100]}")


def _add(
    routes: APIRouter,
    path: str,
    endpoint: Callable[..., Response],
    kind: type[APIRoute],
    methods: Sequence[str] = ("GET", "HEAD"),
    largest: int = LARGEST_BODY,
) -> None:
    routes.add_api_route(
        path,
        endpoint,
        methods=list(methods),
        response_model=None,
        route_class_override=kind,
        max_body_size=largest,
    )
