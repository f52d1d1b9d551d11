"""What is measured of a unit: indicator readings and the results of surveys."""

from decimal import Decimal

from domain.messages import Event


class ReadingRecorded(Event, frozen=True):
    """``value`` of the indicator or survey ``indicator`` for a unit in a period. Of a rate,
    ``numerator`` and ``denominator`` say what it was made from."""

    NAME = "reading.recorded"
    indicator: str
    unit: str
    period: str
    value: Decimal
    numerator: int | None = None
    denominator: int | None = None
    source: str = ""
    note: str = ""


class ReadingCorrected(Event, frozen=True):
    """The first one was wrong; it stays in the log and this one counts from now on."""

    NAME = "reading.corrected"
    value: Decimal
    reason: str
    numerator: int | None = None
    denominator: int | None = None


EVENTS = (ReadingRecorded, ReadingCorrected)
