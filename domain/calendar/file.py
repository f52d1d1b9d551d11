"""The calendar file: what a city writes down about its working days, checked word by word."""

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from domain.calendar.version import OFFICE_HOURS, Calendar, Span, WorkingDay
from domain.errors import Invalid

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

SPAN = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)", re.ASCII)


def _span(text: object) -> Span:
    found = SPAN.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError(f"{text!r} is not a span: write it like 08:00-12:00")
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start = timedelta(hours=hour, minutes=minute)
    end = timedelta(hours=end_hour, minutes=end_minute)
    if not start < end <= timedelta(days=1):
        raise ValueError(f"{text} must end after it begins and by 24:00: split it at midnight")
    return start, end


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Holiday(_Strict):
    """One holiday from its first to its last day (``to`` may be left out for a single day)."""

    name: str
    first: date = Field(alias="from")
    last: date | None = Field(default=None, alias="to")

    @property
    def days(self) -> list[date]:
        length = ((self.last or self.first) - self.first).days + 1
        return [self.first + timedelta(days=n) for n in range(length)]

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if not 1 <= len(self.days) <= 31:
            raise ValueError(f"{self.name} must last from 1 to 31 days")
        return self


class HolidayYear(_Strict):
    """One year's list with the document that published it."""

    document: str = Field(min_length=1)
    number: str = ""
    published: date | None = None
    holidays: list[Holiday]
    makeup_workdays: list[date] = []


class CalendarFile(_Strict):
    """One version of a calendar. ``assumed`` names the words of the file that no document backs."""

    version: str = Field(min_length=1)
    time_zone: str = ""
    effective_from: date | None = None
    working_spans: Annotated[
        tuple[Annotated[Span, BeforeValidator(_span)], ...], Field(min_length=1)
    ] = OFFICE_HOURS
    rest_days: list[Weekday] = ["saturday", "sunday"]
    working_day: WorkingDay = "hours"
    years: dict[Annotated[int, Field(ge=1900, le=2200)], HolidayYear] = {}
    assumed: list[Literal["working_spans", "rest_days", "working_day"]] = []

    @model_validator(mode="after")
    def _can_be_worked_by(self) -> Self:
        if any(after[0] < before[1] for before, after in pairwise(self.working_spans)):
            raise ValueError("working_spans must follow each other without overlap")
        if len(set(self.rest_days)) == len(WEEKDAYS):
            raise ValueError("rest_days leave no day of the week to work on")
        return self

    @model_validator(mode="after")
    def _lists_agree(self) -> Self:
        off = [day for year in self.years.values() for h in year.holidays for day in h.days]
        worked = [day for year in self.years.values() for day in year.makeup_workdays]
        for year, listed in self.years.items():
            # The list of a year may begin in the last days of the year before (New Year).
            for day in [d for h in listed.holidays for d in h.days] + listed.makeup_workdays:
                if day.year != year and (day.year, day.month) != (year - 1, 12):
                    raise ValueError(f"{day} does not belong into the list of {year}")
        for day in worked:
            if day in off or WEEKDAYS[day.weekday()] not in self.rest_days:
                raise ValueError(f"{day} cannot be a make-up workday: it is no day of weekly rest")
        if len(off) != len(set(off)) or len(worked) != len(set(worked)):
            raise ValueError("a day is listed twice")
        return self

    def calendar(self, time_zone: str = "") -> Calendar:
        """The calendar this file describes; ``time_zone`` serves a file that names none."""
        lists = self.years.values()
        return Calendar(
            version=self.version,
            zone=_zone(self.time_zone or time_zone),
            effective_from=self.effective_from,
            spans=self.working_spans,
            rest_days=frozenset(WEEKDAYS.index(day) + 1 for day in self.rest_days),
            holidays=frozenset(day for y in lists for h in y.holidays for day in h.days),
            makeup_workdays=frozenset(day for y in lists for day in y.makeup_workdays),
            years=frozenset(self.years),
            working_day=self.working_day,
        )


def read_calendar(content: object, time_zone: str = "") -> Calendar:
    """A calendar from the parsed content of a calendar file. Raises ``Invalid``
    (``calendar.unreadable``) with each thing that is wrong and where it stands."""
    try:
        return CalendarFile.model_validate(content).calendar(time_zone)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, found['loc']))} {found['msg']}".strip()
            for found in error.errors(include_url=False, include_context=False)
        )
        raise Invalid("calendar.unreadable", f"the calendar file cannot be used: {wrong}") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            "calendar.unknown_time_zone",
            f"the time zone {name!r} is not known: give an IANA name such as Asia/Shanghai",
        ) from None
