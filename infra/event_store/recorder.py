"""The library's recorder interfaces over our log."""

import json
from collections import deque
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    Notification,
    OperationalError,
    StoredEvent,
    Subscription,
)

from domain.errors import Conflict, Refused
from infra.event_store.log import SqliteLog
from infra.event_store.plan import StreamRows, Write

_LARGEST = (1 << 63) - 1
_PAGE = 500
_POLL_SECONDS = 1.0

_SELECT_EVENTS = """
SELECT version, types.name, data
FROM streams
CROSS JOIN events ON stream = streams.id
CROSS JOIN types ON types.id = type
WHERE streams.name = ? AND version > ? AND version <= ?
ORDER BY version {} LIMIT ?
"""
_SELECT_NOTIFICATIONS = """
SELECT pos, streams.name, version, types.name, data
FROM events
CROSS JOIN streams ON streams.id = stream
CROSS JOIN types ON types.id = type
WHERE pos >= ? AND pos <= ?
AND (json_array_length(?) = 0 OR types.name IN (SELECT value FROM json_each(?)))
ORDER BY pos LIMIT ?
"""


class SQLiteAggregateRecorder(AggregateRecorder):
    """For sequences without a global order (the library keeps snapshots in one)."""

    def __init__(self, log: SqliteLog, originator_id: Callable[[str], UUID | str] = str) -> None:
        """``originator_id`` makes the id out of its stored text: ``str`` or ``UUID``."""
        self.log = log
        self._originator_id = originator_id

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int] | None:
        """All or none. Raises ``IntegrityError`` if a version is not newer than its sequence."""
        self._insert(stored_events)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        lowest = -1 if gt is None else gt
        highest = _LARGEST if lte is None else lte
        rows = self.log.rows(
            _SELECT_EVENTS.format("DESC" if desc else "ASC"),
            (_name(originator_id), lowest, highest, -1 if limit is None else limit),
        )
        return [StoredEvent(originator_id, version, topic, state) for version, topic, state in rows]

    def _insert(self, stored_events: Sequence[StoredEvent]) -> Sequence[int]:
        streams = [
            StreamRows(name, None, [(e.originator_version, e.topic, e.state, b"") for e in events])
            for name, events in groupby(stored_events, key=lambda e: _name(e.originator_id))
        ]
        try:
            (answer,) = self.log.write([Write(None, "", streams)])
        except Refused as error:
            raise OperationalError(error.message) from error
        if isinstance(answer, Conflict):
            raise IntegrityError(answer.message)
        return range(answer.first_position, answer.last_position + 1)


class SQLiteRecorder(SQLiteAggregateRecorder, ApplicationRecorder):
    """Adds the global order: a notification's id is the event's position."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int] | None:
        return list(self._insert(stored_events))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        lowest = 0 if start is None else start + (not inclusive_of_start)
        highest = _LARGEST if stop is None else stop
        wanted = json.dumps(list(topics))
        rows = self.log.rows(_SELECT_NOTIFICATIONS, (lowest, highest, wanted, wanted, limit))
        return [
            Notification(self._originator_id(name), version, topic, state, position)
            for position, name, version, topic, state in rows
        ]

    def max_notification_id(self) -> int | None:
        return self.log.last_position() or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        return _Subscription(self, gt, topics)


class _Subscription(Subscription[ApplicationRecorder]):
    """Reads on in the caller's own thread and sleeps until the log's bell is rung."""

    def __init__(self, recorder: SQLiteRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._log = recorder.log
        self._after = gt or 0
        self._unread: deque[Notification] = deque()

    def stop(self) -> None:
        super().stop()
        self._log.ring()

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if self._unread:
                return self._unread.popleft()
            if self._log.wait(self._after, _POLL_SECONDS, lambda: self._has_been_stopped):
                self._pull()
        raise StopIteration

    def _pull(self) -> None:
        """Moves on past events of other topics too, or they would be read again every time."""
        newest = self._log.last_position()
        self._unread.extend(
            self._recorder.select_notifications(
                self._after, _PAGE, newest, self._topics, inclusive_of_start=False
            )
        )
        self._after = self._unread[-1].id if len(self._unread) == _PAGE else newest


def _name(originator_id: UUID | str) -> str:
    return originator_id.hex if isinstance(originator_id, UUID) else originator_id
