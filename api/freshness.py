"""Answers that a reader holds already are not sent again (ETag, 304)."""

from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.responses import Response as Plain

from api.services import Services

KEEPING = "private, no-cache"  # may be kept, but asked about before it is used again
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Not Modified"}}


class NotModified(Exception):
    """The reader's copy is as good as a new one."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


def tag_of(services: Services, *parts: object) -> str:
    """Names an answer that depends on the read tables alone (and ``parts``)."""
    return f'W/"{"-".join(map(str, (services.live.changed(), services.version, *parts)))}"'


def check_fresh(request: Request, response: Response, tag: str) -> None:
    """Raises ``NotModified`` when the reader names the tag in If-None-Match. Called before the
    answer is made: what has changed since then only makes the tag older than the answer."""
    held = {part.strip() for part in request.headers.get("if-none-match", "").split(",")}
    if tag in held or f"W/{tag}" in held:
        raise NotModified(tag)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = KEEPING


def install(app: FastAPI) -> None:
    app.add_exception_handler(NotModified, _unchanged)


async def _unchanged(request: Request, error: Exception) -> Plain:
    assert isinstance(error, NotModified)
    return Plain(status_code=304, headers={"ETag": error.tag, "Cache-Control": KEEPING})
