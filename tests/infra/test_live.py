"""Listeners hear every change, joined when they are slow."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from api.services import Change
from infra.live import LiveFeed, _Listener

T = TypeVar("T")


def in_a_loop_of_its_own(coroutine: Coroutine[Any, Any, T]) -> T:
    """In another thread: the browser of other tests keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def feed() -> LiveFeed:
    return LiveFeed(position=lambda: 0, wait_for=lambda position, timeout: True)


def test_a_slow_listener_hears_changes_joined() -> None:
    async def listen() -> list[Change]:
        live = feed()
        changes = live.changes()
        first = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        teller = threading.Thread(target=lambda: live.announce(1, 2, frozenset({"case-A"})))
        teller.start()
        heard = [await first]
        teller.join()
        live.announce(3, 3, frozenset({"case-B"}))
        live.announce(4, 6, frozenset({"case-C"}))
        await asyncio.sleep(0)
        heard.append(await anext(changes))
        await changes.aclose()  # type: ignore[attr-defined]
        return heard

    assert in_a_loop_of_its_own(listen()) == [
        Change(1, 2, frozenset({"case-A"})),
        Change(3, 6, frozenset({"case-B", "case-C"})),
    ]


def test_a_listener_that_left_is_told_nothing() -> None:
    async def leave() -> None:
        live = feed()
        changes = live.changes()
        waiting = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        live.announce(1, 1, frozenset())

    in_a_loop_of_its_own(leave())


def test_a_loop_that_stopped_does_not_hold_up_the_rest() -> None:
    live = feed()
    loop = asyncio.new_event_loop()
    live._listeners.add(_Listener(loop))
    loop.close()
    live.announce(1, 1, frozenset())
