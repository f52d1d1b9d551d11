"""Today at a glance: the day's numbers, the three colours, the trend, what happened last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import Response

from api.pages import happenings, standing
from api.pages.colours import counted
from api.pages.periods import ruling, turning
from api.pages.rendering import Look, View
from api.pages.trends import Trend, row
from domain.periods import Period
from projections import boards
from projections.standings import ranking

By = Literal["day", "week", "month"]

# How far back a trend goes, in days: enough to see a shape, few enough to read.
REACH: dict[By, int] = {"day": 29, "week": 25 * 7, "month": 365}
DRAWN = ("reported", "closed", "due", "reworks", "inspections")
RUNNING_LIGHTS = ("green", "yellow", "red")
NEWEST = 8
TOP, BOTTOM = 5, 3


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that leads to what it counts; ``tone`` colours it when it is not zero."""

    key: str
    number: int
    href: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Tiles:
    title: str
    tiles: Sequence[Tile]


def page(view: Look, by: By = "day") -> Response:
    services, zone = view.services, view.city.zone
    found = boards.overview(services.reader, zone, view.now)
    today = found.numbers.day
    # Records may be history alone; then the newest of them are shown beside today's zeros.
    anchor = min(found.last_day or today, today)
    quiet = anchor < today and not _busy(found.numbers)
    latest = boards.latest(services.reader, services.live.position(), NEWEST)
    return view.render(
        "overview.html",
        section="overview",
        empty=found.last_day is None,
        quiet=quiet,
        latest_day=anchor,
        tiles=_tiles(view, found, anchor if quiet else None),
        trend=_trend(view, by, anchor if quiet else today),
        case_lights=[(light, found.lights[light]) for light in RUNNING_LIGHTS],
        no_limit=found.lights["none"],
        colours=counted(view),
        latest=happenings.lines(latest),
        standing=_standing(view),
    )


def _busy(numbers: boards.DayNumbers) -> bool:
    return any((numbers.reported, numbers.closed, numbers.reworks, numbers.inspections))


def _tiles(view: View, found: boards.Overview, anchor: date | None) -> list[Tiles]:
    numbers = found.numbers
    now = [
        Tile("running", numbers.running, "/cases?status=running"),
        Tile("overdue", numbers.overdue, "/cases?status=with_unit&light=red", "red"),
    ]
    tiles = [Tiles(view.t("overview.today"), [*_counted(numbers, numbers.day, numbers.day), *now])]
    if anchor is not None:
        month = Period.on("month", anchor)
        (bucket,) = boards.trend(view.services.reader, view.city.zone, "month", anchor, anchor)
        title = view.t("overview.latest_period", period=month.label(view.t.language))
        last = month.end - timedelta(days=1)
        tiles.append(Tiles(title, _counted(bucket, month.first, last)))
    return tiles


def _counted(counted: boards.DayNumbers | boards.Bucket, first: date, last: date) -> list[Tile]:
    """What happened from one day to another, each number leading to its list."""

    def listed(page: str, **query: str) -> str:
        span = {"since": first.isoformat(), "until": last.isoformat()}
        return f"{page}?{urlencode({**query, **span})}"

    return [
        Tile("reported", counted.reported, listed("/cases")),
        Tile("due", counted.due, listed("/cases", dates="due")),
        Tile("closed", counted.closed, listed("/cases", dates="closed")),
        Tile("reworks", counted.reworks, "/cases?sort=reworks", "yellow"),
        Tile("inspections", counted.inspections, listed("/inspections")),
    ]


def _trend(view: View, by: By, last: date) -> Trend:
    first = last - timedelta(days=REACH[by])
    buckets = boards.trend(view.services.reader, view.city.zone, by, first, last)
    drawn = [name for name in DRAWN if any(getattr(bucket, name) for bucket in buckets)]
    return Trend(
        title=view.t("overview.trend"),
        span=f"{view.f.day(buckets[0].first)} – {view.f.day(last)}",
        by=by,
        choices=[(kind, view.t(f"overview.by_{kind}")) for kind in REACH],
        series=[view.t(f"overview.{name}") for name in drawn],
        rows=[
            row(view, Period.parse(bucket.period), [getattr(bucket, name) for name in drawn])
            for bucket in buckets
        ],
    )


def _standing(view: View) -> dict[str, Any]:
    """The ends of the last ranking: of its largest peer group."""
    period = turning(view, "")
    policy = ruling(view, period.period)
    ranked = ranking(view.services.reader, policy, period.period, now=view.now) if policy else None
    group = standing.group_named(standing.groups_of(ranked) if ranked else [], None)
    query = standing.query_of(period, "", group)
    best = standing.best_of(group)
    rest = max(0, len(group.rows) - TOP)
    bottom = group.rows[-min(BOTTOM, rest) :] if rest else ()
    return {
        "label": " · ".join(part for part in (period.label, view.t.of("kind", group.name)) if part),
        "href": f"/rankings?{urlencode(query)}",
        "top": standing.lines(group.rows[:TOP], best, **query),
        "bottom": standing.lines(bottom, best, **query),
        "between": max(0, rest - len(bottom)),
    }
