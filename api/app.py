"""The web application: one gate, the JSON API under /api/v1, the pages, and their files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api import (
    bulletins,
    cases,
    commands,
    docs,
    dossiers,
    events,
    evidence,
    explain,
    feeds,
    freshness,
    health,
    histories,
    inspections,
    instruments,
    live,
    measures,
    overview,
    packages,
    past,
    persons,
    policies,
    problems,
    rankings,
    reads,
    search,
    transparency,
    units,
)
from api.guarding import LARGEST_BODY, LOOPBACK, Gate
from api.pages.views import pages_router
from api.recording import recorded
from api.services import Services

STATIC = Path(__file__).parent / "static"
API = "/api/v1"
FOR_EVER = "public, max-age=31536000, immutable"
PARTS = (
    overview, cases, units, inspections, rankings, bulletins, instruments, measures, policies,
    histories, past, dossiers, packages, explain, commands, evidence, feeds, events, transparency,
    live, docs, persons, reads, search,
)  # fmt: skip
ABOUT = """Every change is a command and leads to immutable events; every number on a board can be
followed to the events behind it. A command needs the headers `Actor` and `Idempotency-Key`;
`If-Match` with the version read keeps two people from overwriting each other. Refusals are
problem documents (RFC 9457) with a stable `code`."""


def create_app(services: Services, hosts: Sequence[str] = LOOPBACK) -> FastAPI:
    """``hosts`` are the names this server answers to, without a port; plain addresses need not be
    named."""
    app = Documented(
        title="督办 Duban",
        version=services.version,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        dependencies=[Depends(recorded)],
    )
    app.state.services = services
    problems.install(app)
    freshness.install(app)
    app.add_middleware(Gate, hosts=hosts)
    app.include_router(api_router(), prefix=API)
    app.include_router(health.router())
    app.include_router(pages_router(services))
    app.mount("/static", KeptFiles(directory=STATIC), name="static")
    return app


class Documented(FastAPI):
    """Knows the shape of a problem, which every operation may answer with."""

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        schema["components"]["schemas"].update(problems.shapes())
        return schema


class KeptFiles(StaticFiles):
    """A file whose address names its content (``?v=``) never changes and may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        named = b"v=" in scope["query_string"]
        response.headers["Cache-Control"] = FOR_EVER if named else "no-cache"
        return response


def api_router() -> APIRouter:
    routes = APIRouter(max_body_size=LARGEST_BODY)
    for part in PARTS:
        routes.include_router(part.router())
    return routes
