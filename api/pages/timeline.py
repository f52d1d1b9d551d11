"""What a thing went through, step by step: who, when it happened and was recorded, what changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.pages.happenings import page_of
from api.pages.pieces import Shown, shown
from api.pages.rendering import View
from api.pages.telling import Telling
from domain.cases.events import Evidence
from domain.errors import NotFound
from projections.evidence import Piece, pieces
from projections.histories import FieldChange, HistoryStep

# What an event says beside the fields it changes.
REMARKS = ("note", "instructions", "basis")
# Told where the reader sees them anyway: in the heading, or as a number nobody asks for.
UNTOLD = frozenset(
    {"case_id", "inspection_id", "case_no", "text", "latitude", "longitude", "policies"}
)


@dataclass(frozen=True, slots=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy in force: how it is called, and its whole digest."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Step:
    """``delay`` is how much later than it happened it was recorded."""

    version: int
    position: int
    name: str
    actor: str
    cause: str
    occurred_at: datetime
    recorded_at: datetime
    late: bool
    delay: timedelta
    known: bool
    changes: Sequence[Change]
    remarks: Sequence[str]
    inspection: str
    evidence: Sequence[Evidence]
    file: Shown | None
    rules: Sequence[Rule]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the as-of slider."""

    number: int
    label: str
    recorded_at: datetime


def steps(telling: Telling, history: Iterable[HistoryStep]) -> list[Step]:
    told = list(history)
    files = pieces(step.envelope for step in told if step.known)
    return [_step(telling, step, files) for step in told]


def marks(view: View, told: Iterable[Step]) -> list[Mark]:
    return [
        Mark(
            step.version,
            view.t(
                "asof.mark",
                n=view.f.number(step.version),
                event=view.t.of("event", step.name),
                at=view.f.second(step.recorded_at),
            ),
            step.recorded_at,
        )
        for step in told
    ]


def _step(telling: Telling, step: HistoryStep, files: Mapping[str, Piece]) -> Step:
    envelope, event = step.envelope, step.envelope.event
    inspection = getattr(event, "inspection_id", "")
    return Step(
        version=envelope.version,
        position=envelope.position,
        name=event.NAME,
        actor=envelope.actor,
        cause=envelope.metadata.cause,
        occurred_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        late=step.late,
        delay=envelope.recorded_at - envelope.occurred_at,
        known=step.known,
        changes=[change_of(telling, each) for each in step.changes if each.field not in UNTOLD],
        remarks=[text for name in REMARKS if (text := getattr(event, name, ""))],
        inspection=page_of("inspection", inspection),
        evidence=getattr(event, "evidence", ()),
        file=shown(telling.view, event, files),
        rules=[_rule(telling.view, digest) for digest in envelope.metadata.policies],
    )


def change_of(telling: Telling, change: FieldChange) -> Change:
    def told(value: Any) -> str:
        # A first "no" or "0" is worth no word, a later one is the news.
        first = change.before in (None, "") and not value
        return "" if first else telling.value(change.field, value)

    return Change(telling.label(change.field), told(change.before), told(change.after))


def _rule(view: View, digest: str) -> Rule:
    try:
        policy = view.services.desk.standing.policies.get(digest)
    except NotFound:  # adopted by a log that this process has not read to its end yet
        return Rule(digest[:12], digest)
    title = policy.title.zh if view.t.language == "zh" else policy.title.en
    return Rule(f"{title} {policy.ref}", digest)
