"""What happens to inspections: a visit to a unit, its result, its score sheet and findings."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.messages import Event

Result = Literal["pass", "conditional_pass", "closed", "scored"]
Colour = Literal["green", "yellow", "red"]


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of a score sheet: points given out of the points possible."""

    item: str
    points: Decimal
    out_of: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem seen on the visit, in the inspector's words; ``case_id`` is the case it became or
    was found again on."""

    text: str
    severity: str = ""
    action: str = ""
    case_id: str = ""


class InspectionRecorded(Event, frozen=True):
    """``score`` is the sum of the sheet (or a figure given without a sheet). ``colour`` is the
    status colour the visit leaves on the unit's door."""

    NAME = "inspection.recorded"
    unit: str
    source: str
    result: Result
    colour: Colour
    score: Decimal | None = None
    sheet: tuple[SheetLine, ...] = ()
    findings: tuple[Finding, ...] = ()
    grid: str = ""
    district: str = ""
    note: str = ""


class InspectionCorrected(Event, frozen=True):
    """The record was wrong; the first one stays in the log and this one counts from now on."""

    NAME = "inspection.corrected"
    result: Result
    colour: Colour
    reason: str
    score: Decimal | None = None


EVENTS = (InspectionRecorded, InspectionCorrected)
