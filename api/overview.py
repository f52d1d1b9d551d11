"""The overview board as JSON: a day's numbers, the colours, the trend."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.dependencies import Fresh
from api.reading import Day, add
from domain.periods import PeriodKind
from projections import boards

LAST_DAYS = timedelta(days=29)


def router() -> APIRouter:
    routes = APIRouter(tags=["boards"])
    add(routes, "/overview", overview, "A day's numbers and how everything stands now")
    add(routes, "/trend", trend, "What happened in each period of a span, the empty ones too")
    add(routes, "/latest", latest, "The newest events, in the words of the tables")
    return routes


def overview(
    services: Fresh,
    response: Response,
    day: Annotated[Day | None, Query(description="in the city's time; left out: today")] = None,
) -> boards.Overview:
    response.headers["Cache-Control"] = "no-store"
    return boards.overview(services.reader, services.city().zone, services.clock.now(), day)


def trend(
    services: Fresh,
    response: Response,
    by: Annotated[PeriodKind, Query(description="length of the periods")] = "day",
    first: Annotated[Day | None, Query(description="left out: 30 days up to the last")] = None,
    last: Annotated[Day | None, Query(description="left out: today in the city's time")] = None,
) -> tuple[boards.Bucket, ...]:
    response.headers["Cache-Control"] = "no-store"
    zone = services.city().zone
    last = last or services.clock.now().astimezone(zone).date()
    return boards.trend(services.reader, zone, by, first or last - LAST_DAYS, last)


def latest(
    services: Fresh,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> tuple[boards.Happening, ...]:
    response.headers["Cache-Control"] = "no-store"
    return boards.latest(services.reader, services.live.position(), limit)
