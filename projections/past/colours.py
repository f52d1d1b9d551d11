"""The colour of a unit at any moment: by the rules, slips, visits and points of that moment."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from domain.consequences.colours import Colour, OpenSlip, Visit, colour_of
from domain.errors import NotFound
from domain.moments import LAST_MOMENT, Then
from domain.periods import Period
from domain.policies.book import PolicyBook
from domain.policies.supervision import SupervisionPolicy
from domain.ports import EventStore
from projections.histories import state
from projections.inspections import INSPECTIONS
from projections.past.policies import book_then
from projections.reading import Reader
from projections.slips import SLIPS
from projections.standings import policy_for, ranking
from projections.sums import NO_POSITION
from projections.unit_colours import supervision

OPEN = ("issued", "served", "answered", "failed")
AT_ONCE = 50  # visits looked at together, until one counts


@dataclass(frozen=True, slots=True)
class Sources:
    """What the past is read from; ``zone`` and ``now`` are the city's."""

    store: EventStore
    reader: Reader
    zone: ZoneInfo
    now: datetime


def colour_then(sources: Sources, unit: str, then: Then) -> Colour | None:
    """``None``: no supervision policy was in force, as far as was known."""
    book = book_then(sources.store, then)
    policy = supervision(book, then.business(sources.now))
    if policy is None:
        return None
    match policy.unit_colour.by:
        case "open_slips":
            return colour_of(policy, unit, slips=_open_slips(sources, unit, then))
        case "latest_inspection":
            return colour_of(policy, unit, visit=_last_visit(sources, unit, then))
    return colour_of(policy, unit, points=_points(sources, policy, book, unit, then))


def _open_slips(sources: Sources, unit: str, then: Then) -> list[OpenSlip]:
    streams = [row["stream_id"] for row in _recorded(sources, unit, "slip", then)]
    found = []
    for events in sources.store.load_all(streams).values():
        row = state(events, SLIPS, then)
        if row is not None and row.status in OPEN:
            slip = OpenSlip(row.slip_id, row.ladder, row.colour, row.number, row.position)
            found.append(slip)
    return sorted(found, key=lambda slip: slip.position)


def _last_visit(sources: Sources, unit: str, then: Then) -> Visit | None:
    """The latest by when it happened; of several at one moment the one last recorded."""
    rows = _recorded(sources, unit, "inspection", then)
    latest = [row["stream_id"] for row in rows if row["occurred_at"] == rows[0]["occurred_at"]]
    found: list[Any] = []
    for start in range(0, len(latest), AT_ONCE):
        streams = sources.store.load_all(latest[start : start + AT_ONCE])
        found += [state(events, INSPECTIONS, then) for events in streams.values()]
    visits = [row for row in found if row is not None]
    if not visits:
        return None
    last = max(visits, key=lambda row: row.position)
    return Visit(last.inspection_id, last.colour, last.position)


def _points(
    sources: Sources, policy: SupervisionPolicy, book: PolicyBook, unit: str, then: Then
) -> Decimal | None:
    rule, moment = policy.unit_colour, then.business(sources.now)
    if rule.period is None:
        return None
    period = Period.of(rule.period, moment, sources.zone)
    try:
        board = policy_for(book, period, sources.zone, moment, rule.board or "")
    except NotFound:
        return None
    rows = ranking(
        sources.reader, board, period, as_of=then.as_of, up_to=then.up_to, book=book, now=moment,
        at=then.at,
    ).rows  # fmt: skip
    return next((row.points for row in rows if row.unit == unit), None)


def _recorded(sources: Sources, unit: str, kind: str, then: Then) -> list[dict[str, Any]]:
    asked = {
        "unit": unit,
        "kind": kind,
        "as_of": then.as_of or LAST_MOMENT,
        "at": then.at or LAST_MOMENT,
        "up_to": NO_POSITION if then.up_to is None else then.up_to,
    }
    return sources.reader.rows("involvements.recorded", asked)
