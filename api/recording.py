"""The log of readers: every route records who reads what before it answers, or does not answer."""

from collections.abc import Mapping
from urllib.parse import unquote, unquote_to_bytes

import msgspec
from fastapi import Request

from api.dependencies import actor_named, traceparent_in
from api.services import Services
from domain.access.events import AccessRecorded, Act, Channel
from domain.access.masking import masked_asked, masked_key, masked_purpose
from domain.access.recording import ANONYMOUS, Access
from domain.errors import Invalid, Refused

API = "/api/v1"
# Pages of the auditor's room are about the same things as others.
ROOM = "/audit/"
ACTOR, PURPOSE = "actor", "purpose"
# A command is recorded by its own event; what it answers with is that event.
COMMANDS = "api.commands"
OTHER_COMMANDS = frozenset(
    {"person.register", "person.correct", "person.forget", "case.send_evidence"}
)
# What names no matter of anybody's, by its whole address, and why.
NOT_READ: Mapping[str, str] = {
    "/health": "how far log and tables are",
    f"{API}/live": "says that something changed; what, is asked for",
    f"{API}/docs": "the documentation of the API",
    f"{API}/docs/start.js": "a part of it",
    f"{API}/tables": "what the columns of the tables mean",
    f"{API}/log/checkpoint": "hashes and signatures",
    f"{API}/log/proof": "hashes and signatures",
    f"{API}/log/consistency": "hashes and signatures",
    f"{API}/log/keys": "public keys",
    f"{API}/log/cosignatures": "signatures",
    "/acting": "says who acts, and leads back",
    f"{ROOM}purpose": "says what for, and leads back",
    f"{ROOM}packing/{{job}}": "how far a package is, for who ordered it: that is recorded",
    "/{address:path}": "there is nothing there",
}
# Parameters that say how an answer is given, not what is asked.
ABOUT_THE_ANSWER = frozenset({"cursor", "limit", "format", "lang", "after", "done", "at", PURPOSE})
EXPORTS = ("export", "package", ".zip", ".csv", ".pdf")


def recorded(request: Request) -> None:
    """A dependency of the whole application, so that no route can be without it. Raises ``Refused``
    (``store.*``, ``access.unrecorded``): nothing is shown then."""
    route = request.scope["route"]
    path = request.url.path
    at_api = path.startswith(f"{API}/")
    whole = f"{API}{route.path}" if at_api else route.path
    commanded = route.endpoint.__module__ == COMMANDS or route.operation_id in OTHER_COMMANDS
    if whole in NOT_READ or (commanded and request.method == "POST"):
        return
    services: Services = request.app.state.services
    services.accesses.record(_access(services, request, at_api))


def record_found(services: Services, request: Request, key: str) -> None:
    """What a search has led to, where only the answer says which one that is."""
    access = _access(services, request, at_api=True)
    event = msgspec.structs.replace(access.event, key=key)
    services.accesses.record(msgspec.structs.replace(access, event=event))


def record_purpose(services: Services, request: Request, key: str, purpose: str) -> None:
    """What a form says its reader needs something for; ``key`` is what they found or ordered.
    Raises ``Invalid`` (``purpose.invalid``)."""
    access = _access(services, request, at_api=False)
    event = msgspec.structs.replace(access.event, key=key, purpose=masked_purpose(purpose))
    services.accesses.record(msgspec.structs.replace(access, event=event))


def _access(services: Services, request: Request, at_api: bool) -> Access:
    def digest(text: str) -> str:
        try:
            return services.vault.digest(text)
        except Refused:  # that something was searched is known even where the vault is shut
            return ""

    path = request.url.path
    place = path.removeprefix(API).removeprefix(ROOM)
    kind = place.strip("/").partition("/")[0] or "overview"
    key = "/".join(map(str, request.path_params.values()))
    asked = [(k, v) for k, v in request.query_params.multi_items() if k not in ABOUT_THE_ANSWER]
    event = AccessRecorded(
        act=_act(request, key),
        channel=_channel(kind, at_api),
        kind=kind.partition(".")[0],
        key=masked_key(key, digest) if key else "",
        asked=masked_asked(asked, digest),
        purpose=purpose_of(request),
    )
    return Access(reader_of(request), event, traceparent_in(request.headers.get("traceparent", "")))


def _act(request: Request, key: str) -> Act:
    query = request.query_params
    if query.get("format", "json") != "json" or any(e in request.url.path for e in EXPORTS):
        return "export"
    if query.get("q") or request.url.path.endswith("/find"):
        return "search"
    return "open" if key else "list"


def _channel(kind: str, at_api: bool) -> Channel:
    if kind in ("feeds", "lists"):
        return "feed"
    return "api" if at_api else "page"


def reader_of(request: Request) -> str:
    """Who reads, as far as they say: by the header of a programme, or the cookie of a page. Raises
    ``Invalid`` (``actor.invalid``, ``actor.reserved``)."""
    said = request.headers.get(ACTOR) or request.cookies.get(ACTOR, "")
    try:
        return actor_named(said) if said.strip() else ANONYMOUS
    except Invalid:
        if request.headers.get(ACTOR):
            raise
        return ANONYMOUS  # a cookie that nobody can correct must not shut the pages


def purpose_of(request: Request, asked_only: bool = False) -> str:
    """Why, as far as they say: percent-encoded in a header or a cookie, or in the query;
    ``asked_only``: said for this request alone. Raises ``Invalid`` (``purpose.invalid``)."""
    header = request.headers.get(PURPOSE, "")
    if header:
        try:
            said = unquote_to_bytes(header.encode("latin-1")).decode("utf-8")
        except UnicodeError:
            raise Invalid("purpose.invalid", "the header Purpose is not UTF-8") from None
        return masked_purpose(said)
    if said := request.query_params.get(PURPOSE, ""):
        return masked_purpose(said)
    if asked_only:
        return ""
    try:
        return masked_purpose(unquote(request.cookies.get(PURPOSE, "")))
    except Invalid:
        return ""
