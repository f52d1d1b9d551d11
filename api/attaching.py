"""Files that somebody sends into evidence of a case: examined, stored, and only then recorded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO, NamedTuple

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.asking import Done, answered
from api.dependencies import Asking
from api.preparing import as_stored
from api.services import Services
from domain.errors import Invalid, NotFound
from domain.evidence.commands import AttachEvidence
from domain.evidence.ports import Examined
from domain.messages import Appended
from domain.personal_data import check_pseudonym
from domain.requests import Request, digest_of, repeated
from projections.evidence import Piece, pieces

MOST_FILES = 20


class Upload(NamedTuple):
    content: BinaryIO
    name: str


@dataclass(frozen=True, slots=True)
class Wish:
    """``person`` is the pseudonym of whom the pictures show ("": nobody); then the files are
    sealed under that person's key."""

    case_id: str
    caption: str = ""
    person: str = ""
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """``pieces`` are those that were sent, as they stand now."""

    done: Done
    pieces: list[Piece]


def attach(
    services: Services, wish: Wish, uploads: Sequence[Upload], asking: Asking, wait: bool = False
) -> Attached:
    """All files or none. What is refused after it was stored stays in the store and is shown
    nowhere. Raises ``Refused``."""
    _check(services, wish, uploads)
    examined = {file.digest: file for file in _examined(services, uploads)}
    bare = [_bare(wish, file) for file in examined.values()]
    asked = digest_of([_request(command, wish, asking) for command in bare])
    known = services.store.commands([asking.key]).get(asking.key)
    if known is not None:
        appended = repeated(known, asked)
    else:
        appended = _stored(services, wish, list(examined.values()), bare, asking, asked)
    done = answered(services, bare[0], appended, wait)
    return Attached(done, _sent(services, bare[0], appended, examined.keys()))


def _check(services: Services, wish: Wish, uploads: Sequence[Upload]) -> None:
    if not uploads:
        raise Invalid("evidence.none", "choose at least one file")
    if len(uploads) > MOST_FILES:
        raise Invalid("evidence.too_many", f"send at most {MOST_FILES} files at a time")
    if wish.person:
        check_pseudonym("evidence", "person", wish.person)
    if services.desk.state(f"case-{wish.case_id}")[1] is None:
        raise NotFound("case.unknown", f"there is no case {wish.case_id}: report it first")


def _examined(services: Services, uploads: Sequence[Upload]) -> list[Examined]:
    return [services.evidence.examine(upload.content, upload.name) for upload in uploads]


def _bare(wish: Wish, file: Examined) -> AttachEvidence:
    """What is asked, by which a repetition is known. A sealed file is a new one every time, and a
    digest of what is in it would outlive the person's key: its size has to do."""
    digest = f"{file.size:064x}" if wish.person else file.digest
    try:
        return AttachEvidence(
            case_id=wish.case_id, digest=digest, caption=wish.caption, person=wish.person
        )
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


def _stored(
    services: Services, wish: Wish, examined: Sequence[Examined], bare: Sequence[AttachEvidence],
    asking: Asking, asked: str,
) -> Appended:  # fmt: skip
    files = [services.evidence.put(file, wish.person) for file in examined]
    requests = [
        _request(as_stored(command, file), wish, asking)
        for command, file in zip(bare, files, strict=True)
    ]
    first = replace(requests[0], expected_version=asking.expected_version)
    return services.desk.handle([first, *requests[1:]], asking.key, asked)


def _request(command: AttachEvidence, wish: Wish, asking: Asking) -> Request:
    return Request(command, asking.actor, wish.occurred_at, traceparent=asking.traceparent)


def _sent(
    services: Services, command: AttachEvidence, appended: Appended, digests: Collection[str]
) -> list[Piece]:
    found = pieces(services.store.load(command.stream_id)).values()
    first, last = appended.first_position, appended.last_position
    return [p for p in found if first <= p.position <= last or p.digest in digests]
