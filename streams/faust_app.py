"""The Faust application of a worker: events of the topic wake the reactions."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import faust

TAKEN = 1_000
WITHIN_SECONDS = 0.05
LOOK_SECONDS = 0.05


def reactions_app(
    identity: str, brokers: Sequence[str], topic: str, wake: Callable[[], None],
    done: Callable[[int], bool], folder: Path,
) -> faust.App:  # fmt: skip
    """``identity`` names the consumer group. ``wake`` says that there are events to react to;
    ``done`` whether what follows from all events up to a position is stored, by whatever worker.
    Only then are they acknowledged, so that a committed offset never promises too much. ``folder``
    is for what Faust writes down, which nobody needs after it.

    One agent without concurrency: with more, Faust commits past messages that are still at work.
    Batches are taken without its acknowledging them, which it does even when they fail.
    """
    app = faust.App(
        identity,
        broker=[f"kafka://{broker}" for broker in brokers],
        store="memory://",
        datadir=folder,
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        # What was stored before the first worker came is reacted to from the store itself.
        consumer_auto_offset_reset="latest",
        broker_commit_interval=1.0,
    )
    events = app.topic(topic, key_type=bytes, value_type=bytes, value_serializer="raw",
                       key_serializer="raw")  # fmt: skip

    @app.agent(events, name="reactions", concurrency=1)
    async def react(stream: Any) -> None:
        async for batch in stream.noack_take(TAKEN, within=WITHIN_SECONDS):
            newest = max(_position(event.headers) for event in batch)
            wake()
            while not done(newest):
                await asyncio.sleep(LOOK_SECONDS)
            for event in batch:
                event.ack()

    return app


def _position(headers: Mapping[str, bytes | None]) -> int:
    """0 for a message that is none of ours: nothing follows from it."""
    told = headers.get("duban_position") or b""
    return int(told) if told.isdigit() else 0
