"""The overview board: a day's numbers, the three colours, the trend, what happened last.

overview(reader, zone, now)                       today, in the city's zone
overview(reader, zone, now, day=date(2012, 6, 1)) another day
trend(reader, zone, "week", first, last)          every week from the one to the other
latest(reader, position, 20)                      the newest events in the tables
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.periods import Period, PeriodKind
from projections.reading import Reader

LIGHTS = ("green", "yellow", "red", "none")
COLOURS = ("green", "yellow", "red")
MOST_BUCKETS = 1_000
NEAR = 10_000  # positions


@dataclass(frozen=True, slots=True)
class DayNumbers:
    """``due``: deadlines that end that day. ``overdue`` and ``running`` are as of now: past their
    deadline without an answer, and neither closed nor rejected."""

    day: date
    reported: int
    filed: int
    due: int
    overdue: int
    closed: int
    reworks: int
    inspections: int
    running: int


@dataclass(frozen=True, slots=True)
class Overview:
    """``lights`` counts running cases; ``colours`` counts units by their last inspection;
    ``first_day`` and ``last_day`` span what is on record (``None``: nothing is)."""

    numbers: DayNumbers
    lights: Mapping[str, int]
    colours: Mapping[str, int]
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """What happened in one period of a trend."""

    period: str
    first: date
    reported: int = 0
    filed: int = 0
    due: int = 0
    closed: int = 0
    reworks: int = 0
    inspections: int = 0


@dataclass(frozen=True, slots=True)
class Happening:
    """An event in the words of the tables; ``unit`` is the one it is about, if any."""

    position: int
    name: str
    stream: str
    version: int
    actor: str
    unit: str
    unit_name: str
    district: str
    occurred_at: datetime
    recorded_at: datetime


COUNTED = tuple(field.name for field in fields(Bucket))[2:]


def overview(reader: Reader, zone: ZoneInfo, now: datetime, day: date | None = None) -> Overview:
    """The numbers of a day (today) in the city's zone, and how everything stands now."""
    today = Period.on("day", day or now.astimezone(zone).date())
    start, end = today.bounds(zone)
    (numbers,) = reader.rows("boards.numbers", {"start": start, "end": end, "now": now})
    (steps,) = reader.rows("boards.steps", {"start": start, "end": end})
    (span,) = reader.rows("boards.span")
    first, last = (
        (span["first"].astimezone(zone).date(), span["last"].astimezone(zone).date())
        if span["found"]
        else (None, None)
    )
    return Overview(
        numbers=DayNumbers(day=today.first, **numbers, **steps),
        lights=lights(reader),
        colours=colours(reader),
        first_day=first,
        last_day=last,
    )


def lights(reader: Reader) -> Mapping[str, int]:
    """Running cases by their light."""
    found = {row["light"]: row["cases"] for row in reader.rows("boards.lights")}
    return {light: found.get(light, 0) for light in LIGHTS}


def colours(reader: Reader) -> Mapping[str, int]:
    """Units by the colour of their last inspection."""
    found = {row["colour"]: row["units"] for row in reader.rows("boards.colours")}
    return {colour: found.get(colour, 0) for colour in COLOURS}


def trend(
    reader: Reader, zone: ZoneInfo, by: PeriodKind, first: date, last: date
) -> tuple[Bucket, ...]:
    """Every period of the kind from the one that holds ``first`` to the one that holds ``last``,
    also those in which nothing happened. Raises ``Invalid`` (``trend.span``)."""
    periods = periods_between(by, first, last)
    start, end = periods[0].bounds(zone)[0], periods[-1].bounds(zone)[1]
    sums = {period: dict.fromkeys(COUNTED, 0) for period in periods}
    for row in reader.rows("boards.days", {"start": start, "end": end, "zone": zone.key}):
        bucket = sums[Period.on(by, row["day"])]
        for name in COUNTED:
            bucket[name] += row[name]
    return tuple(Bucket(str(period), period.first, **counted) for period, counted in sums.items())


def periods_between(by: PeriodKind, first: date, last: date) -> list[Period]:
    if not 0 <= (last - first).days <= 366 * 100 or not 1970 < first.year <= last.year < 2200:
        raise Invalid("trend.span", "a trend runs from a day to a later one, between 1971 and 2199")
    periods = [Period.on(by, first)]
    while periods[-1].end <= last:
        if len(periods) == MOST_BUCKETS:
            raise Invalid("trend.span", f"more than {MOST_BUCKETS} {by}s: take longer periods")
        periods.append(periods[-1].next())
    return periods


def latest(reader: Reader, position: int, limit: int) -> tuple[Happening, ...]:
    """The newest ``limit`` events up to ``position``, which is how far the tables are; those that
    say who has read something are no news. Looked for among the last ones first, which is quick.
    """
    rows: Sequence[Mapping[str, Any]] = ()
    for last in (limit, NEAR, position):
        rows = reader.rows("boards.latest", {"after": max(0, position - last), "limit": limit})
        if len(rows) == limit:
            break
    return tuple(Happening(**row) for row in rows)
