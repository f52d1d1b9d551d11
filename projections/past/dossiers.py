"""All that a unit or a person did, received, was asked and was late with, in order of time.

lines(reader, Subject("unit", ("u1",)), then, Wanted(part="late"))    across all things
counted(reader, subject, then)                                       how many of each kind and part
told(store, lines, then)                                             with what each changed
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from domain.messages import Envelope
from domain.moments import FIRST_MOMENT, LAST_MOMENT, Then
from domain.ports import EventStore
from projections.histories import LATE, FieldChange, changes
from projections.past.kinds import KINDS
from projections.reading import Reader
from projections.sums import NO_POSITION

BEGINNING = (FIRST_MOMENT, 0)

SubjectKind = Literal["unit", "person", "company"]
Part = Literal["", "did", "asked", "received", "late"]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose dossier: several ids are a unit with those under it."""

    kind: SubjectKind
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty means any. From ``start`` (included) to ``end`` (excluded), by when it happened."""

    kinds: tuple[str, ...] = ()
    part: Part = ""
    start: datetime = FIRST_MOMENT
    end: datetime = LAST_MOMENT


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class DossierLine:
    """An event and the subject's part in it: ``did``, ``asked`` or ``received``, in a role.
    ``late``: it missed a deadline by it."""

    position: int
    part: str
    role: str
    late: bool
    stream_kind: str
    stream_id: str
    version: int
    name: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime

    @property
    def key(self) -> str:
        return self.stream_id.partition("-")[2]


@dataclass(frozen=True, slots=True)
class DossierCount:
    stream_kind: str
    part: str
    events: int
    late: int


@dataclass(frozen=True, slots=True)
class DossierStep:
    """``recorded_late``: stored more than a day after it happened."""

    line: DossierLine
    envelope: Envelope
    changes: tuple[FieldChange, ...]
    recorded_late: bool


def lines(
    reader: Reader,
    subject: Subject,
    then: Then,
    wanted: Wanted = EVERYTHING,
    after: tuple[datetime, int] = BEGINNING,
    limit: int = 100,
) -> list[DossierLine]:
    """What had been recorded and had happened; ``after`` is where a page goes on."""
    asked = _asked(subject, then, wanted)
    asked |= {"after": after[0], "after_position": after[1], "limit": limit}
    rows = reader.rows("involvements.page" + _of(subject), asked)
    return [DossierLine(**row) for row in rows]


def counted(
    reader: Reader, subject: Subject, then: Then, wanted: Wanted = EVERYTHING
) -> list[DossierCount]:
    rows = reader.rows("involvements.counted" + _of(subject), _asked(subject, then, wanted))
    return [DossierCount(**row) for row in rows]


def told(store: EventStore, page: Sequence[DossierLine]) -> list[DossierStep]:
    """With the events themselves and what each changed, folded from the log."""
    streams = store.load_all(sorted({line.stream_id for line in page}))
    changed: dict[int, tuple[FieldChange, ...]] = {}
    stored: dict[int, Envelope] = {}
    asked = {line.position for line in page}
    for stream, events in streams.items():
        kind = KINDS.get(stream.partition("-")[0])
        row: Any = None
        for envelope in events:
            before = row
            row = kind.snapshot.fold(row, envelope) if kind else None
            if envelope.position in asked:
                stored[envelope.position] = envelope
                changed[envelope.position] = changes(before, row)
    return [
        DossierStep(
            line, stored[line.position], changed[line.position],
            line.recorded_at - line.occurred_at > LATE,
        )
        for line in page
    ]  # fmt: skip


def _of(subject: Subject) -> str:
    """Only persons act: the events themselves are not looked through for anybody else."""
    return "_of_person" if subject.kind == "person" else ""


def _asked(subject: Subject, then: Then, wanted: Wanted) -> dict[str, Any]:
    chosen: Mapping[str, Any] = asdict(wanted)
    return {
        "subject_kind": subject.kind,
        "subjects": list(subject.ids),
        "as_of": then.as_of or LAST_MOMENT,
        "at": then.at or LAST_MOMENT,
        "up_to": NO_POSITION if then.up_to is None else then.up_to,
        **chosen,
        "kinds": list(wanted.kinds),
    }
