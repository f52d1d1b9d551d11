"""One version of a working calendar: which days are worked, and from when to when."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

WorkingDay = Literal["hours", "day_end"]
Span = tuple[timedelta, timedelta]  # from and to, counted from local midnight

OFFICE_HOURS: tuple[Span, ...] = (
    (timedelta(hours=8), timedelta(hours=12)),
    (timedelta(hours=14), timedelta(hours=18)),
)
WEEKEND = frozenset({6, 7})


@dataclass(frozen=True, slots=True)
class Calendar:
    """In force from ``effective_from`` (``None``: always) until the next version takes over.

    ``rest_days`` are ISO weekdays (Monday is 1). ``years`` are those whose holiday list is known;
    in any other year nothing but the weekly rest is known, so what is answered is assumed.
    ``working_day`` says what one working day of a limit is: ``hours``, as much working time as a
    day has; or ``day_end``, up to the end of the next working day.
    """

    version: str
    zone: ZoneInfo
    effective_from: date | None = None
    spans: tuple[Span, ...] = OFFICE_HOURS
    rest_days: frozenset[int] = WEEKEND
    holidays: frozenset[date] = frozenset()
    makeup_workdays: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    working_day: WorkingDay = "hours"

    @property
    def day_length(self) -> timedelta:
        """The working time of one day."""
        return sum((end - start for start, end in self.spans), timedelta())

    def is_worked(self, day: date) -> bool:
        if day in self.makeup_workdays:
            return True
        return day not in self.holidays and day.isoweekday() not in self.rest_days

    def is_assumed(self, day: date) -> bool:
        """No holiday list is known for that day: it was judged by the weekly rest alone."""
        listed = day in self.holidays or day in self.makeup_workdays
        return day.year not in self.years and not listed
