"""Policies and tables as JSON: what rules, to the letter, and what analysts can ask."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import Fresh, Given
from api.freshness import check_fresh, tag_of
from api.reading import add
from domain.errors import NotFound
from domain.policies.events import PolicyAdopted
from domain.policies.prose import prose
from projections import registers
from projections.catalogue import TABLES
from projections.dictionary import columns
from projections.registers import PolicyVersion

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the text")]


@dataclass(frozen=True, slots=True)
class PolicyText:
    """``body`` is the policy file as adopted; its SHA-256 is ``digest``."""

    policy_id: str
    revision: int
    digest: str
    body: str


@dataclass(frozen=True, slots=True)
class ColumnView:
    table: str
    name: str
    type: str
    meaning: str


def router() -> APIRouter:
    rules = APIRouter(tags=["policies"])
    add(rules, "/policies", versions, "Every version that was adopted", keeps=True)
    add(rules, "/policies/{digest}", text, "The text of one version", keeps=True)
    add(rules, "/policies/{digest}/prose", in_words, "One version as prose to sign", keeps=True)
    described = APIRouter(tags=["tables"])
    add(described, "/tables", tables, "Every column of every public table", keeps=True)
    routes = APIRouter()
    routes.include_router(rules)
    routes.include_router(described)
    return routes


def versions(services: Fresh, request: Request, response: Response) -> tuple[PolicyVersion, ...]:
    check_fresh(request, response, tag_of(services))
    return registers.policies(services.reader)


def text(
    services: Given,
    request: Request,
    response: Response,
    digest: Digest,
) -> PolicyText:
    check_fresh(request, response, f'"{digest[:12]}"')
    for envelope in services.store.load_kind("policy"):
        event = envelope.event
        if isinstance(event, PolicyAdopted) and event.digest == digest:
            return PolicyText(event.policy_id, event.revision, event.digest, event.body)
    raise NotFound("policy.unknown", f"no policy with digest {digest[:12]} was adopted")


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the head or foot with its label, or an article with its number."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class PolicyProse:
    """``head`` stands above the articles, ``foot`` below them."""

    policy: str
    title: str
    head: list[Part]
    articles: list[Part]
    foot: list[Part]


def in_words(
    services: Given,
    request: Request,
    response: Response,
    digest: Digest,
    lang: Annotated[Literal["zh", "en"], Query(description="the language")] = "zh",
) -> PolicyProse:
    check_fresh(request, response, f'"{digest[:12]}-{lang}-{services.version}"')
    policy = services.desk.standing.policies.get(digest)
    said = prose(policy, lang)
    return PolicyProse(
        policy.ref,
        said.title,
        [Part(*line) for line in said.head],
        [Part(*line) for line in said.articles],
        [Part(*line) for line in said.foot],
    )


def tables(services: Given, request: Request, response: Response) -> list[ColumnView]:
    check_fresh(request, response, f'"{services.version}"')
    return [
        ColumnView(table, column.name, column.type, column.meaning)
        for table in TABLES
        for column in columns(table)
    ]
