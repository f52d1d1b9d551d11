"""The library's recorder interfaces over our logs."""

import json
from collections import deque
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, ClassVar, Protocol
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
from infra.event_store.group_commit import Answers
from infra.event_store.plan import StreamRows, Write

_LARGEST = (1 << 63) - 1
_PAGE = 500
_POLL_SECONDS = 1.0


class Log(Protocol):
    """What a recorder needs of a log, whatever it is kept in."""

    def write(self, writes: Sequence[Write]) -> Answers: ...

    def rows(self, sql: str, bindings: Any = ()) -> list[Any]: ...

    def last_position(self) -> int: ...

    def wait(self, after: int, timeout: float, interrupted: Callable[[], bool]) -> bool: ...

    def ring(self) -> None: ...


class LogAggregateRecorder(AggregateRecorder):
    """For sequences without a global order (the library keeps snapshots in one). ``SELECT_EVENTS``
    is in the log's own SQL, with the parameters name, lowest, highest, limit and a place for the
    direction."""

    SELECT_EVENTS: ClassVar[str]

    def __init__(self, log: Log, originator_id: Callable[[str], UUID | str] = str) -> None:
        """``originator_id`` makes the id out of its stored text: ``str`` or ``UUID``."""
        self.log = log
        self._originator_id = originator_id

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
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
            self.SELECT_EVENTS.format("DESC" if desc else "ASC"),
            {
                "name": _name(originator_id),
                "lowest": lowest,
                "highest": highest,
                "limit": _LARGEST if limit is None else limit,
            },
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


class LogRecorder(LogAggregateRecorder, ApplicationRecorder):
    """Adds the global order: a notification's id is the event's position. Parameters of
    ``SELECT_NOTIFICATIONS``: lowest, highest, topics (a JSON list, empty: all), limit."""

    SELECT_NOTIFICATIONS: ClassVar[str]

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
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
        rows = self.log.rows(
            self.SELECT_NOTIFICATIONS,
            {
                "lowest": lowest,
                "highest": highest,
                "topics": json.dumps(list(topics)),
                "limit": limit,
            },
        )
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

    def __init__(self, recorder: LogRecorder, gt: int | None, topics: Sequence[str]) -> None:
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


class SQLiteAggregateRecorder(LogAggregateRecorder):
    SELECT_EVENTS = """
    SELECT version, types.name, data
    FROM streams
    CROSS JOIN events ON stream = streams.id
    CROSS JOIN types ON types.id = type
    WHERE streams.name = :name AND version > :lowest AND version <= :highest
    ORDER BY version {} LIMIT :limit
    """


class SQLiteRecorder(SQLiteAggregateRecorder, LogRecorder):
    SELECT_NOTIFICATIONS = """
    SELECT pos, streams.name, version, types.name, data
    FROM events
    CROSS JOIN streams ON streams.id = stream
    CROSS JOIN types ON types.id = type
    WHERE pos >= :lowest AND pos <= :highest AND (
        json_array_length(:topics) = 0 OR types.name IN (SELECT value FROM json_each(:topics))
    )
    ORDER BY pos LIMIT :limit
    """


def _name(originator_id: UUID | str) -> str:
    return originator_id.hex if isinstance(originator_id, UUID) else originator_id
