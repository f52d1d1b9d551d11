"""The audit trail as it stands in the event store: what was recorded, in order, unchanged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response

from api.dependencies import Given
from api.paging import link_next
from api.problems import READING, documented
from domain.messages import Envelope


@dataclass(frozen=True, slots=True)
class EventView:
    """``position`` counts all events, ``version`` those of the stream. ``occurred_at`` is when it
    happened, ``recorded_at`` when it was stored. ``policies`` are the digests of the rules in
    force when it happened."""

    position: int
    stream: str
    version: int
    name: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    cause: str
    policies: list[str]
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventPage:
    """``next`` is the ``after`` of the following page; there is none at the end of the log."""

    items: list[EventView]
    next: int | None


def router() -> APIRouter:
    routes = APIRouter(tags=["events"])
    routes.add_api_route(
        "/events", trail, methods=["GET"], summary="The audit trail",
        responses=documented(READING),
    )  # fmt: skip
    return routes


def trail(
    services: Given,
    request: Request,
    response: Response,
    after: Annotated[int, Query(ge=0, lt=2**63, description="position already read")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    stream: Annotated[
        str | None, Query(max_length=300, description="one stream alone, such as case-A1")
    ] = None,
) -> EventPage:
    if stream is None:
        found = services.store.read(after, limit + 1)
    else:
        found = [e for e in services.store.load(stream) if e.position > after][: limit + 1]
    items = [view(envelope) for envelope in found[:limit]]
    following = items[-1].position if len(found) > limit else None
    link_next(request, response, {"after": str(following)} if following else None)
    return EventPage(items, following)


def view(envelope: Envelope) -> EventView:
    return EventView(
        position=envelope.position,
        stream=envelope.stream_id,
        version=envelope.version,
        name=envelope.event.NAME,
        occurred_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        actor=envelope.actor,
        cause=envelope.metadata.cause,
        policies=list(envelope.metadata.policies),
        payload=msgspec.to_builtins(envelope.event, str_keys=True),
    )
