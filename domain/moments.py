"""Moments that people ask about: how one is written, and when nothing can be said about it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendar.local_time import moment_at, offset
from domain.errors import Invalid
from domain.messages import Envelope
from domain.ports import EventLog

# As far as the read tables reach.
YEARS = range(1970, 2200)
FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(2299, 12, 31, tzinfo=UTC)
EXAMPLES = "write 2012-06-01 or 2012-06-01T12:00:00+08:00"
_NAMED_ZONE = re.compile(r"^(?P<time>[\d:T.\- ]+?) ?(\[?[A-Za-z]{2,}[\w/+\-]*\]?)$")
_LOST_PLUS = re.compile(r" \d\d:\d\d$")
_AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Then:
    """The moment the past is asked about. ``as_of``: what had been recorded by then was known;
    ``at``: what had happened by then was so; ``up_to``: the place in the log instead of a time of
    recording. What is ``None`` leaves nothing out. A score entry counts ``at`` its own moment, to
    whom all that is on record gives it: a deadline that passed before somebody was found to be
    responsible is theirs from that deadline on."""

    as_of: datetime | None = None
    at: datetime | None = None
    up_to: int | None = None

    def knows(self, envelope: Envelope) -> bool:
        return (self.as_of is None or envelope.recorded_at <= self.as_of) and (
            self.up_to is None or envelope.position <= self.up_to
        )

    def business(self, now: datetime) -> datetime:
        """The moment whose rules and running periods are asked for."""
        return self.at or self.as_of or now


NOW = Then()


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """A moment as people write it, in UTC: ISO 8601; without an offset it is the city's time, and
    a date alone means the end of that day. Raises ``Invalid`` (``time.unreadable``,
    ``time.zone_unknown``, ``time.ambiguous``, ``time.skipped``, ``time.out_of_range``)."""
    found = _end_of_day(text, zone) or _moment(text, zone)
    try:
        moment = found.astimezone(UTC)
    except OverflowError:
        moment = datetime(1, 1, 1, tzinfo=UTC)
    if moment.year not in YEARS:
        raise Invalid(
            "time.out_of_range", f"{text[:40]!r} is out of reach: a time lies in 1970 to 2199"
        )
    return moment


def foreign(text: str, moment: datetime, zone: ZoneInfo) -> str:
    """What to tell somebody who wrote a moment in another zone's time, "" for the city's own."""
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        return ""
    local = moment.astimezone(zone)
    if written.tzinfo is None or offset(written) == offset(local):
        return ""
    return f"{text} is {local.isoformat()} in this city ({zone.key})"


def check_then(then: Then, log: EventLog, now: datetime, zone: ZoneInfo) -> None:
    """Raises ``Invalid`` (``as_of.future``, ``at.future``, ``as_of.before_first``) where there is
    nothing to tell."""
    if then.as_of is not None:
        _check_recorded(then.as_of, log, now, zone)
    if then.at is not None and then.at > now:
        raise Invalid(
            "at.future",
            f"{_local(then.at, zone)} has not come yet: it is {_local(now, zone)}; ask about a "
            "moment up to now",
        )


def _check_recorded(as_of: datetime, log: EventLog, now: datetime, zone: ZoneInfo) -> None:
    if as_of > now:
        # After a clock has gone back, events are recorded ahead of it for a while.
        last = log.read(log.last_position() - 1, 1) if log.last_position() else []
        if not last or as_of > last[0].recorded_at:
            raise Invalid(
                "as_of.future",
                f"what will be known at {_local(as_of, zone)} nobody knows yet: it is "
                f"{_local(now, zone)}; ask about a moment up to now",
            )
    first = log.read(0, 1)
    if first and as_of < first[0].recorded_at:
        raise Invalid(
            "as_of.before_first",
            f"at {_local(as_of, zone)} nothing was known yet: the first event of this log was "
            f"recorded at {_local(first[0].recorded_at, zone)}; what happened earlier is asked "
            "for by at, not by as_of",
        )


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat()


def _end_of_day(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return moment_at(datetime.combine(day + timedelta(days=1), time()), zone) - _AN_INSTANT


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _unreadable(text) from None
    return found if found.tzinfo else _in_the_city(text, found, zone)


def _unreadable(text: str) -> Invalid:
    if _LOST_PLUS.search(text):
        return Invalid(
            "time.unreadable", f"{text[:40]!r} has lost its plus: in an address write + as %2B"
        )
    named = _NAMED_ZONE.match(text)
    if named and named["time"].strip():
        return Invalid(
            "time.zone_unknown",
            f"{text[:40]!r} names a time zone: write its offset instead, such as +08:00, or leave "
            "it out for the city's time",
        )
    return Invalid("time.unreadable", f"{text[:40]!r} is no time: {EXAMPLES}")


def _in_the_city(text: str, wall: datetime, zone: ZoneInfo) -> datetime:
    first, second = wall.replace(tzinfo=zone), wall.replace(tzinfo=zone, fold=1)
    if offset(first) == offset(second):
        return first
    try:
        shown = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return first
    if shown != wall:
        raise Invalid(
            "time.skipped",
            f"{text} did not exist in {zone.key}: the clock was put forward over it; add the "
            "offset that is meant",
        )
    choice = f"{_offset_of(first)} or {_offset_of(second)}"
    raise Invalid(
        "time.ambiguous", f"{text} came twice in {zone.key}: say which by adding {choice}"
    )


def _offset_of(local: datetime) -> str:
    return local.isoformat()[-6:]
