"""Working time as one running total: how much of it has passed, and when so much will have."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendar.local_time import moment_at
from domain.calendar.version import Calendar

NOTHING = timedelta()
MIDNIGHT = time()
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingYear:
    """The working spans of one local year in UTC. ``done`` is the year's working time at the end
    of each span; ``days`` are the worked days and ``closings`` when each of them ends."""

    starts: list[datetime]
    ends: list[datetime]
    done: list[timedelta]
    days: list[date]
    closings: list[datetime]

    @property
    def total(self) -> timedelta:
        return self.done[-1] if self.done else NOTHING

    def worked(self, moment: datetime) -> timedelta:
        """The year's working time up to a moment in it."""
        span = bisect_right(self.starts, moment) - 1
        if span < 0:
            return NOTHING
        return self.done[span] - max(self.ends[span] - moment, NOTHING)

    def moment(self, worked: timedelta) -> datetime:
        """The first moment at which so much has been worked (more than nothing, at most all)."""
        span = bisect_left(self.done, worked)
        return self.ends[span] - (self.done[span] - worked)


class WorkingTime:
    """Counts only inside working spans. Years are worked out once, when first needed."""

    def __init__(self, zone: ZoneInfo, calendar_on: Callable[[date], Calendar]) -> None:
        self._zone = zone
        self._calendar_on = calendar_on
        self._years: dict[int, WorkingYear] = {}

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Working time from start to end; less than nothing if end is the earlier one."""
        if end < start:
            return -self.elapsed(end, start)
        first, last = start.astimezone(self._zone).year, end.astimezone(self._zone).year
        whole = sum((self._year(year).total for year in range(first, last)), NOTHING)
        return whole + self._year(last).worked(end) - self._year(first).worked(start)

    def add(self, start: datetime, length: timedelta) -> datetime:
        """The first moment with ``length`` more (or, if negative, less) worked than at start."""
        if not length:
            return start
        year = start.astimezone(self._zone).year
        worked = self._year(year).worked(start) + length
        while worked > self._year(year).total:
            worked -= self._year(year).total
            year += 1
        while worked <= NOTHING:
            year -= 1
            worked += self._year(year).total
        return self._year(year).moment(worked)

    def closing(self, start: datetime, days: int) -> datetime:
        """The end of the so many-th working day after the local day of ``start``."""
        day = start.astimezone(self._zone).date()
        year = day.year
        index = bisect_right(self._year(year).days, day) + days - 1
        while index >= len(self._year(year).days):
            index -= len(self._year(year).days)
            year += 1
        return self._year(year).closings[index]

    def _year(self, year: int) -> WorkingYear:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = self._lay_out(year)
        return known

    def _lay_out(self, year: int) -> WorkingYear:
        laid = WorkingYear([], [], [], [], [])
        done = NOTHING
        day = date(year, 1, 1)
        while day.year == year:
            calendar = self._calendar_on(day)
            if calendar.is_worked(day):
                midnight = datetime.combine(day, MIDNIGHT)
                for opening, closing in calendar.spans:
                    start = moment_at(midnight + opening, self._zone)
                    end = moment_at(midnight + closing, self._zone)
                    done += end - start
                    laid.starts.append(start)
                    laid.ends.append(end)
                    laid.done.append(done)
                laid.days.append(day)
                laid.closings.append(end)
            day += ONE_DAY
        return laid
