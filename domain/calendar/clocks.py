"""The four clocks: when a limit ends, how much of it is used, how it is extended and paused."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Self, assert_never
from zoneinfo import ZoneInfo

from domain.calendar.local_time import moment_at, wall_time
from domain.calendar.version import Calendar
from domain.calendar.working_time import ONE_DAY, WorkingTime
from domain.cases.events import ClockKind, Deadline, Limit
from domain.errors import Invalid

# Ten years on each clock: whatever is longer is a slip of the pen, not a limit.
LONGEST: Mapping[ClockKind, int] = {
    "urgent_hours": 87_840,
    "working_hours": 20_000,
    "working_days": 2_500,
    "natural_days": 3_660,
}
YEARS = range(1900, 2201)  # further away neither zones nor calendars mean anything


class Calendars:
    """All versions of a city's working calendar, and the clocks that run on them.

    Every moment goes in and comes out aware, comes out in UTC, and is exact to the microsecond.
    Each day is judged by the version in force on that day, so a limit may run from one version
    into the next. A day before the first version is judged by the first.

    - ``urgent_hours``: time itself, nights, weekends and holidays included.
    - ``working_hours``: only inside working spans.
    - ``working_days``: one is as much working time as a day has (``hours``: "2 days" given on
      Friday at 17:00 use one hour of Friday and end at 17:00 of the second working day after
      it; so nobody gains or loses by the hour at which a case is dispatched, and a part of a
      day has a meaning), or ends with the next working day (``day_end``: the day of dispatch is
      not counted, as civil law counts days). The version in force at the start says which.
    - ``natural_days``: the clock on the wall; "2 days" end at the same local time two days on,
      even when summer time begins or ends between.
    """

    def __init__(self, versions: Iterable[Calendar]) -> None:
        self._versions = sorted(versions, key=lambda v: v.effective_from or date.min)
        self._starts = [v.effective_from or date.min for v in self._versions]
        zones = {v.zone.key for v in self._versions}
        if len(zones) != 1 or len(set(self._starts)) != len(self._starts):
            raise Invalid(
                "calendar.versions_clash",
                "the versions of a calendar need one time zone and different effective dates",
            )
        self.zone = self._versions[0].zone
        self._working_time = WorkingTime(self.zone, self.on)

    @classmethod
    def plain(cls, time_zone: str) -> Self:
        """Office hours and weekends, no holiday lists: every answer about a day is assumed."""
        return cls([Calendar(version="plain", zone=ZoneInfo(time_zone))])

    def on(self, day: date) -> Calendar:
        """The version in force on a local day."""
        return self._versions[max(bisect_right(self._starts, day) - 1, 0)]

    def at(self, moment: datetime) -> Calendar:
        """The version in force at a moment."""
        return self.on(_utc(moment).astimezone(self.zone).date())

    def assumed(self, start: datetime, end: datetime, clock: ClockKind) -> bool:
        """Whether any day between the two was counted without knowing its holidays."""
        if clock not in ("working_hours", "working_days"):
            return False
        day = _utc(start).astimezone(self.zone).date()
        last = _utc(end).astimezone(self.zone).date()
        while day <= last:
            if self.on(day).is_assumed(day) or day < self._starts[0]:
                return True
            day += ONE_DAY
        return False

    def due(self, start: datetime, limit: Limit) -> Deadline:
        """When a limit that begins at ``start`` ends. Raises ``Invalid`` for an impossible one."""
        start = _utc(start)
        due_at = self._end(start, limit)
        length = self.elapsed(start, due_at, limit.clock)
        return Deadline(due_at, self.add(start, length - length / 5, limit.clock))

    def extend(self, deadline: Deadline, limit: Limit) -> Deadline:
        """One more ``limit`` from the deadline in force. The light turns yellow when a fifth of
        all that was ever given is left, however often the clock stood meanwhile."""
        due_at = self._end(_utc(deadline.due_at), limit)
        added = self.elapsed(deadline.due_at, due_at, limit.clock)
        fifth = self.elapsed(deadline.warn_at, deadline.due_at, limit.clock) + added / 5
        return Deadline(due_at, self.add(due_at, -fifth, limit.clock))

    def resume(
        self, deadline: Deadline, clock: ClockKind, suspended_at: datetime, resumed_at: datetime
    ) -> Deadline:
        """The deadline after a pause: what was left when the clock stopped is left when it runs
        again. A deadline that had passed before the pause stays as it was."""
        if resumed_at < suspended_at:
            raise Invalid("time.backwards", "a pause cannot end before it began")
        if deadline.due_at <= suspended_at or resumed_at == suspended_at:
            return deadline
        left = self.remaining(suspended_at, deadline.due_at, clock)
        due_at = self.add(resumed_at, left, clock)
        fifth = self.elapsed(deadline.warn_at, deadline.due_at, clock)
        return Deadline(due_at, self.add(due_at, -fifth, clock))

    def elapsed(self, start: datetime, end: datetime, clock: ClockKind) -> timedelta:
        """How far the clock ran between the two (negative if ``end`` is the earlier). Working
        time for both working clocks: divide by ``Calendar.day_length`` for working days."""
        match clock:
            case "urgent_hours":
                return _utc(end) - _utc(start)
            case "working_hours" | "working_days":
                return self._working_time.elapsed(_utc(start), _utc(end))
            case "natural_days":
                return wall_time(_utc(end), self.zone) - wall_time(_utc(start), self.zone)
            case _:
                assert_never(clock)

    def remaining(self, at: datetime, due_at: datetime, clock: ClockKind) -> timedelta:
        """What is left on the clock; negative once overdue."""
        return self.elapsed(at, due_at, clock)

    def add(self, start: datetime, length: timedelta, clock: ClockKind) -> datetime:
        """The moment when the clock has run ``length`` on from ``start`` (back, if negative).

        Undoes ``elapsed``: on a working clock it is the first such moment, so an end of work
        stays that evening and does not slip to the next morning.
        """
        start = _utc(start)
        if not length:
            return start
        match clock:
            case "urgent_hours":
                return start + length
            case "working_hours" | "working_days":
                return self._working_time.add(start, length)
            case "natural_days":
                return moment_at(wall_time(start, self.zone) + length, self.zone)
            case _:
                assert_never(clock)

    def _end(self, start: datetime, limit: Limit) -> datetime:
        if not 0 < limit.amount <= LONGEST[limit.clock]:
            raise Invalid(
                "limit.out_of_range",
                f"a limit of {limit.amount:g} {limit.clock} cannot be kept: give more than 0 "
                f"and at most {LONGEST[limit.clock]}",
            )
        match limit.clock:
            case "urgent_hours" | "working_hours":
                return self.add(start, timedelta(hours=limit.amount), limit.clock)
            case "natural_days":
                return self.add(start, timedelta(days=limit.amount), limit.clock)
            case "working_days":
                return self._end_of_days(start, limit.amount)
            case _:
                assert_never(limit.clock)

    def _end_of_days(self, start: datetime, amount: float) -> datetime:
        calendar = self.at(start)
        if calendar.working_day == "hours":
            return self._working_time.add(start, calendar.day_length * amount)
        if amount != int(amount):
            raise Invalid(
                "limit.not_whole",
                f"calendar {calendar.version} counts whole working days: give a whole number "
                f"instead of {amount:g}, or use working_hours",
            )
        return self._working_time.closing(start, int(amount))


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise Invalid("time.no_zone", f"the time {moment} needs a time zone, such as +08:00")
    if moment.year not in YEARS:
        raise Invalid("time.out_of_range", f"{moment} is outside the years 1900 to 2200")
    return moment.astimezone(UTC)
