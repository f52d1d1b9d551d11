"""Reads what a form sends: empty fields mean nothing, days and moments are the city's."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from domain.calendar.local_time import moment_at
from domain.errors import Invalid
from domain.periods import ONE_DAY

# As far as the read tables reach.
YEARS = range(1971, 2200)
BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)


def day_in(text: str) -> date | None:
    """Raises ``Invalid`` (``day.unreadable``)."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise Invalid("day.unreadable", f"{text[:40]!r} is not a day: write one like 2026-04-12")
    return day


def span_in(since: str, until: str, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """From the beginning of the one day to the end of the other."""
    first, last = day_in(since), day_in(until)
    return (
        moment_at(datetime.combine(first, time()), zone) if first else None,
        moment_at(datetime.combine(last + ONE_DAY, time()), zone) if last else None,
    )


def moment_in(text: str, zone: ZoneInfo) -> datetime | None:
    """A time without a zone is the city's. Raises ``Invalid`` (``time.unreadable``)."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment_at(moment, zone)
    except (ValueError, OverflowError):
        moment = BEFORE_ALL
    if moment.year not in YEARS:
        raise Invalid(
            "time.unreadable", f"{text[:40]!r} is not a time: write one like 2026-04-12T09:30"
        )
    return moment


def whole_in(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else default
