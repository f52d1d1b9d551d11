"""What has just changed, pushed to whoever listens (server-sent events)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.dependencies import Given
from api.problems import documented
from api.services import Change, Live, Services
from domain.access.recording import STREAMS as RECORDS_OF_READING
from domain.ports import EventLog

MOST_STREAMS = 200  # named in one message; beyond that a listener reads everything again
LONGEST_ABSENCE = 1_000


class Message(msgspec.Struct, frozen=True):
    """Up to which position the read tables are filled, and what that touched: ``kinds`` are the
    parts of stream ids before the dash. ``all``: too much was touched to name it."""

    position: int
    kinds: Sequence[str] = ()
    streams: Sequence[str] = ()
    all: bool = False


def router() -> APIRouter:
    routes = APIRouter(tags=["live"])
    routes.add_api_route(
        "/live",
        live,
        methods=["GET"],
        response_class=EventSourceResponse,
        summary="Follow what changes",
        responses=documented((400, 422)),
    )
    return routes


async def live(
    services: Given,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", description="the position last seen")
    ] = None,
) -> AsyncIterator[ServerSentEvent]:
    """One ``change`` message at once with the position now (after a reconnection with what was
    missed), then one for every change; a comment every 15 seconds keeps the line open."""
    seen = int(last_event_id) if last_event_id and last_event_id.isdecimal() else None
    async with aclosing(messages(services, seen)) as stream:
        async for message in stream:
            yield ServerSentEvent(
                event="change",
                id=str(message.position),
                raw_data=msgspec.json.encode(message).decode(),
            )


async def messages(services: Services, seen: int | None) -> AsyncGenerator[Message, None]:
    """Ends when the source of changes ends, which it does when the server stops."""
    changes = aiter(services.live.changes())
    upcoming = asyncio.ensure_future(anext(changes))
    try:
        await asyncio.sleep(0)  # listening begins before the position is read, so nothing is lost
        yield await run_in_threadpool(first, services.live, services.store, seen)
        while True:
            yield message_of(await upcoming)
            upcoming = asyncio.ensure_future(anext(changes))
    except StopAsyncIteration:
        return
    finally:
        upcoming.cancel()


def first(live: Live, log: EventLog, seen: int | None) -> Message:
    position = live.changed()
    if seen is None or seen >= position:
        return Message(position)
    if position - seen > LONGEST_ABSENCE:
        return Message(position, all=True)
    missed = log.read(seen, position - seen)
    streams = {envelope.stream_id for envelope in missed}
    return naming(position, {s for s in streams if not s.startswith(RECORDS_OF_READING)})


def message_of(change: Change) -> Message:
    return naming(change.last_position, change.streams)


def naming(position: int, streams: Iterable[str]) -> Message:
    names = sorted(streams)
    kinds = sorted({name.partition("-")[0] for name in names})
    if len(names) > MOST_STREAMS:
        return Message(position, kinds, all=True)
    return Message(position, kinds, names)
