"""Why anything is what it is, as JSON: sentences in both languages, clauses, events, parts."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import Fresh
from api.moments import AsOf
from api.reading import add
from api.services import Services
from projections.why import HOW, Explanation, Sources, why

KEYS = "; ".join(f"{thing}: {how}" for thing, how in HOW.items())
Thing = Annotated[str, Path(max_length=40, description=f"one of {', '.join(HOW)}")]
Key = Annotated[str, Path(max_length=500, description=KEYS)]


def router() -> APIRouter:
    routes = APIRouter(tags=["explain"])
    add(routes, "/explain/{thing}/{key:path}", explain, "Why: sentences, clauses, events")
    return routes


def explain(services: Fresh, thing: Thing, key: Key, as_of: AsOf = None) -> Explanation:
    return why(sources_of(services), thing, key, as_of)


def sources_of(services: Services) -> Sources:
    standing = services.desk.standing
    return Sources(
        store=services.store,
        reader=services.reader,
        book=standing.policies,
        calendars=standing.calendars,
        now=services.clock.now(),
        read=services.live.position(),
    )
