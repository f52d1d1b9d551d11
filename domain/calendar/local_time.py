"""Local time of a city as a clock that never goes back, whatever summer time does."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def wall_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows (naive). Through the hour that an autumn change repeats
    it stands at that hour's end, so that a later moment never shows an earlier time."""
    local = moment.astimezone(zone)
    if not local.fold:
        return local.replace(tzinfo=None)
    repeated = offset(local.replace(fold=0)) - offset(local)
    change = _change(moment - repeated, moment, zone)
    return change.replace(tzinfo=None) + offset(local) + repeated


def moment_at(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment (UTC) when the clock on the wall shows ``wall``: the first one if that hour is
    repeated, the moment of the change if a spring change skips it."""
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    return _change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment, zone)


def offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """When, between these two, the city's offset from UTC changed (zones change at whole
    seconds)."""
    first = before.astimezone(UTC).replace(microsecond=0)
    old = offset(first.astimezone(zone))
    seconds = bisect_left(
        range(int((after - first).total_seconds())),
        True,
        key=lambda second: offset((first + timedelta(seconds=second)).astimezone(zone)) != old,
    )
    return first + timedelta(seconds=seconds)
