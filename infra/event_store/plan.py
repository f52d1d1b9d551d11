"""What one transaction will insert: decided in memory, before anything is written."""

from collections.abc import Sequence

import msgspec

from domain.errors import Conflict
from domain.messages import Appended

ABSENT = -1


class StreamRows(msgspec.Struct, frozen=True, gc=False):
    """Encoded events of one stream: (version, type name, data, meta). ``expected`` is the version
    the stream must stand at; None asks only that the versions are new and rising."""

    name: str
    expected: int | None
    rows: Sequence[tuple[int, str, bytes, bytes]]


class Write(msgspec.Struct, frozen=True, gc=False):
    """One atomic append, encoded. Without a command id it cannot be recognised when repeated."""

    command_id: str | None
    digest: str
    streams: Sequence[StreamRows]


class Head(msgspec.Struct, frozen=True, gc=False):
    """Where a stream stands: its row in ``streams`` and its newest version."""

    id: int
    version: int


class Plan:
    """Admits or refuses appends one after the other; a refused one leaves no trace, so the others
    of the same transaction need no savepoint."""

    def __init__(
        self,
        position: int,
        stream_count: int,
        heads: dict[str, Head | None],
        types: dict[str, int],
        known: dict[str, Appended],
    ) -> None:
        self.position = position
        self.stream_count = stream_count
        self.heads = heads
        self.new_types: dict[str, int] = {}
        self.streams: list[tuple[int, str, str]] = []
        self.events: list[tuple[int, int, int, int, bytes, bytes]] = []
        self.commands: list[tuple[str, str, int, int]] = []
        self._types = types
        self._known = known

    def admit(self, write: Write) -> Appended | Conflict:
        command_id = write.command_id
        if command_id is not None and (earlier := self._known.get(command_id)) is not None:
            return repetition(earlier, write.digest)
        versions: dict[str, int] = {}
        for stream in write.streams:
            if (conflict := self._check(stream, versions)) is not None:
                return conflict
        first = self.position + 1
        for stream in write.streams:
            self._insert(stream)
        appended = Appended(command_id or "", first, self.position, write.digest)
        if command_id is not None:
            self.commands.append((command_id, write.digest, first, self.position))
            self._known[command_id] = appended
        return appended

    def _check(self, stream: StreamRows, versions: dict[str, int]) -> Conflict | None:
        """Notes in ``versions`` where the stream stands after its rows."""
        name, expected = stream.name, stream.expected
        version = versions.get(name)
        if version is None:
            head = self.heads.get(name)
            version = ABSENT if head is None else head.version
        if expected is not None and expected != max(version, 0):
            return moved(name, version, expected)
        for row in stream.rows:
            if row[0] <= version:
                return taken(name, row[0])
            version = row[0]
        versions[name] = version
        return None

    def _insert(self, stream: StreamRows) -> None:
        if not stream.rows:
            return
        name = stream.name
        head = self.heads.get(name)
        if head is None:
            self.stream_count += 1
            stream_id = self.stream_count
            kind, dash, _ = name.partition("-")
            self.streams.append((stream_id, name, kind if dash else ""))
        else:
            stream_id = head.id
        position = self.position
        for version, type_name, data, meta in stream.rows:
            position += 1
            self.events.append((position, stream_id, version, self._type(type_name), data, meta))
        self.position = position
        self.heads[name] = Head(stream_id, stream.rows[-1][0])

    def _type(self, name: str) -> int:
        type_id = self._types.get(name) or self.new_types.get(name)
        if type_id is None:
            type_id = self.new_types[name] = len(self._types) + len(self.new_types) + 1
        return type_id


def moved(name: str, version: int, expected: int) -> Conflict:
    return Conflict(
        "stream.moved",
        f"{name} stands at version {max(version, 0)}, not at {expected}: "
        "read it again and decide anew",
    )


def taken(name: str, version: int) -> Conflict:
    return Conflict("stream.moved", f"{name} already has a version {version} or newer")


def repetition(earlier: Appended, digest: str) -> Appended | Conflict:
    """What an append that was stored before is told when it comes again."""
    if earlier.digest != digest:
        return reused(earlier.command_id)
    return Appended(
        earlier.command_id, earlier.first_position, earlier.last_position, digest, repeated=True
    )


def reused(command_id: str) -> Conflict:
    return Conflict(
        "command.reused",
        f"the command id {command_id} was already used for another request: "
        "send this one under a new id",
    )
