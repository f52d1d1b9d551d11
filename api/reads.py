"""The log of readers as JSON: who opened, searched or exported what, when and why."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import Fresh
from api.exporting import columns_of, csv_of
from api.paging import cursor_of, keys_of, link_next
from api.reading import EARLIEST, LATEST, Cursor, Format, Limit, Moment, Word, add
from api.services import Services
from domain.access.events import Act, Channel
from domain.access.masking import masked, masked_key
from domain.errors import Refused
from projections import reads
from projections.reads import NEWEST, ReaderCount, ReadFilter, ReadLine

MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class ReadPage:
    """``next`` is the ``cursor`` of the following page; there is none after the last."""

    items: list[ReadLine]
    next: str | None


def router() -> APIRouter:
    routes = APIRouter(tags=["reads"])
    add(routes, "/reads", listing, "Who read what, newest first", ReadPage, True)
    add(routes, "/reads/readers", counted, "Who read, and how much")
    return routes


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """What is asked for. ``searched`` is the text of a search: it is found by its digest."""

    reader: str = ""
    act: str = ""
    channel: str = ""
    kind: str = ""
    key: str = ""
    purpose: str = ""
    searched: str = ""


def filter_of(services: Services, asked: ReadQuery) -> ReadFilter:
    """As it is recorded. Raises ``Refused`` (``vault.*``) if only the vault's key could tell."""

    def digest(text: str) -> str:
        try:
            return services.vault.digest(text)
        except Refused:
            return ""

    searched = masked(asked.searched, services.vault.digest) if asked.searched else ""
    key = masked_key(asked.key, digest) if asked.key else ""
    return ReadFilter(
        asked.reader, asked.act, asked.channel, asked.kind, key, searched, asked.purpose
    )


def listing(
    services: Fresh,
    request: Request,
    response: Response,
    reader: Word = "",
    act: Annotated[Act | None, Query()] = None,
    channel: Annotated[Channel | None, Query()] = None,
    kind: Word = "",
    key: Annotated[Word, Query(description="id of the thing, such as a case's")] = "",
    why: Annotated[Word, Query(description="words of the purpose")] = "",
    searched: Annotated[Word, Query(description="the text of a search")] = "",
    start: Annotated[Moment, Query(alias="from")] = EARLIEST,
    end: Annotated[Moment, Query(alias="to")] = LATEST,
    cursor: Cursor = None,
    limit: Limit = 100,
    shape: Format = "json",
) -> ReadPage | Response:
    response.headers["Cache-Control"] = "no-store"
    asked = ReadQuery(reader, act or "", channel or "", kind, key, why, searched)
    wanted = replace(filter_of(services, asked), start=start, end=end)
    if shape == "csv":
        rows = reads.reads(services.reader, wanted, limit=MOST_ROWS)
        return csv_of(rows, columns_of(ReadLine), "reads")
    before = keys_of(cursor, tuple[int])[0] if cursor else NEWEST
    found = reads.reads(services.reader, wanted, before, limit + 1)
    items = list(found[:limit])
    following = cursor_of(items[-1].position) if len(found) > limit else None
    link_next(request, response, {"cursor": following} if following else None)
    return ReadPage(items, following)


def counted(
    services: Fresh,
    response: Response,
    start: Annotated[Moment, Query(alias="from")] = EARLIEST,
    end: Annotated[Moment, Query(alias="to")] = LATEST,
) -> list[ReaderCount]:
    response.headers["Cache-Control"] = "no-store"
    return list(reads.readers(services.reader, ReadFilter(start=start, end=end)))
