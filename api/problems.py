"""The only table of HTTP statuses: every refusal becomes one RFC 9457 problem document."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:duban:problem:"

STATUS_OF_KIND: Mapping[type[Refused], int] = {
    Invalid: 400,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Refused: 409,
}

# Codes that begin so say that the store or the disk is what is wrong, not the request.
OUTAGES = ("store.", "data.", "tables.", "vault.", "access.")

# Where HTTP knows a sharper status than the kind gives.
STATUS_OF_CODE: Mapping[str, int] = {
    "actor.missing": 401,
    "request.too_large": 413,
    "request.not_json": 415,
    "request.invalid": 422,
    "evidence.too_large": 413,
    "evidence.type": 415,
    "evidence.altered": 500,
    "command.reused": 422,
    "stream.changed": 412,
}

# What the router says by itself, as code and sentence.
ROUTING: Mapping[int, tuple[str, str]] = {
    400: (
        "request.unreadable",
        "the body cannot be read: send valid JSON in UTF-8, or a form of at most 20 files",
    ),
    404: ("route.unknown", "there is nothing at this address: see /api/v1/docs"),
    405: ("method.not_allowed", "this address does not take that method: see the Allow header"),
    413: (
        "request.too_large",
        "a body is at most 1 MiB, one of evidence 120 MiB: send less at a time",
    ),
}

# A required header that is not there has a name of its own.
MISSING: Mapping[tuple[str, str], tuple[str, str]] = {
    ("header", "Actor"): (
        "actor.missing",
        "say who acts in the header Actor (letters outside ASCII percent-encoded)",
    ),
    ("header", "Purpose"): (
        "purpose.missing",
        "say in the header Purpose what it is needed for (letters outside ASCII percent-encoded)",
    ),
    ("header", "Idempotency-Key"): (
        "idempotency.missing",
        "send a fresh Idempotency-Key header, so that a repeated request is done only once",
    ),
}

# What any operation may answer beside its own answer, and what only commands may.
READING = (400, 404, 422, 503)
COMMANDING = (400, 401, 403, 404, 409, 412, 413, 415, 422, 503)


class Fault(BaseModel):
    """One thing that is wrong with a request, and where in it."""

    where: str = Field(description="path such as body.limit.amount or query.sort")
    message: str


class Problem(BaseModel):
    """What went wrong. ``code`` is stable and meant for programs, ``detail`` for people."""

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    code: str
    detail: str
    faults: list[Fault] | None = None


def documented(statuses: Sequence[int]) -> dict[int | str, dict[str, Any]]:
    """What an operation declares about its refusals in OpenAPI."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def shapes() -> dict[str, Any]:
    """The schemas that ``documented`` points to."""
    _, defined = models_json_schema(
        [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    found: dict[str, Any] = defined["$defs"]
    return found


def status_of(refusal: Refused) -> int:
    if refusal.code.startswith(OUTAGES):
        return 503
    exact = STATUS_OF_CODE.get(refusal.code)
    return exact or next(
        status for kind, status in STATUS_OF_KIND.items() if isinstance(refusal, kind)
    )


def answer(
    status: int,
    code: str,
    detail: str,
    faults: list[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    problem = Problem(
        type=TYPE_PREFIX + code,
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        faults=faults,
    )
    extra = {"WWW-Authenticate": "Actor"} if status == 401 else {}
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={**(headers or {}), **extra},
    )


def of_refusal(refusal: Refused) -> Response:
    headers = {"Retry-After": "5"} if status_of(refusal) == 503 else None
    return answer(status_of(refusal), refusal.code, refusal.message, headers=headers)


def of_validation(errors: Sequence[Any]) -> Response:
    """What pydantic found wrong. The input itself is not repeated: it may hold anything."""
    if any(error["type"] == "json_invalid" for error in errors):
        return answer(400, *ROUTING[400])
    for error in errors:
        named = MISSING.get(tuple(error["loc"][:2]))
        if named is not None and error["type"] == "missing":
            return answer(STATUS_OF_CODE.get(named[0], 400), *named)
    faults = [
        Fault(where=".".join(str(step) for step in error["loc"]), message=printable(error["msg"]))
        for error in errors
    ]
    detail = "; ".join(f"{fault.where}: {fault.message}" for fault in faults[:3])
    return answer(422, "request.invalid", detail, faults)


def of_routing(error: HTTPException) -> Response:
    code, detail = ROUTING.get(error.status_code, ("request.refused", str(error.detail)))
    return answer(error.status_code, code, detail, headers=error.headers)


def printable(text: str) -> str:
    """Half a surrogate pair can come in through JSON but cannot go out in UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def install(app: FastAPI) -> None:
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _routed)
    app.add_exception_handler(Exception, _broken)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return of_refusal(error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return of_validation(error.errors())


async def _routed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return of_routing(error)


async def _broken(request: Request, error: Exception) -> Response:
    """The edge: the server logs the error itself; the outside learns nothing about it."""
    return answer(500, "internal", "something broke here; nothing was changed unless told so")
