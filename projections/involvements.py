"""Who had a part in which event: units and persons, in which role, and whether it was late."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from domain.cases import events as c
from domain.messages import Event
from domain.rankings.events import RankingCorrected, RankingPublished
from projections.cases import CaseRow
from projections.projection import Facts, Step
from projections.rules import Rules

# What a unit does itself; whatever else happens to its matters it receives.
DID = frozenset({
    "case.claimed", "case.returned", "case.disputed", "case.rectified", "case.extension_requested",
    "slip.answered", "listing.objected", "accountability.answered", "appeal.filed",
    "money.settled",
})  # fmt: skip
# What demands something of the unit.
ASKED = frozenset({
    "case.dispatched", "case.ruled", "case.rework_ordered", "case.reopened",
    "slip.issued", "slip.served", "slip.answer_rejected", "money.issued",
})  # fmt: skip
# Where the one who decides, or is to decide, is named: decided (did), or put before it (asked).
DECIDED = frozenset({
    "slip.issued", "money.approved", "listing.approved", "accountability.decided",
    "appeal.upheld", "appeal.dismissed",
})  # fmt: skip
PUT_BEFORE = frozenset({
    "slip.proposed", "money.proposed", "listing.proposed", "accountability.proposed",
    "appeal.filed",
})  # fmt: skip

Part = tuple[str, str, str, str, bool]  # kind and id of who, part, role, late


class InvolvementRow(msgspec.Struct, frozen=True, gc=False):
    subject_kind: str
    subject: str
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


def rows(step: Step, rules: Rules) -> Sequence[InvolvementRow]:
    envelope = step.envelope
    found: list[InvolvementRow] = []
    told: set[tuple[str, str]] = set()
    for kind, subject, part, role, late in _parts(step):
        # Who has several parts in one event is told by the first.
        if subject and (kind, subject) not in told:
            told.add((kind, subject))
            found.append(
                InvolvementRow(
                    kind, subject, envelope.position, part, role, late, step.kind,
                    envelope.stream_id, envelope.version, envelope.event.NAME, envelope.actor,
                    envelope.occurred_at, envelope.recorded_at,
                )
            )  # fmt: skip
    return found


def _parts(step: Step) -> Iterator[Part]:
    event = step.envelope.event
    match step.kind:
        case "case":
            yield from _of_case(event, step.before, step.after)
        case "unit":
            yield "unit", step.key, "received", "itself", False
        case "person":
            yield "person", step.key, "received", "itself", False
        case "ranking":
            if isinstance(event, RankingPublished | RankingCorrected):
                yield from (("unit", row.unit, "received", "ranked", False) for row in event.rows)
        case "policy":
            return
        case _:
            late = event.NAME == "slip.failed"
            unit = getattr(step.after, "unit", "")
            yield "unit", unit, _part(event.NAME), "subject", late
            yield from _of_authority(event, step.after)
    yield from _of_persons(event, step.after)


def _of_case(event: Event, before: CaseRow | None, after: CaseRow) -> Iterator[Part]:
    name = event.NAME
    given = isinstance(event, c.CaseDispatched | c.CaseRuled)
    if after.unit:
        answered = before is None or before.rectified_at != after.rectified_at
        late = name == "case.overdue" or (answered and after.late)
        yield "unit", after.unit, _part(name), "lead", late
    for unit in after.assisting:
        yield "unit", unit, "asked" if given else "received", "assisting", False
    if not after.unit or given:
        yield "unit", after.about, "received", "named", False
    if given and before is not None:
        for unit in (before.unit, *before.assisting):
            yield "unit", unit, "received", "previous", False
    if isinstance(event, c.CaseDisputed):
        yield "unit", event.owner, "received", "owner", False


def _of_authority(event: Event, after: Any) -> Iterator[Part]:
    authority = getattr(event, "authority", "") or getattr(after, "authority", "")
    if event.NAME in DECIDED:
        yield "unit", authority, "did", "authority", event.NAME != "slip.issued" and _late(after)
    elif event.NAME in PUT_BEFORE:
        yield "unit", authority, "asked", "authority", False


def _late(after: Any) -> bool:
    return bool(getattr(after, "late", False))


def _of_persons(event: Event, after: Any) -> Iterator[Part]:
    """Persons stand under pseudonyms, wherever an event or what it happened to names one."""
    if isinstance(event, c.CaseReported):
        yield "person", event.reporter, "did", "reporter", False
    person = getattr(event, "person", "") or getattr(event, "person_id", "")
    yield "person", person or getattr(after, "person", ""), "received", "subject", False
    if getattr(after, "subject_kind", "unit") != "unit":
        yield after.subject_kind, after.subject, "received", "subject", False


def _part(name: str) -> str:
    return "did" if name in DID else "asked" if name in ASKED else "received"


INVOLVEMENTS = Facts(table="involvements", version=1, row=InvolvementRow, rows=rows)
