"""The log of readers for the auditor, and who a pseudonym is for whoever says what for."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from fastapi import Query, Response

from api.pages.asked import span_in
from api.pages.cases import Choice
from api.pages.rendering import Look
from api.paging import cursor_of, keys_of
from api.reads import ReadQuery, filter_of
from api.recording import purpose_of, reader_of
from domain.access.events import Act, Channel
from domain.access.recording import ANONYMOUS
from domain.errors import Invalid
from domain.moments import FIRST_MOMENT, LAST_MOMENT
from domain.persons.registering import Known
from projections import reads
from projections.persons import persons
from projections.reads import NEWEST

PAGE = 100
CHOICES: Mapping[str, tuple[Any, ...]] = {"act": get_args(Act), "channel": get_args(Channel)}
WORDS = {"act": "reading_act", "channel": "reading_way"}

Text = Annotated[str, Query(max_length=200)]


def listing(
    view: Look,
    reader: Text = "",
    act: Text = "",
    channel: Text = "",
    kind: Text = "",
    key: Text = "",
    why: Text = "",
    searched: Text = "",
    since: Text = "",
    until: Text = "",
    after: Annotated[str, Query(alias="cursor", max_length=1000)] = "",
) -> Response:
    span = span_in(since, until, view.city.zone)
    asked = filter_of(view.services, ReadQuery(reader, act, channel, kind, key, why, searched))
    wanted = reads.between(asked, span[0] or FIRST_MOMENT, span[1] or LAST_MOMENT)
    before = keys_of(after, tuple[int])[0] if after else NEWEST
    found = reads.reads(view.services.reader, wanted, before, PAGE + 1)
    chosen = {"act": act, "channel": channel}
    return view.render(
        "reads.html",
        section="audit",
        lines=found[:PAGE],
        more=view.here(cursor=cursor_of(found[PAGE - 1].position)) if len(found) > PAGE else None,
        readers=reads.readers(view.services.reader, wanted)[:20],
        typed={"reader": reader, "kind": kind, "key": key, "why": why, "searched": searched},
        since=since,
        until=until,
        choices=[
            Choice(name, chosen[name], [(code, view.t(f"{WORDS[name]}.{code}")) for code in codes])
            for name, codes in CHOICES.items()
        ],
    )


def person(view: Look, person_id: str) -> Response:
    """The data only for who says who they are and what for; the record of it says both."""
    row = next((r for r in persons(view.services.reader, only=person_id, limit=1)), None)
    purpose = purpose_of(view.request, asked_only=True)
    known: Known | None = None
    if purpose:
        if reader_of(view.request) == ANONYMOUS:
            raise Invalid("actor.missing", view.t("act.who_missing"))
        known = view.services.persons.look(person_id)
    return view.render("person.html", section="audit", row=row, person_id=person_id, known=known)
