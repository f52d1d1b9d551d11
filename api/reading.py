"""What GET endpoints have in common: times in the query, documented answers, lists as CSV."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from api.freshness import UNCHANGED
from api.problems import READING, documented

Format = Annotated[
    Literal["json", "csv"], Query(alias="format", description="csv: the whole list as a table")
]
Limit = Annotated[int, Query(ge=1, le=500, description="how many at most")]
Cursor = Annotated[
    str | None, Query(max_length=1000, description="`next` of the page before this one")
]
Word = Annotated[str, StringConstraints(max_length=300)]


def within(moment: datetime) -> datetime:
    """In UTC, and no further away than the read tables reach."""
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("a time lies between 1970 and 2199")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(within)]
Day = Annotated[date, Field(ge=date(1971, 1, 1), le=date(2199, 12, 31))]

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)
AS_OF = "as it was known at this moment (time of recording), with its time zone"


def add(
    routes: APIRouter,
    path: str,
    endpoint: Callable[..., Any],
    summary: str,
    model: Any = None,
    table: bool = False,
    keeps: bool = False,
) -> None:
    """``model`` is the shape of the JSON if it is not what the endpoint says it returns; ``table``:
    also gives CSV; ``keeps``: answers 304 to who holds the newest."""
    responses: dict[int | str, dict[str, Any]] = {**documented(READING)}
    if keeps:
        responses |= UNCHANGED
    if table:
        responses[200] = {"content": {"text/csv": {"schema": {"type": "string"}}}}
    extra = {} if model is None else {"response_model": model}
    routes.add_api_route(
        path, endpoint, methods=["GET"], summary=summary, responses=responses, **extra
    )
