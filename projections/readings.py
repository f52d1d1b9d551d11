"""Readings of indicators and results of surveys, corrections applied."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec

from domain.messages import Envelope, Event
from domain.periods import Period
from domain.readings.events import ReadingCorrected, ReadingRecorded
from projections.projection import Snapshot


class ReadingRow(msgspec.Struct, kw_only=True, gc=False):
    reading_id: str
    indicator: str
    unit: str
    period: str
    first_day: date
    last_day: date
    value: Decimal
    numerator: int | None
    denominator: int | None
    source: str
    note: str
    corrected: bool = False
    reason: str = ""
    occurred_at: datetime
    recorded_by: str
    policies: tuple[str, ...]
    recorded_at: datetime
    version: int
    position: int


def begin(event: ReadingRecorded, envelope: Envelope) -> ReadingRow:
    period = Period.parse(event.period)
    return ReadingRow(
        reading_id=envelope.key,
        indicator=event.indicator,
        unit=event.unit,
        period=event.period,
        first_day=period.first,
        last_day=period.end - timedelta(days=1),
        value=event.value,
        numerator=event.numerator,
        denominator=event.denominator,
        source=event.source,
        note=event.note,
        occurred_at=envelope.occurred_at,
        recorded_by=envelope.actor,
        policies=envelope.metadata.policies,
        recorded_at=envelope.recorded_at,
        version=envelope.version,
        position=envelope.position,
    )


def evolve(row: ReadingRow, event: Event, envelope: Envelope) -> None:
    if isinstance(event, ReadingCorrected):
        row.value, row.reason, row.corrected = event.value, event.reason, True
        row.numerator, row.denominator = event.numerator, event.denominator


READINGS = Snapshot(
    table="readings", version=1, kind="reading", row=ReadingRow, begin=begin, evolve=evolve
)
