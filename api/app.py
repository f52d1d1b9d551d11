"""The web application: one gate, the JSON API under /api/v1, the pages, and their files."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles

from api import commands, docs, events, health, live, problems
from api.guarding import LARGEST_BODY, LOOPBACK, Gate
from api.services import Services

STATIC = Path(__file__).parent / "static"
API = "/api/v1"
ABOUT = """Every change is a command and leads to immutable events; every number on a board can be
followed to the events behind it. A command needs the headers `Actor` and `Idempotency-Key`;
`If-Match` with the version read keeps two people from overwriting each other. Refusals are
problem documents (RFC 9457) with a stable `code`."""


def create_app(services: Services, hosts: Sequence[str] = LOOPBACK) -> FastAPI:
    """``hosts`` are the names this server answers to, without a port."""
    app = FastAPI(
        title="督办 Duban",
        version=services.version,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
    )
    app.state.services = services
    problems.install(app)
    app.add_middleware(Gate, hosts=hosts)
    app.include_router(api_router(), prefix=API)
    app.include_router(health.router())
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


def api_router() -> APIRouter:
    routes = APIRouter(max_body_size=LARGEST_BODY)
    for part in (commands, events, live, docs):
        routes.include_router(part.router())
    return routes
