"""What can be asked of inspections."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from domain.cases.events import Source
from domain.inspections.events import Finding, Result, SheetLine
from domain.messages import Command

# Room for any sheet, and small enough that what a policy makes of it still fits the tables.
Score = Annotated[Decimal, Field(max_digits=10, decimal_places=4)]


class InspectionCommand(Command):
    STREAM: ClassVar[str] = "inspection"

    inspection_id: str = Field(min_length=1, max_length=100, description="id of the inspection")

    @property
    def stream_key(self) -> str:
        return self.inspection_id


class RecordInspection(InspectionCommand):
    """Enter a visit. With a ``sheet`` the score is its sum; ``closure_ordered`` turns the status
    colour red whatever the result."""

    NAME: ClassVar[str] = "inspection.record"

    unit: str = Field(min_length=1)
    source: Source
    result: Result
    closure_ordered: bool = False
    score: Score | None = None
    sheet: tuple[SheetLine, ...] = Field(default=(), max_length=1000)
    findings: tuple[Finding, ...] = ()
    note: str = Field(default="", max_length=4000)


class CorrectInspection(InspectionCommand):
    """Put a wrong record right; the wrong one stays visible."""

    NAME: ClassVar[str] = "inspection.correct"

    result: Result
    closure_ordered: bool = False
    score: Score | None = None
    reason: str = Field(min_length=1, max_length=2000)


COMMANDS = (RecordInspection, CorrectInspection)
