"""Packages for download: what happened to one thing, with all that proves it, verified offline."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Annotated, Any, BinaryIO, Literal, cast
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from api.asking import ask
from api.dependencies import Asking, Given, asking
from api.preparing import read_up_to_now
from api.problems import COMMANDING, READING, documented
from api.reading import AS_OF, Moment
from api.recording import purpose_of
from api.services import Services
from domain.accountability.commands import PackReferral
from domain.errors import Invalid
from domain.moments import Then
from projections.packages import Kind, Order

MEDIA_TYPE = "application/zip"
CHUNK = 1 << 18
# The place under /api/v1 of what can be packed.
THINGS: tuple[tuple[str, str, Kind], ...] = (
    ("cases", "case_id", "case"),
    ("units", "unit_id", "unit"),
    ("persons", "person_id", "person"),
    ("rankings", "ranking_id", "ranking"),
    ("accountability", "accountability_id", "referral"),
)

Evidence = Annotated[bool, Query(description="with the files of evidence")]
Persons = Annotated[
    bool, Query(description="with who the pseudonyms are; the header Purpose says why")
]


def router() -> APIRouter:
    routes = APIRouter()
    zipped: dict[int | str, dict[str, Any]] = {
        200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
    }
    for path, key, kind in THINGS:
        routes.add_api_route(
            f"/{path}/{{{key}}}/package", packing(kind, key), methods=["GET"], tags=[path],
            response_class=StreamingResponse, responses=documented((*READING, 409)) | zipped,
            summary="All that happened, with what proves it, as one file that verifies offline",
        )  # fmt: skip
    routes.add_api_route(
        "/accountability/{accountability_id}/package", carry_out, methods=["POST"],
        tags=["accountability"], response_class=StreamingResponse,
        responses=documented(COMMANDING) | zipped,
        summary="Carry a referral out: pack it, record what is in it, and get the package",
    )  # fmt: skip
    return routes


def packing(kind: Kind, name: str) -> Callable[..., StreamingResponse]:
    def endpoint(
        services: Given,
        request: Request,
        key: Annotated[str, Path(alias=name, max_length=200)],
        as_of: Annotated[Moment | None, Query(description=AS_OF)] = None,
        lang: Literal["zh", "en"] = "zh",
        evidence: Evidence = True,
        persons: Persons = False,
    ) -> StreamingResponse:
        if persons and not purpose_of(request):
            raise Invalid("purpose.missing", "say in the header Purpose why the names are needed")
        order = Order(kind, key, Then(as_of=as_of), lang, evidence, persons)
        return packed(services, order)

    return endpoint


def carry_out(
    services: Given,
    asked: Annotated[Asking, Depends(asking)],
    accountability_id: Annotated[str, Path(max_length=100)],
    lang: Literal["zh", "en"] = "zh",
) -> StreamingResponse:
    ask(services, PackReferral(accountability_id=accountability_id), asked)
    return packed(services, Order("referral", accountability_id, language=lang))


def packed(services: Services, order: Order) -> StreamingResponse:
    """Whole before its first byte is sent: a refusal is a refusal, and no package ends halfway."""
    read_up_to_now(services)
    with ExitStack() as opened:
        file = cast(BinaryIO, opened.enter_context(tempfile.TemporaryFile()))
        made = services.packages.pack(order, file)
        opened.pop_all()
    name = quote(f"{order.kind}-{order.key}.zip", safe="")
    headers = {
        "Content-Disposition": f"attachment; filename=\"package.zip\"; filename*=UTF-8''{name}",
        "Content-Length": str(made.size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_sent(file), media_type=MEDIA_TYPE, headers=headers)


def _sent(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while part := file.read(CHUNK):
            yield part
