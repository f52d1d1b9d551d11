"""Brings the events of a topic into the tables, one line for each of its partitions."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from projections.projection import Projection
from streams.dead_letters import Letter, Source
from streams.intake import Folded, Intake, Parcel
from streams.ports import RawEvent, Tables, TablesUnavailable
from streams.progress import Applied, Message, Progress, ProgressBook
from streams.projector import Gap
from streams.records import UnreadableRecord, from_record

ROWS, FIRST_ROWS, LEAST_ROWS = 10_000, 1_000, 100
# Whatever the machine is busy with, a batch is to be done while the partition is surely ours.
QUICK_SECONDS, SLOW_SECONDS = 1.0, 3.0
SECONDS = 1.0
ASK_SECONDS = 3.0
LOOK_SECONDS, LOOK_RESTING_SECONDS = 1.0, 0.2
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


class GuardedTables:
    """``Tables`` that are written only while ``require`` does not raise ``TablesUnavailable``: a
    process that was stopped and wakes up may have lost its partitions to another one."""

    def __init__(self, tables: Tables, require: Callable[[], None]) -> None:
        self._tables = tables
        self._require = require
        self.current = tables.current
        self.newest = tables.newest
        self.stored = tables.stored
        self.checkpoint = tables.checkpoint

    def insert(self, projection: Projection, rows: Sequence[Any], token: str) -> None:
        self._require()
        self._tables.insert(projection, rows, token)

    def save_checkpoint(self, position: int) -> None:
        self._require()
        self._tables.save_checkpoint(position)


class Line:
    """One partition: what was delivered waits here until it is written, in batches that stay the
    same until they are in the tables. Times are seconds of a clock that only runs forward."""

    def __init__(
        self, source: Source, intake: Intake, book: ProgressBook, require: Callable[[], None],
        rows: int = ROWS, seconds: float = SECONDS,
    ) -> None:  # fmt: skip
        """``require`` raises ``TablesUnavailable`` unless the partition is surely ours."""
        self.source = source
        self.intake = intake
        self.next_offset = 0
        self.problem = ""
        self.retries = 0
        self._book, self._require = book, require
        self._rows, self._seconds = rows, seconds
        self._size = min(rows, FIRST_ROWS)
        self._waiting: deque[Message] = deque()
        self._batch: list[Message] = []
        self._since = 0.0
        self._position = self._first = 0
        self.reached = Progress(-1, 0)  # where the batch that is being written leads
        self.opened = False
        self._pause, self._not_before = SHORTEST_PAUSE, 0.0
        self._asked_at = 0.0
        self._rest: str | None = None  # unknown: nothing may be written yet
        self._looked_at = -LOOK_SECONDS

    @property
    def full(self) -> bool:
        """There is enough here for now."""
        return len(self._waiting) >= 2 * self._rows

    @property
    def waiting(self) -> int:
        return len(self._waiting) + len(self._batch)

    @property
    def oldest(self) -> float | None:
        """When the first message that waits was made, in seconds since 1970."""
        first = self._batch or self._waiting
        return first[0].at if first else None

    def open(self, now: float) -> bool:
        """Finds out where to go on: at ``next_offset``. False: not yet, ``problem`` says why."""
        if now < self._not_before:
            return False
        try:
            noted = self._book.read(self.source)
            self.intake.open(-1 if noted is None else noted.offset)
        except TablesUnavailable as error:
            self.put_off(now, str(error))
            return False
        if noted is not None:
            self.next_offset, self._position = noted.offset + 1, noted.position
        self.opened = True
        self._recover()
        return True

    def take(self, messages: Sequence[Message], now: float) -> None:
        if not self._waiting:
            self._since = now
        self._waiting.extend(messages)

    @property
    def resting(self) -> bool:
        return self._rest != ""

    def rests(self, now: float) -> bool:
        """Whether nothing may be written just now, because somebody changes the tables or looks
        at them. Asked anew every second; whoever wants it knows that this line keeps to it."""
        wait = LOOK_RESTING_SECONDS if self.resting else LOOK_SECONDS
        if now - self._looked_at < wait:
            return self.resting
        self._looked_at = now
        try:
            wanted = self._book.rest(self.source.topic)
            if wanted and wanted != self._rest:
                self._require()
                self._book.resting(self.source, wanted)
            if self._rest and not wanted:
                self._note_again()
        except TablesUnavailable:
            return self.resting  # nothing could be written anyway
        if wanted != self._rest:
            self._rest = wanted
            self.intake.forget()
        return self.resting

    def ready(self, now: float) -> bool:
        """There is something to write, and this is not the pause after a failure."""
        return now >= self._not_before and bool(self._batch or self._waiting)

    def due(self, now: float, quiet: bool) -> bool:
        """Whether to write. ``quiet``: nothing more has come meanwhile."""
        if not self.ready(now):
            return False
        enough = len(self._waiting) >= self._size or now - self._since >= self._seconds
        return bool(self._batch) or quiet or enough

    def fold(self, now: float) -> Folded | None:
        """The next batch, or the same one again; None when it cannot be had now."""
        self._begin_batch(now)
        try:
            self._require()
            return self.intake.fold(*self._read())
        except (TablesUnavailable, Gap) as error:
            self.put_off(now, str(error))
            return None

    def done(self, folded: Folded) -> Applied:
        """The batch, its letters and ``reached`` are durable."""
        self.intake.settle(folded)
        return self._go_on(len(folded.events))

    def alone(self, now: float) -> Applied | None:
        """Writes the next batch, or the same one again, and finds out which of its rows no table
        can hold; None when it could not be written."""
        self._begin_batch(now)
        try:
            self._require()
            taken = self.intake.take(*self._read())
            self._require()
            self._book.note({self.source: self.reached})
        except (TablesUnavailable, Gap) as error:
            # Some of its letters may be kept: what is parked is read again, and so is the topic.
            self.opened = False
            self._batch, self._waiting = [], deque()
            self.put_off(now, str(error))
            return None
        return self._go_on(len(taken))

    def put_off(self, now: float, problem: str) -> None:
        """The same again after a pause, which grows."""
        self.intake.forget()
        self.problem = problem
        self.retries += 1
        self._not_before = now + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _note_again(self) -> None:
        """Where tables were lost and made anew, the note of what they hold was lost too."""
        if self.next_offset and self._book.read(self.source) is None:
            self._require()
            self._book.note({self.source: Progress(self.next_offset - 1, self._position)})

    def pace(self, seconds: float) -> None:
        """So long the last batch took: the next are smaller if that was long, and larger if
        it was short."""
        if seconds > SLOW_SECONDS:
            self._size = max(min(self._rows, LEAST_ROWS), self._size // 2)
        elif seconds < QUICK_SECONDS:
            self._size = min(self._rows, self._size * 2)

    def do_what_is_asked(self, now: float) -> Applied | None:
        """About parked messages, by an operator; not more often than every few seconds, and not
        between the attempts to write a batch."""
        if self._batch or not self.intake.parked or now - self._asked_at < ASK_SECONDS:
            return None
        self._asked_at = now
        try:
            self._require()
            taken = self.intake.again(self.next_offset - 1)
        except (TablesUnavailable, Gap) as error:
            self.problem = str(error)
            return None
        self.problem = ""
        if not taken:
            return None
        first, count = taken[0].position, len(taken)
        return Applied(self.source.partition, self.next_offset - 1, first, self._position, count)

    def close(self) -> None:
        self.intake.close()

    def _begin_batch(self, now: float) -> None:
        if not self._batch:
            size = min(len(self._waiting), self._size)
            self._batch = [self._waiting.popleft() for _ in range(size)]
            self._since = now

    @property
    def span(self) -> str:
        """Names the batch, the same whenever it comes again."""
        first, last = self._batch[0].offset, self._batch[-1].offset
        return f"{self.source.topic}/{self.source.partition}/{first}-{last}"

    def _read(self) -> tuple[list[RawEvent], Callable[[RawEvent], Parcel], str, list[Letter]]:
        """The batch, as the intake wants it."""
        raws: list[RawEvent] = []
        unreadable: list[Letter] = []
        by_position: dict[int, Message] = {}
        for message in self._batch:
            try:
                raw = from_record(message.key, message.value, message.headers)
            except UnreadableRecord as error:
                unreadable.append(self._unreadable(message, str(error)))
            else:
                raws.append(raw)
                by_position[raw[0]] = message
        self._first = raws[0][0] if raws else self._position
        self.reached = Progress(self._batch[-1].offset, raws[-1][0] if raws else self._position)
        return raws, lambda raw: _parcel(by_position[raw[0]]), self.span, unreadable

    def _unreadable(self, message: Message, reason: str) -> Letter:
        return Letter(
            topic=self.source.topic, partition=self.source.partition, offset=message.offset,
            state="parked", reason=reason,
            key=message.key, value=message.value, headers=message.headers,
        )  # fmt: skip

    def _go_on(self, events: int) -> Applied:
        self._batch = []
        self.next_offset, self._position = self.reached.offset + 1, self.reached.position
        self._recover()
        return Applied(
            self.source.partition, self.reached.offset, self._first, self._position, events
        )

    def _recover(self) -> None:
        self.problem, self._pause, self._not_before = "", SHORTEST_PAUSE, 0.0


def _parcel(message: Message) -> Parcel:
    return Parcel(message.offset, message.key, message.value, message.headers)
