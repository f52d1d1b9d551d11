"""Forms of the pages into commands: the same way as a programme's, and back with a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.asking import ask
from api.dependencies import Asking, actor_named, checked_key
from api.pages import case, instruments, rankings
from api.pages.actions import Form, address, collection_of, verb_of
from api.pages.forms import command_from, fields_of, units_offered
from api.pages.happenings import page_of
from api.pages.ladders import next_step, with_ladders
from api.pages.rendering import A_YEAR, ACTOR, Attempt, Look, View
from api.problems import status_of
from domain.errors import Invalid, NotFound, Refused
from domain.messages import Command
from domain.supervision.commands import ProposeSlip

# Fields of a form that are not words of its command.
KEY, BACK, VERSION = "_key", "_back", "_version"
# Said by hand even though a programme could leave it out: what it is follows from how it is called.
NAMED_BY_HAND = frozenset({"slip_id"})


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sent, each field once."""

    fields: Mapping[str, str]

    @property
    def back(self) -> str:
        """Where to go afterwards: never to another site."""
        back = self.fields.get(BACK, "")
        plain = back.startswith("/") and not back.startswith(("//", "/\\"))
        return back if plain and back.isprintable() else "/desk"

    @property
    def version(self) -> int | None:
        text = self.fields.get(VERSION, "")
        return int(text) if text.isdecimal() and len(text) < 10 else None


async def sent(request: Request) -> Sent:
    form = await request.form(max_files=1, max_fields=60)
    return Sent({name: value for name, value in form.items() if isinstance(value, str)})


Given = Annotated[Sent, Depends(sent)]


def acting(view: Look, given: Given) -> Response:
    """Remembers who acts, until there are accounts."""
    name = given.fields.get(ACTOR, "").strip()
    response = RedirectResponse(given.back, 303)
    if name:
        _remember(response, actor_named(quote(name)))
    else:
        response.delete_cookie(ACTOR)
    return response


def step(view: Look, collection: str, key: str, verb: str, given: Given) -> Response:
    """A command about a thing that is on record."""
    command = _command(collection, verb)
    found = collection_of(collection)
    assert found is not None
    action = address(collection, key, command)
    try:
        actor = actor_of(view, given)
        made = command_from(view, command, given.fields, {found.id_name: key})
        asking = Asking(actor, checked_key(given.fields.get(KEY, "")), given.version)
        done = ask(view.services, made, asking, wait=True)
    except Refused as refused:
        view.acted_at(page_of(command.STREAM, key))
        return refused_page(view, action, given, refused, lambda: THINGS[collection](view, key))
    return led_back(given.back, command, done.position, actor)


def looked_at(view: Look, collection: str, key: str, verb: str) -> Response:
    """Whoever reloads the answer to a form gets the thing itself."""
    command = _command(collection, verb)
    return RedirectResponse(page_of(command.STREAM, key), 303)


def begin(view: Look, collection: str) -> Response:
    """The form for what begins a thing, filled with what the address says."""
    return _begin(view, collection, dict(view.request.query_params))


def begun(view: Look, collection: str, given: Given) -> Response:
    found = collection_of(collection)
    command = _beginning(collection)
    assert found is not None
    try:
        actor = actor_of(view, given)
        key = checked_key(given.fields.get(KEY, ""))
        made_up = found.names_itself and found.id_name not in NAMED_BY_HAND
        own = {found.id_name: found.id_without(key)} if made_up else {}
        made = command_from(view, command, given.fields, {k: v for k, v in own.items() if v})
        done = ask(view.services, made, Asking(actor, key, None), wait=True)
    except Refused as refused:
        view.acted_at(f"/do/{collection}")
        return refused_page(
            view, f"/do/{collection}", given, refused,
            lambda: _begin(view, collection, given.fields),
        )  # fmt: skip
    back = given.fields.get(BACK, "") and given.back
    page = page_of(command.STREAM, done.id) or "/desk"
    return led_back(back or page, command, done.position, actor)


THINGS: Mapping[str, Callable[[View, str], Response]] = {
    "cases": lambda view, key: case.page(view, key),
    "rankings": rankings.about,
    **instruments.THINGS,
}


def _begin(view: View, collection: str, given: Mapping[str, str]) -> Response:
    found, command = collection_of(collection), _beginning(collection)
    assert found is not None
    made_up = found.names_itself and found.id_name not in NAMED_BY_HAND
    if command is ProposeSlip:
        given = {**next_step(view, given), **given}
    fields = [
        with_ladders(view, field) if command is ProposeSlip else field
        for field in fields_of(view, command, given)
        if not (made_up and field.name == found.id_name)
    ]
    attempt = view.attempt
    form = Form(
        name=command.NAME,
        action=f"/do/{collection}",
        fields=fields,
        key=view.services.new_id(),
        version=0,
        error=attempt.error if attempt else "",
        code=attempt.code if attempt else "",
    )
    return view.render(
        "begin.html", section="desk", form=form, offered=units_offered(view),
        back=given.get(BACK, ""),
    )  # fmt: skip


def _command(collection: str, verb: str) -> type[Command]:
    found = collection_of(collection)
    for command in found.commands if found and collection in THINGS else ():
        if command is not found.begins and verb_of(command) == verb:  # type: ignore[union-attr]
            return command
    raise NotFound("page.unknown", f"nothing called {verb[:40]} is done with {collection[:40]}")


def _beginning(collection: str) -> type[Command]:
    found = collection_of(collection)
    if found is None or collection in ("policies", "units"):
        raise NotFound("page.unknown", f"there is no form for {collection[:40]}")
    return found.begins


def actor_of(view: View, given: Sent) -> str:
    name = given.fields.get(ACTOR, "").strip() or view.actor
    if not name:
        raise Invalid("actor.missing", view.t("act.who_missing"))
    return actor_named(quote(name))


def refused_page(
    view: View, action: str, given: Sent, refused: Refused, shown: Callable[[], Response]
) -> Response:
    """The page of the thing again, with the sentence beside the form and all that was typed."""
    told = view.t.of("refused", refused.code)
    error = refused.message if told == refused.code else told
    view.attempt = Attempt(action, given.fields, error, refused.code, status_of(refused))
    response = shown()
    response.status_code = view.attempt.status
    name = given.fields.get(ACTOR, "").strip()
    if name and refused.code not in ("actor.invalid", "actor.reserved"):
        _remember(response, name)
    return response


def led_back(back: str, command: type[Command], position: int, actor: str) -> Response:
    sign = "&" if "?" in back else "?"
    path, _, fragment = back.partition("#")
    told = urlencode({"done": command.NAME, "at": position})
    response = RedirectResponse(f"{path}{sign}{told}{'#' + fragment if fragment else ''}", 303)
    _remember(response, actor)
    return response


def _remember(response: Response, actor: str) -> None:
    response.set_cookie(ACTOR, quote(actor), max_age=A_YEAR, samesite="lax", httponly=True)
