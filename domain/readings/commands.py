"""What can be asked of readings."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from domain.messages import Command
from domain.periods import Period
from domain.reasons import derived_id

Value = Annotated[Decimal, Field(max_digits=12, decimal_places=4)]
Whole = Annotated[int, Field(ge=0, le=10**12)]


class ReadingCommand(Command):
    STREAM: ClassVar[str] = "reading"

    reading_id: str = Field(min_length=1, max_length=100, description="id of the reading")

    @property
    def stream_key(self) -> str:
        return self.reading_id


class RecordReading(ReadingCommand):
    """Enter what was measured or surveyed. A value that is left out is numerator ÷ denominator in
    percent, to four decimals, half up."""

    NAME: ClassVar[str] = "reading.record"

    reading_id: str = Field(
        default="", max_length=100,
        description="left out: one for each indicator, unit and period",
    )  # fmt: skip
    indicator: str = Field(min_length=1, max_length=64)
    unit: str = Field(min_length=1, max_length=100)
    period: str = Field(min_length=1, max_length=20, description="2026-Q1, 2026-03, …")
    value: Value | None = None
    numerator: Whole | None = None
    denominator: Whole | None = None
    source: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=2000)

    @field_validator("period")
    @classmethod
    def _written_one_way(cls, period: str) -> str:
        """Raises ``Invalid`` (``period.unreadable``)."""
        return str(Period.parse(period))

    @property
    def stream_key(self) -> str:
        return self.reading_id or derived_id(self.indicator, self.unit, self.period)


class CorrectReading(ReadingCommand):
    """Put a wrong reading right; the wrong one stays visible."""

    NAME: ClassVar[str] = "reading.correct"

    value: Value | None = None
    numerator: Whole | None = None
    denominator: Whole | None = None
    reason: str = Field(min_length=1, max_length=2000)


COMMANDS = (RecordReading, CorrectReading)
