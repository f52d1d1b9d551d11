"""The log of readers: who opened, searched or exported what, when and why."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import msgspec

from domain.access.events import AccessRecorded
from domain.moments import FIRST_MOMENT, LAST_MOMENT
from projections.projection import Facts, Step
from projections.reading import Reader
from projections.rules import Rules

NEWEST = 2**63


class ReadRow(msgspec.Struct, frozen=True, gc=False):
    position: int
    reader: str
    act: str
    channel: str
    kind: str
    key: str
    asked: str
    purpose: str
    read_at: datetime
    recorded_at: datetime


def rows(step: Step, rules: Rules) -> Sequence[ReadRow]:
    at, event = step.envelope, step.envelope.event
    if not isinstance(event, AccessRecorded):
        return ()
    return (
        ReadRow(
            at.position, at.actor, event.act, event.channel, event.kind, event.key, event.asked,
            event.purpose, at.occurred_at, at.recorded_at,
        ),
    )  # fmt: skip


READS = Facts(table="reads", version=1, row=ReadRow, rows=rows, kinds=("access",))


@dataclass(frozen=True, slots=True)
class ReadFilter:
    """Empty means any. ``asked`` is a part of the filters as they are recorded; from (included) to
    (excluded)."""

    reader: str = ""
    act: str = ""
    channel: str = ""
    kind: str = ""
    key: str = ""
    asked: str = ""
    purpose: str = ""
    start: datetime = FIRST_MOMENT
    end: datetime = LAST_MOMENT


@dataclass(frozen=True, slots=True)
class ReadLine:
    """Something that was read; ``key`` is which one of ``kind`` ("": a list or a search)."""

    position: int
    reader: str
    act: str
    channel: str
    kind: str
    key: str
    asked: str
    purpose: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class ReaderCount:
    reader: str
    reads: int
    exports: int
    things: int
    without_purpose: int
    first_at: datetime
    last_at: datetime


def reads(
    reader: Reader, wanted: ReadFilter, before: int = NEWEST, limit: int = 100
) -> tuple[ReadLine, ...]:
    """Newest first; ``before`` is the position after which a page goes on."""
    asked = asdict(wanted) | {"before": before, "limit": limit}
    return tuple(ReadLine(**row) for row in reader.rows("reads.listed", asked))


def between(wanted: ReadFilter, start: datetime, end: datetime) -> ReadFilter:
    return replace(wanted, start=start, end=end)


def readers(reader: Reader, wanted: ReadFilter) -> tuple[ReaderCount, ...]:
    """Who read, and how much, most first."""
    return tuple(ReaderCount(**row) for row in reader.rows("reads.counted", asdict(wanted)))
