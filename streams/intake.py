"""Takes batches of stored events in and parks what cannot be, so that nothing stops the line."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from typing import NamedTuple

from domain.messages import Envelope
from projections.projection import Step
from streams.dead_letters import OPEN, Letter, LetterBox, Source, State
from streams.ports import RawEvent
from streams.projector import Aside, Projector
from streams.records import UnreadableRecord, from_record
from streams.wire import Decoding, Unreadable
from streams.writing import Batch

ASKED = 1_000


class Parcel(NamedTuple):
    """A record as its source delivered it."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class Folded(NamedTuple):
    """What a batch of messages comes to: ``batch`` for the tables (None: nothing), its events, and
    letters about what could not be taken in."""

    batch: Batch | None
    events: list[Envelope]
    letters: list[Letter]


class Intake:
    """Of one source. A stream with a parked event is held back: its later events are parked too,
    while all other streams go on. What is parked is durable before ``take`` returns."""

    def __init__(
        self, projector: Projector, decoding: Decoding, box: LetterBox, source: Source
    ) -> None:
        self._projector = projector
        self._decoding = decoding
        self._box = box
        self._source = source
        self._open: Counter[str] = Counter()  # stream → its open letters; "" → of no stream

    @property
    def parked(self) -> int:
        """How many letters are open."""
        return self._open.total()

    @property
    def problem(self) -> str:
        """For people; empty if there is none."""
        if not self.parked:
            return ""
        streams = len(self._open)
        return (
            f"{self.parked} events of {streams} streams could not be taken in and are parked: see "
            "`duban dead-letters list`"
        )

    def open(self, until: int) -> None:
        """Reads what is parked. What lies beyond offset ``until`` comes again, and is judged as if
        for the first time."""
        self._open.clear()
        for letter in self._box.standing(self._source):
            if letter.state == "discarded":
                self._projector.left_out.add((letter.stream_id, letter.version))
            elif letter.offset <= until:
                self._open[letter.stream_id] += 1

    def take(
        self, raws: Sequence[RawEvent], parcel: Callable[[RawEvent], Parcel], span: str = "",
        unreadable: Sequence[Letter] = (),
    ) -> list[Envelope]:  # fmt: skip
        """What went into the tables. ``parcel`` finds the record of an event, ``unreadable`` are
        letters about records that are none. Raises what ``Projector.apply`` raises except for
        single events; the same can be taken again after that."""
        steps, letters = self._sorted(raws, parcel, unreadable)
        taken, aside = self._apply(steps, span)
        letters += [self._letter(parcel(_raw(step)), _raw(step), why) for step, why in aside]
        folded = Folded(None, taken, letters)
        self.keep(folded)
        self.settle(folded)
        return taken

    def fold(
        self, raws: Sequence[RawEvent], parcel: Callable[[RawEvent], Parcel], span: str = "",
        unreadable: Sequence[Letter] = (),
    ) -> Folded:  # fmt: skip
        """As ``take``, for somebody who writes the batches of several sources together: each of
        them is to ``keep`` its letters, and to ``settle`` when all is done, or else ``forget``."""
        steps, letters = self._sorted(raws, parcel, unreadable)
        aside: list[Aside] = []
        batch = self._projector.fold(steps, aside) if steps else None
        letters += [self._letter(parcel(_raw(step)), _raw(step), why) for step, why in aside]
        return Folded(batch, _taken(steps, aside), letters)

    def keep(self, folded: Folded) -> None:
        """Its letters are durable on return."""
        if folded.letters:
            folded.letters.sort(key=lambda letter: letter.offset)
            self._box.put(folded.letters)

    def settle(self, folded: Folded) -> None:
        """The batch is in the tables, and will not come again."""
        if folded.batch is not None:
            self._projector.wrote(folded.batch)
        self._open.update(letter.stream_id for letter in folded.letters)

    def again(self, until: int) -> list[Envelope]:
        """Does what operators have asked for about letters up to offset ``until``: tries streams
        again, leaves events out. What went into the tables."""
        wanted = [w for w in self._box.wanted(self._source, ASKED) if w.offset <= until]
        taken: list[Envelope] = []
        streams: dict[str, None] = {}
        for letter in wanted:
            if letter.wanted == "discard":
                self._discard(letter)
            elif not letter.stream_id:
                taken += self._retry([letter], letter.place)
            if letter.stream_id:
                streams[letter.stream_id] = None
        for stream in streams:
            letters = self._box.of_stream(self._source, stream)
            if letters := [letter for letter in letters if letter.offset <= until]:
                taken += self._retry(letters, stream)
        return taken

    def forget(self) -> None:
        """The tables may be others from now on: what they hold is asked again."""
        self._projector.forget()

    def close(self) -> None:
        self._projector.close()

    def _discard(self, letter: Letter) -> None:
        self._box.put([letter.become("discarded")])
        self._projector.left_out.add((letter.stream_id, letter.version))
        self._close(letter)

    def _retry(self, letters: Sequence[Letter], name: str) -> list[Envelope]:
        """In order; the first that still cannot be taken in is parked with its new reason, and
        those after it stay held."""
        raws: dict[int, RawEvent] = {}
        reasons: dict[int, str] = {}
        for letter in letters:
            try:
                raws[letter.offset] = from_record(letter.key, letter.value, letter.headers)
            except UnreadableRecord as error:
                reasons[letter.offset] = str(error)
                break
        offsets = {raw[0]: offset for offset, raw in raws.items()}
        steps, damaged = self._decoded(list(raws.values()))
        reasons |= {offsets[position]: reason for position, reason in damaged.items()}
        end = min(reasons, default=None)
        steps = [s for s in steps if end is None or offsets[s.envelope.position] < end]
        span = f"{letters[0].place}-{letters[-1].offset}/again/{name}/{letters[0].revision}"
        taken, aside = self._apply(steps, span)
        reasons |= {offsets[step.envelope.position]: why for step, why in aside if why}
        done = {offsets[envelope.position] for envelope in taken}
        after = [
            letter.become(_state(letter.offset, done, reasons), reasons.get(letter.offset, ""))
            for letter in letters
        ]
        self._box.put(after)
        for letter in after:
            self._close(letter)
        return taken

    def _sorted(
        self, raws: Sequence[RawEvent], parcel: Callable[[RawEvent], Parcel],
        unreadable: Sequence[Letter],
    ) -> tuple[list[Step], list[Letter]]:  # fmt: skip
        steps, damaged = self._decoded(raws)
        letters = list(unreadable)
        if damaged or any(self._open):  # any stream; letters of none hold nothing back
            steps, sorted_out = self._sort_out(raws, steps, damaged, parcel)
            letters += sorted_out
        return steps, letters

    def _close(self, letter: Letter) -> None:
        """One that is not open any more."""
        if letter.state in OPEN and letter.wanted != "discard":
            return
        self._open[letter.stream_id] -= 1
        if self._open[letter.stream_id] <= 0:
            del self._open[letter.stream_id]

    def _decoded(self, raws: Sequence[RawEvent]) -> tuple[list[Step], dict[int, str]]:
        """And the positions of those that cannot be decoded, with why."""
        steps: list[Step] = []
        damaged: dict[int, str] = {}
        while True:
            rest = raws[len(steps) + len(damaged) :]
            try:
                return steps + self._decoding.steps(rest), damaged
            except Unreadable as error:
                steps += error.steps
                damaged[error.position] = str(error)

    def _sort_out(
        self, raws: Sequence[RawEvent], steps: Sequence[Step], damaged: Mapping[int, str],
        parcel: Callable[[RawEvent], Parcel],
    ) -> tuple[list[Step], list[Letter]]:  # fmt: skip
        """The steps of the streams that go on, and letters for the others."""
        good, letters, following = [], [], iter(steps)
        held = set(self._open) - {""}
        for raw in raws:
            reason = damaged.get(raw[0])
            step = None if reason is not None else next(following)
            if raw[1] not in held and step is not None:
                good.append(step)
                continue
            letters.append(self._letter(parcel(raw), raw, "" if raw[1] in held else reason or ""))
            held.add(raw[1])
        return good, letters

    def _apply(self, steps: Sequence[Step], span: str) -> tuple[list[Envelope], list[Aside]]:
        """A row that no table can hold is looked for by halves."""
        aside: list[Aside] = []
        try:
            self._projector.apply(steps, span, aside)
        except ValueError as error:
            if len(steps) == 1:
                return [], [Aside(steps[0], str(error))]
            half = len(steps) // 2
            taken, aside = self._apply(steps[:half], span and f"{span}/1")
            held = {each.step.envelope.stream_id for each in aside}
            rest = [step for step in steps[half:] if step.envelope.stream_id not in held]
            later, stopped = self._apply(rest, span and f"{span}/2")
            left = [Aside(s, "") for s in steps[half:] if s.envelope.stream_id in held]
            return taken + later, aside + left + stopped
        return _taken(steps, aside), aside

    def _letter(self, parcel: Parcel, raw: RawEvent, reason: str) -> Letter:
        return Letter(
            topic=self._source.topic, partition=self._source.partition, offset=parcel.offset,
            position=raw[0], stream_id=raw[1], version=raw[2],
            state="parked" if reason else "held", reason=reason,
            key=parcel.key, value=parcel.value, headers=parcel.headers,
        )  # fmt: skip


def _taken(steps: Sequence[Step], aside: Sequence[Aside]) -> list[Envelope]:
    stopped_at = {id(each.step) for each in aside}
    return [step.envelope for step in steps if id(step) not in stopped_at]


def _state(offset: int, done: Set[int], reasons: Mapping[int, str]) -> State:
    return "replayed" if offset in done else "parked" if offset in reasons else "held"


def _raw(step: Step) -> RawEvent:
    envelope = step.envelope
    return (
        envelope.position, envelope.stream_id, envelope.version, step.topic, step.data, step.meta,
        step.recorded_us,
    )  # fmt: skip
