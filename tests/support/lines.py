"""Lines of a sink over tables in memory, one process after another."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from projections.catalogue import PROJECTIONS
from projections.rules import Rules
from streams.dead_letters import Source
from streams.intake import Intake
from streams.ports import RawEvent, TablesUnavailable
from streams.progress import Applied, Message, Progress
from streams.projector import Projector
from streams.records import to_record
from streams.rounds import Round
from streams.sink import GuardedTables, Line
from streams.wire import Decoding
from streams.writing import Writing
from tests.support.letters import MemoryLetters
from tests.support.memory_log import REGISTRY, MemoryLog, MemoryTables

TOPIC = "duban.events.v1"


class MemoryBook:
    """``streams.sink.ProgressBook``; ``trouble`` is called before it is written."""

    def __init__(self) -> None:
        self.noted: dict[Source, Progress] = {}
        self.lost = False
        self.wanted = ""
        self.rests: list[tuple[int, str]] = []

    def read(self, source: Source) -> Progress | None:
        return self.noted.get(source)

    def note(self, progress: Mapping[Source, Progress]) -> None:
        if self.lost:
            raise TablesUnavailable("the connection broke")
        self.noted.update(progress)

    def rest(self, topic: str) -> str:
        if self.lost:
            raise TablesUnavailable("the connection broke")
        return self.wanted

    def resting(self, source: Source, rest: str) -> None:
        self.rests.append((source.partition, rest))


class City:
    """Tables, and a process after another that takes one partition in."""

    def __init__(self, log: MemoryLog, opened: ExitStack, rows: int = 40) -> None:
        self.log = log
        self.tables, self.box, self.book = MemoryTables(), MemoryLetters(), MemoryBook()
        self.ours = True
        self.writing = Writing(GuardedTables(self.tables, self.require), threads=0)
        self._rows, self._opened = rows, opened

    def line(self, partition: int = 0) -> Line:
        """As a fresh process has it."""
        source = Source(TOPIC, partition)
        tables = GuardedTables(self.tables, self.require)
        rules = Rules((), lambda: self.log.load_kind("policy"))
        projector = Projector(PROJECTIONS, tables, rules, threads=0)
        intake = Intake(projector, Decoding(REGISTRY), self.box, source)
        line = Line(source, intake, self.book, self.require, rows=self._rows)
        self._opened.callback(line.close)
        assert line.open(0.0), line.problem
        return line

    def require(self) -> None:
        if not self.ours:
            raise TablesUnavailable("this process may have lost its partitions")

    def cannot_hold(self, table: str, position: int) -> None:
        """From now on no row of that position fits the table."""
        insert = self.tables.insert

        def picky(projection: Any, rows: Any, token: str) -> None:
            if projection.table == table and any(row.position == position for row in rows):
                raise ValueError("a row does not fit its table")
            insert(projection, rows, token)

        self.tables.insert = picky  # type: ignore[method-assign]

    def take_in(self, messages: Sequence[Message], partition: int = 0) -> Line:
        """What the topic holds, from where the tables have come to."""
        line = self.line(partition)
        line.take(messages[line.next_offset :], 0.0)
        while line.due(1.0, quiet=True):
            assert self.write(line, 1.0) is not None, line.problem
        return line

    def write(self, line: Line, now: float) -> Applied | None:
        """Its next batch, or the same one again."""
        done = Round([line], self.writing, self.book, self.require).attempt(now)
        return done[0] if done else None

    def shown(self) -> dict[str, list[Any]]:
        return {projection.table: self.tables.rows(projection) for projection in PROJECTIONS}


def messages(events: Sequence[RawEvent], first: int = 0) -> list[Message]:
    return [message(event, offset) for offset, event in enumerate(events, first)]


def message(event: RawEvent, offset: int) -> Message:
    record = to_record(event, "city")
    return Message(offset, record.key, record.value, tuple(record.headers), event[6] / 1e6)
