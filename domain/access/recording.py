"""Writes down who reads what before they may read it: one append for all who come at once."""

import hashlib
import threading
from collections.abc import Sequence
from datetime import datetime

import msgspec

from domain.access.events import AccessRecorded
from domain.errors import Conflict, Refused
from domain.messages import Append, Appended, Event, Metadata, StreamEvents
from domain.ports import Clock, EventStore, NewId

KIND = "access"
ANONYMOUS = "anonymous"
STREAMS = f"{KIND}-"
MOST_STREAMS = 10_000


class Access(msgspec.Struct, frozen=True):
    """Somebody wants to read something; ``traceparent`` names the request ("": not traced), ``at``
    is when, if it was before now."""

    reader: str
    event: AccessRecorded
    traceparent: str = ""
    at: datetime | None = None


class _Ticket:
    __slots__ = ("access", "done", "error")

    def __init__(self, access: Access) -> None:
        self.access = access
        self.done = False
        self.error: Refused | None = _unrecorded()


class AccessLog:
    """Each reader has a stream for every day and every process that answers them, so that nobody
    waits for anybody else's. Cannot be switched off: whoever gives answers calls ``record`` and
    answers nothing when it raises."""

    def __init__(self, store: EventStore, clock: Clock, new_id: NewId) -> None:
        self._store, self._clock, self._new_id = store, clock, new_id
        self._line: list[_Ticket] = []
        self._turn = threading.Lock()
        self._begin()

    def record(self, access: Access) -> None:
        """Durable on return. Raises ``Refused`` (``store.*``); nothing may be shown then."""
        ticket = _Ticket(access)
        self._line.append(ticket)
        with self._turn:  # whoever has the turn stores for all who have come meanwhile
            if not ticket.done:
                self._store_all()
        if ticket.error is not None:
            raise type(ticket.error)(ticket.error.code, ticket.error.message)

    def _begin(self) -> None:
        self._process = hashlib.sha256(self._new_id().encode()).hexdigest()[:8]
        self._versions: dict[str, int] = {}

    def _store_all(self) -> None:
        count = len(self._line)
        tickets, self._line[:count] = self._line[:count], []
        try:
            if isinstance(self._append(tickets), Conflict):
                self._begin()  # a store that was restored knows less than we do
                if isinstance(self._append(tickets), Conflict):
                    raise _unrecorded()
            for ticket in tickets:
                ticket.error = None
        except Refused as refusal:
            self._begin()  # nobody knows whether the disk has it: go on in new streams
            for ticket in tickets:
                ticket.error = refusal
        finally:
            for ticket in tickets:
                ticket.done = True

    def _append(self, tickets: Sequence[_Ticket]) -> Appended | Conflict:
        now = self._clock.now()
        events: dict[str, list[tuple[Event, Metadata]]] = {}
        for ticket in tickets:
            access = ticket.access
            metadata = Metadata(
                actor=access.reader, occurred_at=access.at or now, traceparent=access.traceparent
            )
            name = self._stream(access.reader, now)
            events.setdefault(name, []).append((access.event, metadata))
        streams = [StreamEvents(n, self._versions.get(n, 0), es) for n, es in events.items()]
        (answer,) = self._store.append([Append(f"access:{self._new_id()}", "", streams)])
        if len(self._versions) > MOST_STREAMS:
            self._begin()
        self._versions |= {s.stream_id: s.expected_version + len(s.events) for s in streams}
        return answer

    def _stream(self, reader: str, now: datetime) -> str:
        who = hashlib.sha256(reader.encode()).hexdigest()[:12]
        return f"{STREAMS}{now:%Y%m%d}-{who}-{self._process}"


def _unrecorded() -> Refused:
    return Refused(
        "access.unrecorded",
        "that you read this could not be recorded, so it is not shown: try again",
    )
