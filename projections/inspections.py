"""Inspections as they stand, corrections applied."""

from datetime import datetime
from decimal import Decimal

import msgspec

from domain.inspections.events import InspectionCorrected, InspectionRecorded
from domain.messages import Envelope, Event
from domain.policies.scoring import ARITHMETIC, SMALLEST
from projections.projection import Snapshot


class InspectionRow(msgspec.Struct, kw_only=True, gc=False):
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


def begin(event: InspectionRecorded, envelope: Envelope) -> InspectionRow:
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


def evolve(row: InspectionRow, event: Event, envelope: Envelope) -> None:
    if isinstance(event, InspectionCorrected):
        row.result = event.result
        row.colour = event.colour
        row.score = _kept(event.score)
        row.corrections += 1


def _kept(score: Decimal | None) -> Decimal | None:
    """The column keeps four decimals, as score entries do."""
    return None if score is None else score.quantize(SMALLEST, context=ARITHMETIC)


INSPECTIONS = Snapshot(
    table="inspections",
    version=1,
    kind="inspection",
    row=InspectionRow,
    begin=begin,
    evolve=evolve,
)
