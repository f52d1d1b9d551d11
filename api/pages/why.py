"""Why anything is what it is: the sentences, the account, the clauses and the events, to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Query, Response

from api.explain import sources_of
from api.pages.asked import moment_in
from api.pages.happenings import page_of
from api.pages.rendering import Look, View
from projections.why import THINGS, Clause, EventCited, Link, Part, Said, why

Asked = Annotated[str, Query(max_length=40)]
Thing = Annotated[str, Path(max_length=40)]
Key = Annotated[str, Path(max_length=500)]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the account; ``depth`` is how far it stands below the one it belongs to."""

    text: str
    amount: Decimal | None
    clause: str
    position: int
    href: str
    depth: int


@dataclass(frozen=True, slots=True)
class Way:
    """Something to look at for itself."""

    kind: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Basis:
    """A clause of a policy; ``assumed`` says what no document says of it."""

    title: str
    clause: Clause
    assumed: str


@dataclass(frozen=True, slots=True)
class Cited:
    event: EventCited
    text: str
    subject: str
    href: str


def page(view: Look, thing: Thing, key: Key, as_of: Asked = "") -> Response:
    moment = moment_in(as_of, view.city.zone)
    found = why(sources_of(view.services), thing, key, moment)
    return view.render(
        "why.html",
        section="",
        thing=thing,
        key=found.key,
        title=_in(view, found.title),
        sentences=[_in(view, said) for said in found.sentences],
        amount=found.amount,
        lines=_lines(view, found.parts),
        bases=[_basis(view, clause) for clause in found.clauses],
        events=[_cited(view, event) for event in found.events],
        ways=[way for link in found.links if (way := _way(link)).href],
        as_of=moment,
        json=f"/api/v1/explain/{quote(thing, safe='')}/{quote(found.key, safe='')}",
    )


def why_href(thing: str, key: str) -> str:
    """The page that explains it."""
    return f"/why/{thing}/{quote(key, safe='')}"


def _in(view: View, said: Said) -> str:
    return said.zh if view.t.language == "zh" else said.en


def _lines(view: View, parts: Sequence[Part], depth: int = 0) -> list[Line]:
    lines: list[Line] = []
    for part in parts:
        href = _way(part.link).href if part.link is not None else ""
        text = _in(view, part.said)
        lines.append(Line(text, part.amount, part.clause, part.position, href, depth))
        lines += _lines(view, part.parts, depth + 1)
    return lines


def _way(link: Link) -> Way:
    if link.kind == "policy":
        href = f"/policies/{quote(link.id, safe='')}"
    else:
        href = page_of(link.kind, link.id)
    if not href and link.kind in THINGS:
        href = why_href(link.kind, link.id)
    return Way(link.kind, link.name or link.id, href)


def _basis(view: View, clause: Clause) -> Basis:
    words = view.t("app.comma").join(word for word in clause.assumed if word)
    if "" in clause.assumed:
        assumed = view.t("why.assumed_all")
    else:
        assumed = view.t("why.assumed", words=words) if words else ""
    return Basis(_in(view, clause.title), clause, assumed)


def _cited(view: View, event: EventCited) -> Cited:
    kind, _, key = event.stream.partition("-")
    return Cited(
        event,
        _in(view, event.text),
        f"{view.t.of('thing', kind)} {key}",
        _way(Link(kind, key)).href,
    )
