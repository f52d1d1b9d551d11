"""Inspections as they stand, corrections applied."""

from datetime import datetime
from decimal import Decimal

import msgspec

from domain.inspections.events import InspectionCorrected, InspectionRecorded
from domain.messages import Envelope
from domain.policies.scoring import ARITHMETIC, SMALLEST
from projections.projection import Snapshot, moved


class InspectionRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    inspection_id: str
    unit: str
    source: str
    result: str
    score: Decimal | None
    occurred_at: datetime
    colour: str
    district: str
    grid: str
    findings: int
    note: str
    corrections: int = 0
    policies: tuple[str, ...]
    recorded_at: datetime
    version: int
    position: int


def evolve(row: InspectionRow | None, envelope: Envelope) -> InspectionRow | None:
    event = envelope.event
    if isinstance(event, InspectionRecorded):
        return InspectionRow(
            inspection_id=envelope.key,
            unit=event.unit,
            source=event.source,
            result=event.result,
            score=_kept(event.score),
            occurred_at=envelope.occurred_at,
            colour=event.colour,
            district=event.district,
            grid=event.grid,
            findings=len(event.findings),
            note=event.note,
            policies=envelope.metadata.policies,
            recorded_at=envelope.recorded_at,
            version=envelope.version,
            position=envelope.position,
        )
    if row is None:
        return None
    if isinstance(event, InspectionCorrected):
        return moved(
            row,
            envelope,
            result=event.result,
            colour=event.colour,
            score=_kept(event.score),
            corrections=row.corrections + 1,
        )
    return moved(row, envelope)


def _kept(score: Decimal | None) -> Decimal | None:
    """The column keeps four decimals, as score entries do."""
    return None if score is None else score.quantize(SMALLEST, context=ARITHMETIC)


INSPECTIONS = Snapshot(
    table="inspections", version=1, kind="inspection", row=InspectionRow, evolve=evolve
)
