"""Proof that nothing was altered: what was signed, what proves it, and what witnesses add."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from api.dependencies import Given
from api.problems import READING, documented

LARGEST = 2**53
SIGNING = (400, 403, 404, 413, 415, 422, 503)

Size = Annotated[int, Query(ge=1, lt=LARGEST, description="how many events; the newest signed")]


@dataclass(frozen=True, slots=True)
class InclusionView:
    """That the event at ``position`` is among the first ``size``, by RFC 9162: the leaf ``index``
    with the hash ``leaf`` leads over ``hashes`` to ``root``. Hashes are in base64. ``checkpoint``
    is the signed one of that size, "" where none was issued."""

    position: int
    size: int
    index: int
    leaf: str
    root: str
    hashes: list[str]
    checkpoint: str


@dataclass(frozen=True, slots=True)
class ConsistencyView:
    """That the first ``old`` events are those that the first ``new`` begin with, by RFC 9162."""

    old: int
    new: int
    old_root: str
    new_root: str
    hashes: list[str]


@dataclass(frozen=True, slots=True)
class KeysView:
    """The public keys in force, in C2SP's form: the log's, and those of its witnesses."""

    keys: list[str]


@dataclass(frozen=True, slots=True)
class CosignedView:
    """How many signatures were not known before."""

    added: int


class CosignBody(BaseModel):
    """A checkpoint of this log with the lines that witnesses have put below it."""

    note: str = Field(max_length=64 * 1024)


def router() -> APIRouter:
    routes = APIRouter(prefix="/log", tags=["log"])
    reads = documented(READING)
    routes.add_api_route(
        "/checkpoint", checkpoint, methods=["GET"], response_class=PlainTextResponse,
        responses=reads, summary="What the log holds, signed (C2SP tlog-checkpoint)",
    )  # fmt: skip
    routes.add_api_route(
        "/proof", inclusion, methods=["GET"], responses=reads,
        summary="That an event is in the log",
    )  # fmt: skip
    routes.add_api_route(
        "/consistency", consistency, methods=["GET"], responses=reads,
        summary="That the log only grew",
    )  # fmt: skip
    routes.add_api_route(
        "/keys", keys, methods=["GET"], responses=reads,
        summary="Whose signatures count; compare them with what you were given on another way",
    )  # fmt: skip
    routes.add_api_route(
        "/cosignatures", cosign, methods=["POST"], responses=documented(SIGNING),
        summary="A witness adds its signature",
    )  # fmt: skip
    return routes


def checkpoint(services: Given, size: Size | None = None) -> PlainTextResponse:
    text = services.transparency.checkpoint(size)
    return PlainTextResponse(text, headers={"Cache-Control": "no-store"})


def inclusion(
    services: Given, position: Annotated[int, Query(ge=1, lt=LARGEST)], size: Size | None = None
) -> InclusionView:
    found = services.transparency.inclusion(position, size)
    return InclusionView(
        found.position, found.size, found.position - 1, _text(found.leaf), _text(found.root),
        _texts(found.hashes), found.checkpoint,
    )  # fmt: skip


def consistency(
    services: Given,
    old: Annotated[int, Query(alias="from", ge=0, lt=LARGEST)],
    new: Annotated[
        int | None, Query(alias="to", ge=0, lt=LARGEST, description="the newest signed")
    ] = None,
) -> ConsistencyView:
    found = services.transparency.consistency(old, new)
    return ConsistencyView(
        found.old, found.new, _text(found.old_root), _text(found.new_root), _texts(found.hashes)
    )


def keys(services: Given) -> KeysView:
    return KeysView(services.transparency.keys())


def cosign(services: Given, body: CosignBody) -> CosignedView:
    """Whoever signs is known by the signature; what is added changes nothing else."""
    return CosignedView(services.transparency.cosign(body.note))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [_text(raw) for raw in hashes]
