"""Evidence of cases: sending files in, and the files themselves, held against their digests."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Path, Request, Response, UploadFile
from pydantic import AwareDatetime

from api.asking import Done
from api.attaching import MOST_FILES, Upload, Wish, attach
from api.commands import ID, Wait, described
from api.dependencies import Asking, Fresh, Given, said
from api.freshness import UNCHANGED, check_fresh
from api.guarding import LARGEST_UPLOAD
from api.histories import AsOf, UpTo
from api.problems import COMMANDING, READING, documented
from api.reading import add
from api.services import Services
from domain.errors import NotFound
from domain.evidence.kinds import of_copy, suffix_of
from projections.cases import CASES
from projections.evidence import Piece, Referred, pieces, referred
from projections.histories import history

BINARY: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    }
}
# A file is a document, never a page: nothing in it may run or fetch.
ALONE = "default-src 'none'; sandbox"

Digest = Annotated[
    str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the stored file, in hex")
]
CaseId = Annotated[str, Path(max_length=200, pattern=ID)]


@dataclass(frozen=True, slots=True)
class AttachedView:
    """``done`` as for every command; ``evidence`` are the files that were sent, as they stand."""

    done: Done
    evidence: list[Piece]


@dataclass(frozen=True, slots=True)
class EvidenceList:
    items: list[Piece]


def router() -> APIRouter:
    routes = APIRouter(tags=["evidence"])
    routes.add_api_route(
        "/cases/{case_id}/evidence", send, methods=["POST"], status_code=201,
        operation_id="case.send_evidence",
        responses=documented((*COMMANDING, 500)), summary="Send files in as evidence",
        max_body_size=LARGEST_UPLOAD,
        form_limits={"max_files": MOST_FILES, "max_fields": 10, "max_part_size": 16_384},
    )  # fmt: skip
    add(routes, "/cases/{case_id}/evidence", of_case, "Evidence of a case")
    for path, endpoint, summary in (
        ("/evidence/{digest}", original, "A file as it came in (sealed ones opened)"),
        ("/evidence/{digest}/copy", copy, "The copy without metadata, for viewing"),
        ("/evidence/{digest}/thumbnail", thumbnail, "A small picture"),
    ):
        routes.add_api_route(
            path, endpoint, methods=["GET"], summary=summary, response_class=Response,
            responses={**BINARY, **documented((*READING, 500)), **UNCHANGED},
        )  # fmt: skip
    return routes


def send(
    services: Given,
    response: Response,
    asked: Annotated[Asking, Depends(said)],
    case_id: CaseId,
    files: Annotated[list[UploadFile], File(description="JPEG, PNG, WebP, PDF, MP4, plain text")],
    caption: Annotated[str, Form(max_length=1000)] = "",
    person: Annotated[
        str, Form(max_length=100, description="pseudonym of whom they show: then they are sealed")
    ] = "",
    occurred_at: Annotated[AwareDatetime | None, Form()] = None,
    wait: Wait = False,
) -> AttachedView:
    """All files are taken, or none. A repetition with the same key is done only once."""
    uploads = [Upload(file.file, file.filename or "") for file in files]
    wish = Wish(case_id, caption.strip(), person.strip(), occurred_at)
    attached = attach(services, wish, uploads, asked, wait)
    return AttachedView(described(attached.done, response), attached.pieces)


def of_case(
    services: Given, response: Response, case_id: CaseId, as_of: AsOf = None, up_to: UpTo = None
) -> EvidenceList:
    """In the order of attaching, the withdrawn ones too; read from the log itself."""
    told = history(services.store, CASES, case_id, as_of, up_to)
    response.headers["Cache-Control"] = "no-store"
    return EvidenceList(list(pieces(s.envelope for s in told.steps if s.known).values()))


def original(services: Fresh, request: Request, digest: Digest) -> Response:
    found = referred(services.reader, digest)
    name = f"evidence-{digest[:12]}.{suffix_of(found.media_type)}"
    answer = _file(services, request, found, digest, found.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def copy(services: Fresh, request: Request, digest: Digest) -> Response:
    found = referred(services.reader, digest)
    media_type = of_copy(found.media_type)
    return _shown(services, request, found, "copy", found.copy, media_type)


def thumbnail(services: Fresh, request: Request, digest: Digest) -> Response:
    found = referred(services.reader, digest)
    return _shown(services, request, found, "thumbnail", found.thumbnail, "image/jpeg")


def _shown(
    services: Services, request: Request, found: Referred, what: str, digest: str, media_type: str
) -> Response:
    """Made by this program from pixels alone, so that a browser may show it."""
    if not digest:
        raise NotFound(f"evidence.no_{what}", f"there is no {what} of it: read the file itself")
    answer = _file(services, request, found, digest, media_type)
    name = f"evidence-{found.digest[:12]}-{what}.{suffix_of(media_type)}"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _file(
    services: Services, request: Request, found: Referred, digest: str, media_type: str
) -> Response:
    """A browser may keep it but asks before it shows it again, so that every look is known here;
    whom it shows, it may not even keep."""
    heads = Response()
    if found.person:
        heads.headers["Cache-Control"] = "no-store"
        heads.headers["ETag"] = f'"{digest}"'
    else:
        check_fresh(request, heads, f'"{digest}"')
    kept = {name: heads.headers[name] for name in ("etag", "cache-control")}
    kept |= {"Content-Security-Policy": ALONE, "X-Content-Type-Options": "nosniff"}
    return Response(services.evidence.read(digest), media_type=media_type, headers=kept)
