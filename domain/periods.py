"""Assessment periods: how they are written, what they span, and which one follows which."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Self, assert_never
from zoneinfo import ZoneInfo

from domain.calendar.local_time import moment_at
from domain.errors import Invalid

PeriodKind = Literal["day", "week", "fortnight", "month", "quarter", "year"]

PATTERN = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2}))?|-W(?P<week>[0-9]{2})"
    r"|-F(?P<fortnight>[0-9]{2})|-Q(?P<quarter>[1-4]))?"
)
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
YEARS = range(1900, 2201)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Local days from ``first`` up to, not including, ``end``. Earlier ones sort first, of those
    that begin on the same day the shorter.

    Weeks are ISO weeks: they begin on Monday and belong to the year that holds their Thursday.
    A fortnight is two of them, F01 = W01 + W02; a W53 is a fortnight of its own, F27, one week
    long, so that every year begins anew with F01.
    """

    first: date
    end: date
    kind: PeriodKind

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads what ``str()`` writes. Raises ``Invalid`` (``period.unreadable``)."""
        found = PATTERN.fullmatch(text.strip().upper())
        try:
            if found and int(found["year"]) in YEARS:
                return cls.on(*_first_day(found))
        except ValueError:  # no such day, week or month in that year
            pass
        raise Invalid(
            "period.unreadable",
            f"there is no period {text[:40]!r}: write a day like 2012-04-12, a week 2012-W15, "
            "a fortnight 2012-F08, a month 2012-04, a quarter 2012-Q2 or a year 2012",
        )

    @classmethod
    def on(cls, kind: PeriodKind, day: date) -> Self:
        """The period of that kind that a local day lies in."""
        match kind:
            case "day":
                return cls(day, day + ONE_DAY, kind)
            case "week":
                first = day - timedelta(days=day.weekday())
                return cls(first, first + timedelta(days=7), kind)
            case "fortnight":
                year, week, _ = day.isocalendar()
                first = date.fromisocalendar(year, week - (week + 1) % 2, 1)
                return cls(first, first + timedelta(days=7 if week == 53 else 14), kind)
            case "month":
                return cls(*_months(day.year, day.month, 1), kind)
            case "quarter":
                return cls(*_months(day.year, (day.month - 1) // 3 * 3 + 1, 3), kind)
            case "year":
                return cls(*_months(day.year, 1, 12), kind)
            case _:
                assert_never(kind)

    @classmethod
    def of(cls, kind: PeriodKind, moment: datetime, zone: ZoneInfo) -> Self:
        """The period of that kind that a moment lies in, in the city's time."""
        return cls.on(kind, moment.astimezone(zone).date())

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From (included) and to (excluded) in UTC: local midnight, or the first moment of a day
        whose midnight a time change skips."""
        return (
            moment_at(datetime.combine(self.first, time()), zone),
            moment_at(datetime.combine(self.end, time()), zone),
        )

    def contains(self, moment: datetime, zone: ZoneInfo) -> bool:
        return self.first <= moment.astimezone(zone).date() < self.end

    def next(self) -> Self:
        return self.on(self.kind, self.end)

    def previous(self) -> Self:
        return self.on(self.kind, self.first - ONE_DAY)

    def label(self, language: Literal["zh", "en"] = "zh") -> str:
        """As a reader would call it: ``2012年第15周``, ``Week 15 of 2012``."""
        chinese, english = _labels(self.kind, self.first)
        return chinese if language == "zh" else english

    def __str__(self) -> str:
        first = self.first
        week_year, week, _ = first.isocalendar()
        match self.kind:
            case "day":
                return first.isoformat()
            case "week":
                return f"{week_year:04}-W{week:02}"
            case "fortnight":
                return f"{week_year:04}-F{(week + 1) // 2:02}"
            case "month":
                return f"{first.year:04}-{first.month:02}"
            case "quarter":
                return f"{first.year:04}-Q{(first.month + 2) // 3}"
            case "year":
                return f"{first.year:04}"
            case _:
                assert_never(self.kind)


def _first_day(found: re.Match[str]) -> tuple[PeriodKind, date]:
    """The kind and first day of what was matched; ``ValueError`` if that year has none such."""
    year = int(found["year"])
    if found["week"]:
        return "week", date.fromisocalendar(year, int(found["week"]), 1)
    if found["fortnight"]:
        return "fortnight", date.fromisocalendar(year, int(found["fortnight"]) * 2 - 1, 1)
    if found["quarter"]:
        return "quarter", date(year, int(found["quarter"]) * 3 - 2, 1)
    if found["day"]:
        return "day", date(year, int(found["month"]), int(found["day"]))
    if found["month"]:
        return "month", date(year, int(found["month"]), 1)
    return "year", date(year, 1, 1)


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    """Full months: the first day, and the first day after them (they never pass December)."""
    after = month + count
    return date(year, month, 1), date(year + after // 13, (after - 1) % 12 + 1, 1)


def _labels(kind: PeriodKind, first: date) -> tuple[str, str]:
    year, month, day = first.year, first.month, first.day
    week_year, week, _ = first.isocalendar()
    match kind:
        case "day":
            return f"{year}年{month}月{day}日", f"{day} {MONTHS[month - 1]} {year}"
        case "week":
            return f"{week_year}年第{week}周", f"Week {week} of {week_year}"
        case "fortnight":
            number = (week + 1) // 2
            return f"{week_year}年第{number}双周", f"Fortnight {number} of {week_year}"
        case "month":
            return f"{year}年{month}月", f"{MONTHS[month - 1]} {year}"
        case "quarter":
            number = (month + 2) // 3
            return f"{year}年第{number}季度", f"Quarter {number} of {year}"
        case "year":
            return f"{year}年", f"{year}"
        case _:
            assert_never(kind)
