"""Templates into answers: what every page is given, and static files by their content."""

import hashlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import URL

from api.packing import PackingRoom
from api.pages.figures import Figures
from api.pages.language import LANGUAGES, Table, Words, chosen
from api.problems import status_of
from api.services import Services
from domain.errors import Invalid, Refused

STATIC = files("api") / "static"
COOKIE = "lang"
# Who acts, until there are accounts: percent-encoded in a cookie of that name.
ACTOR = "actor"
# What a page is told once about the command that led to it.
ONCE = ("done", "at")
A_YEAR = int(timedelta(days=365).total_seconds())

NAVIGATION = (
    ("/", "overview"),
    ("/desk", "desk"),
    ("/cases", "cases"),
    ("/rankings", "rankings"),
    ("/slips", "registers"),
    ("/indicators", "indicators"),
    ("/units", "units"),
    ("/inspections", "inspections"),
    ("/policies", "policies"),
    ("/audit", "audit"),
    ("/board", "board"),
)

# What must be said beside data that others have published: by the id of the city's unit.
LICENCES: Mapping[str, str] = {"toronto": "app.licence_toronto"}


@cache
def static_url(name: str) -> str:
    """The address of a static file. It changes with the content, so that it may be kept for ever.
    Raises ``FileNotFoundError`` for a file that is not there."""
    digest = hashlib.sha256(STATIC.joinpath(name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


class Site:
    """The templates and texts, and what they are filled from."""

    def __init__(self, services: Services, table: Table) -> None:
        self.services = services
        self.packing = PackingRoom(services, services.new_id)
        self.words = {language: Words(table, language) for language in LANGUAGES}
        self.templates = Environment(
            loader=PackageLoader("api"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals.update(static=static_url, navigation=NAVIGATION)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A form that was sent and refused: nothing of what was typed may be lost."""

    action: str
    typed: Mapping[str, str]
    error: str
    code: str
    status: int


class View:
    """One reader's look at the site: ``t`` says texts in their language, ``f`` writes figures in
    the city's zone, ``here`` gives this page's address with other parameters. ``actor`` is who
    acts ("": not said yet), ``attempt`` the form that was just refused, ``offered`` the units that
    forms propose, once somebody has asked for them."""

    def __init__(self, site: Site, request: Request) -> None:
        self.site = site
        self.services = site.services
        self.city = site.services.city()
        self.now = site.services.clock.now()
        self.request = request
        self.url = request.url
        self.actor = unquote(request.cookies.get(ACTOR, ""))
        self.attempt: Attempt | None = None
        self.offered: list[tuple[str, str]] | None = None
        self._asked = request.query_params.get(COOKIE)
        self.t = site.words[chosen(self._asked, request.cookies.get(COOKIE))]
        self.f = Figures(self.t, self.city.zone)

    def here(self, **changes: object) -> str:
        """An empty parameter is left out; the language is in the cookie by now."""
        return address(self.url, **{COOKIE: None, **dict.fromkeys(ONCE), **changes})

    def acted_at(self, page: str) -> None:
        """The page is shown in answer to a form: its own address is another one."""
        path, _, query = page.partition("#")[0].partition("?")
        self.url = self.request.url.replace(path=path, query=query)

    def render(self, template: str, status_code: int = 200, **context: Any) -> HTMLResponse:
        html = self.site.templates.get_template(template).render(self._everywhere() | context)
        # Pages show the state of this moment to one reader: nothing on the way may keep them.
        response = HTMLResponse(html, status_code, headers={"Cache-Control": "no-store"})
        if self._asked == self.t.language:
            response.set_cookie(COOKIE, self.t.language, max_age=A_YEAR, samesite="lax")
        return response

    def refuse(self, refused: Refused) -> HTMLResponse:
        """A page for people instead of a problem document for programs."""
        status = status_of(refused)
        return self.render(
            "refusal.html",
            status,
            section="",
            status=status,
            code=refused.code,
            detail=refused.message,
            told=self.t.of("refused", refused.code) != refused.code,
        )

    def _everywhere(self) -> dict[str, Any]:
        other = next(language for language in LANGUAGES if language != self.t.language)
        done = self.request.query_params.get("done", "")
        return {
            "t": self.t,
            "f": self.f,
            "city": self.city,
            "now": self.now,
            "here": self.here,
            "position": self.services.live.changed(),
            "synthetic": self.services.synthetic(),
            "version": self.services.version,
            "licence": LICENCES.get(self.city.unit_id),
            "other_language": address(self.url, **dict.fromkeys(ONCE), **{COOKIE: other}),
            "actor": self.actor,
            "attempt": self.attempt,
            "done": done if self.t.of("do", done) != done else "",
            "fresh_key": self.services.new_id,
        }


def address(base: URL, **changes: object) -> str:
    gone = [name for name, value in changes.items() if value in (None, "")]
    url = base.include_query_params(**changes).remove_query_params(gone)
    return f"{url.path}?{url.query}" if url.query else url.path


def view_of(request: Request) -> View:
    view: View = request.state.view
    return view


Look = Annotated[View, Depends(view_of)]


def route_class(site: Site) -> type[APIRoute]:
    """Routes whose refusals are pages too."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def answer_in_words(request: Request) -> Response:
                view = request.state.view = View(site, request)
                try:
                    return await answer(request)
                except Refused as refused:
                    return view.refuse(refused)
                except RequestValidationError:
                    return view.refuse(Invalid("request.invalid", "the parameters do not fit"))

            return answer_in_words

    return PageRoute
