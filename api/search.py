"""Search over everything as JSON: by number, unit, pseudonym, place and words."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import Fresh
from api.paging import cursor_of, keys_of, link_next
from api.reading import EARLIEST, LATEST, Cursor, Limit, Moment, add
from projections.search import LONGEST, MOST_PAGED, Hit, Kind, Wanted, search


@dataclass(frozen=True, slots=True)
class SearchView:
    """``counts`` are of all that was found, by the kinds that stand on this page; ``next`` is the
    ``cursor`` of the following one."""

    items: list[Hit]
    counts: dict[str, int]
    next: str | None


def router() -> APIRouter:
    routes = APIRouter(tags=["search"])
    add(routes, "/search", found, "Whatever has these words, the best first")
    return routes


def found(
    services: Fresh,
    request: Request,
    response: Response,
    q: Annotated[
        str, Query(min_length=1, max_length=LONGEST, description="all words between blanks")
    ],
    kind: Annotated[
        list[Kind] | None, Query(max_length=20, description="case, unit, …; left out: all")
    ] = None,
    begun_from: Annotated[Moment, Query(alias="from", description="happened then or later")] = (
        EARLIEST
    ),
    begun_to: Annotated[Moment, Query(alias="to", description="happened before")] = LATEST,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> SearchView:
    """Words with blanks between them must all be found; a longer Chinese one also by most of the
    pairs of characters it is made of. A person is found by pseudonym here; by an identity number
    with `POST /persons/find` and a purpose."""
    response.headers["Cache-Control"] = "no-store"
    start = keys_of(cursor, tuple[int])[0] if cursor else 0
    wanted = Wanted(q, tuple(kind or ()), begun_from, begun_to)
    told = search(services.reader, wanted, min(max(start, 0), MOST_PAGED), limit)
    following = cursor_of(start + limit) if told.more and start < MOST_PAGED else None
    link_next(request, response, {"cursor": following} if following else None)
    return SearchView(list(told.hits), dict(told.counts), following)
