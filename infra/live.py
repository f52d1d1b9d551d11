"""Tells everybody who watches that the read tables have moved on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from threading import Lock

from api.services import Change
from domain.access.recording import STREAMS as RECORDS_OF_READING


class LiveFeed:
    """``api.services.Live`` over the follower of this process."""

    def __init__(
        self, position: Callable[[], int], wait_for: Callable[[int, float], bool]
    ) -> None:
        self.position = position
        self.wait_for = wait_for
        self._listeners: set[_Listener] = set()
        self._changed: int | None = None
        self._lock = Lock()

    @property
    def listeners(self) -> int:
        """Who watches at the moment."""
        return len(self._listeners)

    def announce(self, first: int, last: int, streams: frozenset[str]) -> None:
        """Called on the follower's thread once the tables hold ``first`` to ``last``. That somebody
        has read something is told to nobody: a page that looked again at it would be told again."""
        streams = frozenset(s for s in streams if not s.startswith(RECORDS_OF_READING))
        if not streams:
            self._changed = first - 1 if self._changed is None else self._changed
            return
        self._changed = last
        change = Change(first, last, streams)
        with self._lock:
            for listener in self._listeners:
                listener.tell(change)

    def changed(self) -> int:
        return self.position() if self._changed is None else self._changed

    async def changes(self) -> AsyncIterator[Change]:
        listener = _Listener(asyncio.get_running_loop())
        with self._lock:
            self._listeners.add(listener)
        try:
            while True:
                yield await listener.next()
        finally:
            with self._lock:
                self._listeners.discard(listener)


class _Listener:
    """What one listener has not heard yet, joined into one change however slow it is."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._unheard: Change | None = None
        self._bell = asyncio.Event()

    def tell(self, change: Change) -> None:
        # A loop that has stopped has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._hear, change)

    async def next(self) -> Change:
        while self._unheard is None:
            self._bell.clear()
            await self._bell.wait()
        change, self._unheard = self._unheard, None
        return change

    def _hear(self, change: Change) -> None:
        before = self._unheard
        self._unheard = (
            change
            if before is None
            else Change(
                before.first_position, change.last_position, before.streams | change.streams
            )
        )
        self._bell.set()
