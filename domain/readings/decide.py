"""The rules of readings: entered once, rates with what they are made from, put right openly."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from decimal import Context as Arithmetic

import msgspec

from domain.decider import Context, Decider
from domain.errors import Conflict, Invalid, NotFound, Refused
from domain.messages import Envelope, Event
from domain.periods import Period
from domain.readings.commands import COMMANDS, CorrectReading, ReadingCommand, RecordReading
from domain.readings.events import ReadingCorrected, ReadingRecorded

SMALLEST = Decimal("0.0001")
LARGEST = Decimal(10) ** 8  # what a value given directly can have, too
ARITHMETIC = Arithmetic(prec=50)


class Reading(msgspec.Struct, frozen=True):
    value: Decimal
    numerator: int | None
    denominator: int | None
    last_at: datetime


def evolve(reading: Reading | None, envelope: Envelope) -> Reading | None:
    match envelope.event:
        case ReadingRecorded() | ReadingCorrected() as event:
            return Reading(event.value, event.numerator, event.denominator, envelope.occurred_at)
    return reading


def decide(reading: Reading | None, command: ReadingCommand, context: Context) -> Sequence[Event]:
    match command:
        case RecordReading():
            return [_record(reading, command, context)]
        case CorrectReading():
            return _correct(reading, command, context)
    raise TypeError(f"no rule for {type(command).__name__}")


def _record(reading: Reading | None, command: RecordReading, context: Context) -> ReadingRecorded:
    if reading is not None:
        raise Conflict(
            "reading.exists",
            f"{command.indicator} of {command.unit} in {command.period} is recorded as "
            f"{reading.value} (reading {command.stream_key}): to put it right, correct it",
        )
    if context.unit(command.unit) is None:
        raise NotFound("unit.unknown", f"there is no unit {command.unit}: register it first")
    begin, _ = Period.parse(command.period).bounds(context.calendars.zone)
    if context.occurred_at < begin:
        raise Refused(
            "reading.period_not_begun",
            f"{command.period} begins at {begin.astimezone(context.calendars.zone).isoformat()}: "
            "nothing can have been measured in it yet",
        )
    return ReadingRecorded(
        indicator=command.indicator,
        unit=command.unit,
        period=command.period,
        value=value_of(command.value, command.numerator, command.denominator),
        numerator=command.numerator,
        denominator=command.denominator,
        source=command.source,
        note=command.note,
    )


def _correct(reading: Reading | None, command: CorrectReading, context: Context) -> Sequence[Event]:
    if reading is None:
        raise NotFound("reading.unknown", f"there is no reading {command.reading_id}: record it")
    if context.occurred_at < reading.last_at:
        raise Conflict(
            "time.before_previous",
            f"reading {command.reading_id} was entered at {reading.last_at.isoformat()}: it cannot "
            f"have been corrected at {context.occurred_at.isoformat()}",
        )
    value = value_of(command.value, command.numerator, command.denominator)
    now = (value, command.numerator, command.denominator)
    if now == (reading.value, reading.numerator, reading.denominator):
        return []
    return [
        ReadingCorrected(
            value=value,
            reason=command.reason,
            numerator=command.numerator,
            denominator=command.denominator,
        )
    ]


def value_of(value: Decimal | None, numerator: int | None, denominator: int | None) -> Decimal:
    """The value given, or the rate in percent to four decimals, half up. Raises ``Invalid``."""
    if numerator is None and denominator is None:
        if value is None:
            raise Invalid(
                "reading.empty", "give a value, or the numerator and denominator it is made from"
            )
        return value
    if numerator is None or denominator is None:
        raise Invalid("reading.half_a_rate", "a rate needs both its numerator and its denominator")
    if denominator == 0:
        raise Invalid(
            "reading.not_applicable",
            "of nothing there is no rate, neither 0 nor 100: it is not applicable, so record "
            "nothing",
        )
    rate = ARITHMETIC.divide(Decimal(100 * numerator), Decimal(denominator))
    rate = rate.quantize(SMALLEST, rounding=ROUND_HALF_UP, context=ARITHMETIC)
    if value is not None and value.quantize(SMALLEST) != rate:
        raise Invalid(
            "reading.contradiction",
            f"{numerator} of {denominator} is {rate} %, not {value}: give the one or the other",
        )
    if rate >= LARGEST:
        raise Invalid("reading.too_large", f"{numerator} of {denominator} is no rate to record")
    return rate


READINGS: Decider[Reading | None, ReadingCommand] = Decider(
    kind="reading", commands=COMMANDS, initial=None, evolve=evolve, decide=decide
)
