"""The auditor's room: its entrance, search over everything, and what is signed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Query, Response
from fastapi.responses import RedirectResponse

from api.pages.asked import span_in
from api.pages.doing import Given
from api.pages.named import ROOM, room_of, telling_of
from api.pages.proof import newest
from api.pages.rendering import A_YEAR, Look, View
from api.paging import cursor_of, keys_of
from api.recording import PURPOSE, record_purpose
from domain.access.masking import masked_purpose
from domain.errors import Invalid
from domain.moments import FIRST_MOMENT, LAST_MOMENT, NOW
from projections.histories import state
from projections.past.kinds import KINDS
from projections.search import (
    KINDS as SEARCHED,
)
from projections.search import MOST_PAGED, Hit, Wanted, needles_in, search

PAGE = 20
LONGEST_SHOWN = 160
_POSITION = re.compile(r"#?(\d{1,15})")
# Pieces of a text, and which of them were looked for.
Parts = Sequence[tuple[str, bool]]
Word = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True, slots=True)
class Result:
    """A hit for people: ``says`` is what it was found by, with the words marked."""

    kind: str
    called: Parts
    href: str
    says: Parts
    status: str
    unit: str
    unit_name: str
    at: datetime
    ways: Sequence[tuple[str, str]]


def entrance(view: Look) -> Response:
    services = view.services
    last = services.store.last_position()
    return view.render(
        "room.html",
        section="audit",
        signed=newest(view),
        last=last,
        kinds=[(each.things, each.name) for each in KINDS.values()],
        purpose=purpose_in(view),
        q="",
    )


def found(
    view: Look, q: Annotated[str, Query(max_length=2000)] = "", kind: Word = "", since: Word = "",
    until: Word = "", after: Annotated[str, Query(alias="cursor", max_length=1000)] = "",
) -> Response:  # fmt: skip
    start = min(max(keys_of(after, tuple[int])[0] if after else 0, 0), MOST_PAGED)
    span = span_in(since, until, view.city.zone)
    kinds = tuple(each for each in SEARCHED if each == kind)
    error, told = "", None
    needles: Sequence[str] = ()
    try:
        if q.strip():
            needles = needles_in(q).every
            wanted = Wanted(q, kinds, span[0] or FIRST_MOMENT, span[1] or LAST_MOMENT)
            told = search(view.services.reader, wanted, start, PAGE)
    except Invalid as refused:
        error = view.t.of("refused", refused.code)
        view.acted_at(f"{ROOM}/search")  # what was refused stands in no link
    return view.render(
        "search.html",
        400 if error else 200,
        section="audit",
        # Numbers of identity cards do not stand on a page that somebody may print.
        q="" if error else q,
        kind=kind,
        kinds=SEARCHED,
        since=since,
        until=until,
        asked=bool(q.strip()),
        error=error,
        results=[_result(view, hit, needles) for hit in told.hits] if told else [],
        counts=told.counts if told else {},
        total=sum(told.counts.values()) if told else 0,
        more=view.here(cursor=cursor_of(start + PAGE)) if told and told.more else None,
        event=_event(view, q) if not start else 0,
        purpose=purpose_in(view),
        missing=False,
    )


def person(view: Look, given: Given) -> Response:
    """By the number of an identity card, which stands in no address; the purpose is recorded
    before anything is looked up."""
    purpose = given.fields.get("purpose", "").strip()
    number = given.fields.get("id_number", "").strip()[:60]
    if not purpose:
        raise Invalid("purpose.missing", "say what the person is looked for")
    record_purpose(view.services, view.request, "", purpose)
    key = view.services.persons.find(number) if number else None
    if key is not None:
        record_purpose(view.services, view.request, key, purpose)
        return RedirectResponse(room_of("person", key, "dossier"), 303)
    return view.render(
        "search.html", 404, section="audit", q="", kind="", kinds=SEARCHED, since="", until="",
        asked=False, error="", results=[], counts={}, total=0, more=None, event=0,
        purpose=purpose, missing=True,
    )  # fmt: skip


def purposed(view: Look, given: Given) -> Response:
    """Remembers what for, as who acts is remembered: every reading is recorded with it."""
    purpose = masked_purpose(given.fields.get(PURPOSE, ""))
    response = RedirectResponse(given.back if given.back != "/desk" else ROOM, 303)
    if purpose:
        response.set_cookie(PURPOSE, quote(purpose), max_age=A_YEAR, samesite="lax", httponly=True)
    else:
        response.delete_cookie(PURPOSE)
    return response


def purpose_in(view: View) -> str:
    return unquote(view.request.cookies.get(PURPOSE, ""))


def _event(view: View, q: str) -> int:
    """The event of that number, if what is searched is one."""
    number = _POSITION.fullmatch(q.strip())
    position = int(number[1]) if number else 0
    return position if 0 < position <= view.services.store.last_position() else 0


def _result(view: View, hit: Hit, needles: Sequence[str]) -> Result:
    if hit.kind == "actor":
        href = f"{ROOM}/persons/{quote(hit.key, safe='')}/dossier"
        return Result(
            "actor", marked(hit.key, needles), href, [], "", "", "", hit.at,
            [("dossier", href)],
        )  # fmt: skip
    kind = "case" if hit.kind == "evidence" else hit.kind
    events = view.services.store.load(f"{kind}-{hit.key}")
    row = state(events, KINDS[kind].snapshot, NOW) if events else None
    telling = telling_of(view, KINDS[kind], [row])
    status = telling.value("status", getattr(row, "status", ""))
    says = "  ".join(line for line in hit.words.split("\n")[1:] if line != hit.name)
    places = ("dossier", "past", "proof") if kind in ("unit", "person") else ("past", "proof")
    return Result(
        hit.kind, marked(hit.name or hit.key, needles), room_of(kind, hit.key, "past"),
        marked(says[:LONGEST_SHOWN], needles), status, hit.unit, hit.unit_name, hit.at,
        [(place, room_of(kind, hit.key, place)) for place in places],
    )  # fmt: skip


def marked(text: str, needles: Sequence[str]) -> Parts:
    """What was looked for stands out."""
    if not needles:
        return [(text, False)]
    longest = sorted(needles, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest)), re.IGNORECASE)
    parts, at = [], 0
    for place in pattern.finditer(text):
        parts += [(text[at : place.start()], False), (place[0], True)]
        at = place.end()
    return [part for part in (*parts, (text[at:], False)) if part[0]]
