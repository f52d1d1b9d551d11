"""Whether it is well: how far the log and the read tables are."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from api.dependencies import Given
from api.problems import documented


@dataclass(frozen=True, slots=True)
class Health:
    """``lag`` is how many events the read tables are behind the log: ``behind`` for a moment after
    every command; in ``trouble`` (answered with 503) they have stopped or cannot be written."""

    status: str
    version: str
    stored: int
    read: int
    lag: int
    trouble: str = ""


def router() -> APIRouter:
    routes = APIRouter(tags=["health"])
    routes.add_api_route(
        "/health", health, methods=["GET"], summary="How far log and boards are",
        responses=documented((400, 503)),
    )  # fmt: skip
    return routes


def health(services: Given, response: Response) -> Health:
    response.headers["Cache-Control"] = "no-store"
    read = services.live.position()
    stored = services.store.last_position()
    lag = max(0, stored - read)
    if trouble := services.trouble():
        response.status_code = 503
        return Health("trouble", services.version, stored, read, lag, trouble)
    return Health("behind" if lag else "ok", services.version, stored, read, lag)
