"""What endpoints ask for beside their own parameters: the services, who acts, on which version."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Header, Query, Request

from api.services import Services
from domain.errors import Conflict, Invalid
from domain.two_people import is_system

PATIENCE = 1.0  # seconds that a reader waits for the position it asks for
KEY = re.compile(r"[!-~]{1,200}")
TRACEPARENT = re.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
VERSION_TAG = re.compile(r'"(\d{1,18})"')


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Given = Annotated[Services, Depends(services_of)]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who sends a command, under which key, on which version it was decided, and the trace it
    belongs to ("": none)."""

    actor: str
    key: str
    expected_version: int | None
    traceparent: str = ""


def said(
    request: Request,
    actor: Annotated[
        str,
        Header(alias="Actor", description="who acts; letters outside ASCII percent-encoded UTF-8"),
    ],
    key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            description="fresh for every new request; repeating it repeats the first answer",
        ),
    ],
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description='the version that was read, as in its ETag: "3"'),
    ] = None,
) -> Asking:
    trace = traceparent_in(request.headers.get("traceparent", ""))
    return Asking(actor_named(actor), checked_key(key), version_in(if_match), trace)


def asking(request: Request, heads: Annotated[Asking, Depends(said)]) -> Asking:
    """Also refuses a body that is not JSON, whatever is in it."""
    content_type = request.headers.get("content-type")
    if content_type is not None and not is_json(content_type):
        raise Invalid("request.not_json", "send the body as application/json")
    return heads


def is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def actor_named(header: str) -> str:
    """The actor in a header, which may be percent-encoded or plain UTF-8. Raises ``Invalid``."""
    try:
        name = unquote_to_bytes(header.encode("latin-1")).decode("utf-8").strip()
    except UnicodeError:
        raise Invalid("actor.invalid", "the header Actor is not UTF-8") from None
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise Invalid("actor.invalid", "an actor is named in 1 to 100 printable characters")
    if is_system(name.casefold()):
        raise Invalid(
            "actor.reserved",
            "names that begin with 'system:' are the system's own: say who you are",
        )
    return name


def checked_key(key: str) -> str:
    """The key as command id; its own name space, so that no request can claim an import's."""
    if not KEY.fullmatch(key):
        raise Invalid(
            "idempotency.invalid", "an Idempotency-Key has 1 to 200 visible ASCII characters"
        )
    return f"api:{key}"


def version_in(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    tag = VERSION_TAG.fullmatch(if_match.strip())
    if tag is None:
        raise Conflict("stream.changed", 'If-Match holds one version in quotes, such as "3"')
    return int(tag[1])


def traceparent_in(header: str) -> str:
    """The trace a caller names; "" for one that W3C Trace Context tells us to ignore."""
    named = TRACEPARENT.fullmatch(header.strip())
    return named[0] if named and named[1].strip("0") and named[2].strip("0") else ""


def fresh(
    services: Given,
    after: Annotated[
        int | None,
        Query(ge=0, lt=2**63, description="wait up to a second until this position is included"),
    ] = None,
) -> Services:
    """The services, once the read tables hold what the reader has just written. Raises
    ``Invalid`` (``position.unknown``) for a position that the log has not come to."""
    if after is not None and after > services.live.position():
        if after > services.store.last_position():
            raise Invalid("position.unknown", f"the log has not come to position {after}")
        services.live.wait_for(after, PATIENCE)
    return services


Fresh = Annotated[Services, Depends(fresh)]
