"""The rules of inspections: a visit is recorded once, its score is the sum of its sheet."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from domain.decider import Context, Decider
from domain.errors import Conflict, Invalid, NotFound
from domain.inspections.commands import (
    COMMANDS,
    CorrectInspection,
    InspectionCommand,
    RecordInspection,
)
from domain.inspections.events import (
    Colour,
    InspectionCorrected,
    InspectionRecorded,
    Result,
    SheetLine,
)
from domain.messages import Envelope, Event
from domain.units.decide import territory

# The sign a visit leaves at the door; a scored visit says nothing about it and leaves green.
COLOURS: Mapping[Result, Colour] = {
    "pass": "green",
    "scored": "green",
    "conditional_pass": "yellow",
    "closed": "red",
}

# What fits a score given without a sheet fits a sheet too.
MOST_POINTS = 999_999


class Inspection(msgspec.Struct, frozen=True):
    unit: str
    result: Result
    score: Decimal | None


def evolve(inspection: Inspection | None, envelope: Envelope) -> Inspection | None:
    match envelope.event:
        case InspectionRecorded(unit=unit, result=result, score=score):
            return Inspection(unit, result, score)
        case InspectionCorrected(result=result, score=score) if inspection is not None:
            return Inspection(inspection.unit, result, score)
    return inspection


def decide(
    inspection: Inspection | None, command: InspectionCommand, context: Context
) -> Sequence[Event]:
    match command:
        case RecordInspection():
            return _record(inspection, command, context)
        case CorrectInspection():
            if inspection is None:
                raise NotFound(
                    "inspection.unknown", f"there is no inspection {command.inspection_id}"
                )
            return [
                InspectionCorrected(
                    result=command.result,
                    colour=colour(command.result, command.closure_ordered),
                    reason=command.reason,
                    score=command.score,
                )
            ]
    raise TypeError(f"no rule for {type(command).__name__}")


def colour(result: Result, closure_ordered: bool) -> Colour:
    return "red" if closure_ordered else COLOURS[result]


def _record(
    inspection: Inspection | None, command: RecordInspection, context: Context
) -> Sequence[Event]:
    if inspection is not None:
        raise Conflict(
            "inspection.exists",
            f"inspection {command.inspection_id} is recorded: to put it right, correct it",
        )
    unit = context.unit(command.unit)
    if unit is None:
        raise NotFound("unit.unknown", f"there is no unit {command.unit}: register it first")
    district, grid = territory(command.unit, context.unit)
    return [
        InspectionRecorded(
            unit=command.unit,
            source=command.source,
            result=command.result,
            colour=colour(command.result, command.closure_ordered),
            score=_score(command.score, command.sheet),
            sheet=command.sheet,
            findings=command.findings,
            grid=grid,
            district=district,
            note=command.note,
        )
    ]


def _score(given: Decimal | None, sheet: Sequence[SheetLine]) -> Decimal | None:
    """The sum of the sheet. Raises ``Invalid`` when a line or the figure given contradicts it."""
    for line in sheet:
        if not 0 <= line.points <= line.out_of <= MOST_POINTS:
            raise Invalid(
                "inspection.sheet_points",
                f"{line.item}: {line.points} points are not between 0 and {line.out_of}, or that "
                f"is more than {MOST_POINTS}",
            )
    if not sheet:
        return given
    total = sum((line.points for line in sheet), Decimal(0))
    if total > MOST_POINTS:
        raise Invalid("inspection.sheet_sum", f"a sheet adds up to at most {MOST_POINTS} points")
    if given is not None and given != total:
        raise Invalid("inspection.sheet_sum", f"the sheet adds up to {total}, not to {given}")
    return total


INSPECTIONS: Decider[Inspection | None, InspectionCommand] = Decider(
    kind="inspection", commands=COMMANDS, initial=None, evolve=evolve, decide=decide
)
