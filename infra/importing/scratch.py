"""An event store that forgets: what a dry run decides stands on the real log, but only here."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import msgspec

from domain.errors import Conflict
from domain.messages import Append, Appended, Envelope
from domain.ports import Clock, EventStore, Moved


class ScratchStore:
    """``domain.ports.EventStore`` on top of another, which stays as it is. For one thread."""

    def __init__(self, below: EventStore, clock: Clock) -> None:
        self._below = below
        self._clock = clock
        self._ground = below.last_position()
        self._events: list[Envelope] = []
        self._streams: dict[str, list[Envelope]] = {}
        self._commands: dict[str, Appended] = {}

    alone = True

    def one_at_a_time(self, name: str) -> AbstractContextManager[None]:
        return nullcontext()

    def moved(self, after: int) -> Moved:
        return Moved(self.last_position(), {})

    def append(self, appends: Sequence[Append]) -> list[Appended | Conflict]:
        return [self._append(append) for append in appends]

    def load(self, stream_id: str, after_version: int = 0) -> list[Envelope]:
        own = (e for e in self._streams.get(stream_id, ()) if e.version > after_version)
        return [*self._below.load(stream_id, after_version), *own]

    def load_all(self, stream_ids: Sequence[str]) -> Mapping[str, list[Envelope]]:
        below = self._below.load_all(stream_ids)
        return {
            name: [*below.get(name, ()), *self._streams.get(name, ())]
            for name in stream_ids
            if name in below or name in self._streams
        }

    def load_kind(self, kind: str) -> list[Envelope]:
        own = (e for e in self._events if e.stream_id.partition("-")[0] == kind)
        return [*self._below.load_kind(kind), *own]

    def commands(self, command_ids: Sequence[str]) -> Mapping[str, Appended]:
        own = {key: self._commands[key] for key in command_ids if key in self._commands}
        return {**self._below.commands(command_ids), **own}

    def read(self, after: int, limit: int) -> list[Envelope]:
        found = self._below.read(after, min(limit, max(self._ground - after, 0)))
        start = max(after - self._ground, 0)
        return [*found, *self._events[start : start + limit - len(found)]]

    def last_position(self) -> int:
        return self._ground + len(self._events)

    def wait(self, after: int, timeout: float) -> bool:
        return self.last_position() > after

    def _append(self, append: Append) -> Appended | Conflict:
        earlier = self.commands([append.command_id]).get(append.command_id)
        if earlier is not None and earlier.digest != append.digest:
            return Conflict("command.reused", f"{append.command_id} was used for something else")
        if earlier is not None:
            return msgspec.structs.replace(earlier, repeated=True)
        for stream in append.streams:
            if self._version(stream.stream_id) != stream.expected_version:
                return Conflict("stream.moved", f"{stream.stream_id} has moved on")
        first, now = self.last_position() + 1, self._clock.now()
        for stream in append.streams:
            for version, (event, metadata) in enumerate(stream.events, stream.expected_version + 1):
                position = self.last_position() + 1
                envelope = Envelope(position, stream.stream_id, version, now, metadata, event)
                self._events.append(envelope)
                self._streams.setdefault(stream.stream_id, []).append(envelope)
        appended = Appended(append.command_id, first, self.last_position(), append.digest)
        self._commands[append.command_id] = appended
        return appended

    def _version(self, stream_id: str) -> int:
        own = self._streams.get(stream_id)
        if own:
            return own[-1].version
        below = self._below.load(stream_id)
        return below[-1].version if below else 0
