"""A log and read tables that live in memory, and fail on demand."""

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta
from threading import Condition, Lock
from typing import Any

import msgspec

from domain.messages import Envelope, Event, Metadata
from domain.registry import Registry
from projections.projection import Facts, Projection, Snapshot
from streams.ports import RawEvent, TablesUnavailable
from streams.wire import Decoding

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REGISTRY = Registry()


class MemoryLog:
    """``streams.ports.RawLog``, filled event by event."""

    def __init__(self) -> None:
        self.events: list[RawEvent] = []
        self._versions: dict[str, int] = {}
        self._bell = Condition()

    def append(
        self, stream_id: str, event: Event, at: datetime, policies: tuple[str, ...] = (),
        actor: str = "officer", cause: str = "", recorded_at: datetime | None = None,
    ) -> int:  # fmt: skip
        metadata = Metadata(actor=actor, occurred_at=at, policies=policies, cause=cause)
        recorded = ((recorded_at or at) - EPOCH) // timedelta(microseconds=1)
        with self._bell:
            version = self._versions[stream_id] = self._versions.get(stream_id, 0) + 1
            position = len(self.events) + 1
            data, meta = REGISTRY.encode(event), msgspec.json.encode(metadata)
            topic = REGISTRY.topic(event)
            self.events.append((position, stream_id, version, topic, data, meta, recorded))
            self._bell.notify_all()
        return position

    def read_raw(self, after: int, limit: int) -> Sequence[RawEvent]:
        return self.events[after : after + limit]

    def last_position(self) -> int:
        return len(self.events)

    def wait(self, after: int, timeout: float) -> bool:
        with self._bell:
            return self._bell.wait_for(lambda: len(self.events) > after, timeout)

    def load_kind(self, kind: str) -> list[Envelope]:
        stored = [event for event in self.events if event[1].startswith(f"{kind}-")]
        return [step.envelope for step in Decoding(REGISTRY).steps(stored)]


class MemoryTables:
    """``streams.ports.Tables``. ``trouble`` is called before and after every insert, and before the
    newest fact is looked up, with the name of the table; what it raises stands for a crash."""

    def __init__(self) -> None:
        self.trouble: Callable[[str, str], None] = lambda table, when: None
        self.position = 0
        self.inserts: list[str] = []
        self._rows: dict[str, dict[Any, Any]] = {}
        self._tokens: set[tuple[str, str]] = set()
        self._turn = Lock()

    def rows(self, projection: Projection) -> list[Any]:
        """What a reader sees, in an order that does not depend on how it got there."""
        return sorted(self._rows.get(projection.table, {}).values(), key=msgspec.structs.astuple)

    def current(self, snapshot: Snapshot[Any], keys: Sequence[str]) -> Mapping[str, Any]:
        rows = self._rows.get(snapshot.table, {})
        return {key: rows[key] for key in keys if key in rows}

    def insert(self, projection: Projection, rows: Sequence[Any], token: str) -> None:
        with self._turn:
            self.trouble(projection.table, "before")
            if (projection.table, token) not in self._tokens:
                self._insert(projection, rows)
                self._tokens.add((projection.table, token))
            self.inserts.append(projection.table)
            self.trouble(projection.table, "after")

    def newest(self, facts: Facts[Any]) -> int:
        self.trouble(facts.table, "newest")
        return max((row.position for row in self._rows.get(facts.table, {}).values()), default=0)

    def stored(self, facts: Facts[Any], positions: Sequence[int]) -> Set[int]:
        self.trouble(facts.table, "stored")
        asked = set(positions)
        return {
            p for row in self._rows.get(facts.table, {}).values() if (p := row.position) in asked
        }

    def checkpoint(self) -> int:
        return self.position

    def save_checkpoint(self, position: int) -> None:
        self.trouble("checkpoint", "before")
        self.position = position

    def become(self, others: "MemoryTables") -> None:
        """As after a switch: other rows, and no token is remembered."""
        self._rows = {table: dict(rows) for table, rows in others._rows.items()}
        self._tokens.clear()

    def _insert(self, projection: Projection, rows: Sequence[Any]) -> None:
        table = self._rows.setdefault(projection.table, {})
        if isinstance(projection, Facts):
            table.update({len(table) + number: row for number, row in enumerate(rows)})
            return
        for row in rows:
            key = getattr(row, projection.key)
            if key not in table or table[key].position <= row.position:
                table[key] = row


def unavailable(table: str, when: str) -> Callable[[str, str], None]:
    """Trouble that comes once, at this point."""
    points = [(table, when)]

    def trouble(*point: str) -> None:
        if point in points:
            points.remove((point[0], point[1]))
            raise TablesUnavailable(f"{when} {table}")

    return trouble
