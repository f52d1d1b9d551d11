"""Evidence: each step as a row of the tables, and what stands of one case after its events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from domain.errors import NotFound
from domain.evidence import events as e
from domain.messages import Envelope
from projections.projection import Facts, Step
from projections.reading import Reader, Row
from projections.rules import Rules


class EvidenceStepRow(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    position: int
    case_id: str
    digest: str
    step: str
    media_type: str = ""
    size: int = 0
    caption: str = ""
    copy: str = ""
    thumbnail: str = ""
    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    person: str = ""
    reason: str = ""
    unit: str
    district: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime


def rows(step: Step, rules: Rules) -> Sequence[EvidenceStepRow]:
    envelope, event = step.envelope, step.envelope.event
    said: dict[str, Any]
    match event:
        case e.EvidenceAttached():
            said = msgspec.structs.asdict(event) | {"step": "attached"}
        case e.EvidenceCorrected():
            said = msgspec.structs.asdict(event) | {"step": "corrected"}
        case e.EvidenceWithdrawn():
            said = msgspec.structs.asdict(event) | {"step": "withdrawn"}
        case _:
            return ()
    return [
        EvidenceStepRow(
            position=envelope.position,
            case_id=step.key,
            unit=step.after.unit or step.after.about,
            district=step.after.district,
            actor=envelope.actor,
            occurred_at=envelope.occurred_at,
            recorded_at=envelope.recorded_at,
            **said,
        )
    ]


EVIDENCE_STEPS = Facts(
    table="evidence_steps", version=1, row=EvidenceStepRow, rows=rows, kinds=("case",)
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence as it stands after some events. ``position`` is that of the event that
    attached it; ``reason`` is why it was corrected or withdrawn, the last time."""

    digest: str
    media_type: str
    size: int
    caption: str
    copy: str
    thumbnail: str
    taken_at: datetime | None
    latitude: float | None
    longitude: float | None
    person: str
    attached_by: str
    attached_at: datetime
    recorded_at: datetime
    corrected: bool
    withdrawn: bool
    reason: str
    position: int


def pieces(envelopes: Iterable[Envelope]) -> dict[str, Piece]:
    """By digest, in the order of attaching: what the events of one case say of its evidence."""
    found: dict[str, Piece] = {}
    for envelope in envelopes:
        event = envelope.event
        match event:
            case e.EvidenceAttached():
                found.pop(event.digest, None)
                found[event.digest] = _attached(event, envelope)
            case e.EvidenceCorrected() | e.EvidenceWithdrawn() if event.digest in found:
                found[event.digest] = _changed(found[event.digest], event)
    return found


def _attached(event: e.EvidenceAttached, envelope: Envelope) -> Piece:
    return Piece(
        **msgspec.structs.asdict(event),
        attached_by=envelope.actor,
        attached_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        corrected=False,
        withdrawn=False,
        reason="",
        position=envelope.position,
    )


def _changed(piece: Piece, event: e.EvidenceCorrected | e.EvidenceWithdrawn) -> Piece:
    if isinstance(event, e.EvidenceWithdrawn):
        return replace(piece, withdrawn=True, reason=event.reason)
    return replace(piece, caption=event.caption, corrected=True, reason=event.reason)


@dataclass(frozen=True, slots=True)
class Held:
    """What an event refers to; "" for a copy or thumbnail that there is none of."""

    position: int
    case_id: str
    digest: str
    copy: str
    thumbnail: str

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(d for d in (self.digest, self.copy, self.thumbnail) if d)


@dataclass(frozen=True, slots=True)
class Referred:
    """A file as the newest event that attached it knows it."""

    case_id: str
    digest: str
    media_type: str
    size: int
    copy: str
    thumbnail: str
    person: str
    withdrawn: bool
    position: int


def held(reader: Reader) -> list[Held]:
    """Every file that an event refers to, also where it was withdrawn since."""
    return [Held(**row) for row in reader.rows("evidence.held")]


def referred(reader: Reader, digest: str) -> Referred:
    """Raises ``NotFound`` (``evidence.unknown``): what no event refers to is shown to nobody."""
    found = reader.rows("evidence.one", {"digest": digest})
    if not found:
        raise NotFound(
            "evidence.unknown", f"no case has evidence {digest[:12]}: it was never attached"
        )
    return Referred(**found[0])


def listing(reader: Reader, case_id: str = "", after: int = 0, limit: int = 100) -> list[Row]:
    """Evidence of a case ("": of all) in the order of attaching."""
    return reader.rows("evidence.list", {"case_id": case_id, "after": after, "limit": limit})
