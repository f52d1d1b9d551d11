"""Indicators: counts of the cases of a period, the rates made of them, and the cases behind each.

counts(reader, policy, period, now, by="district")   every count, by what the cases have in common
table(reader, policy, period, now, by="source")      the same with the policy's rates
unit_counts(reader, policy, period, now)             a unit's own cases and those of all under it
drill(reader, policy, period, now, "closed", pick)   the cases behind one number
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain.cases.events import CaseReported
from domain.indicators.counting import belongs, counts_of, part_of
from domain.indicators.rates import RateResult, rate_of
from domain.messages import Envelope, Metadata
from domain.moments import LAST_MOMENT
from domain.periods import Period
from domain.policies.measures import COUNTS, Count, IndicatorPolicy
from domain.registry import Registry
from projections.cases import CASES, CaseRow
from projections.reading import Reader
from projections.sums import NO_POSITION

Dimension = Literal["total", "unit", "district", "source", "category", "part"]


@dataclass(frozen=True, slots=True)
class Pick:
    """Which cases: of these units (none named: of all), source, category, district, part."""

    units: tuple[str, ...] = ()
    source: str = ""
    category: str = ""
    district: str = ""
    part: Literal["", "component", "event"] = ""


EVERYTHING = Pick()


@dataclass(frozen=True, slots=True)
class Counted:
    """``counts`` has every count; ``position`` is that of the newest event of these cases."""

    name: str
    counts: Mapping[Count, int]
    position: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: counts and rates of the cases that have ``name`` in common."""

    name: str
    counts: Mapping[Count, int]
    rates: tuple[RateResult, ...]


@dataclass(slots=True)
class _Sum:
    counts: dict[Count, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    position: int = 0

    def add(self, counts: Mapping[Count, int], position: int) -> None:
        for count, times in counts.items():
            self.counts[count] += times
        self.position = max(self.position, position)


def table(
    reader: Reader,
    policy: IndicatorPolicy,
    period: Period,
    now: datetime | None = None,
    by: Dimension = "unit",
    pick: Pick = EVERYTHING,
) -> list[Line]:
    return [
        Line(each.name, each.counts, rates_of(policy, each.counts))
        for each in counts(reader, policy, period, now, by, pick)
    ]


def rates_of(policy: IndicatorPolicy, counted: Mapping[Count, int]) -> tuple[RateResult, ...]:
    return tuple(rate_of(policy, rate.id, counted) for rate in policy.rates)


def counts(
    reader: Reader,
    policy: IndicatorPolicy,
    period: Period,
    now: datetime | None = None,
    by: Dimension = "unit",
    pick: Pick = EVERYTHING,
    as_of: datetime | None = None,
    up_to: int | None = None,
    so: datetime | None = None,
) -> list[Counted]:
    """By name. What is counted is what had happened by the end of the period, or by ``now`` while
    it runs (``None``: it is over), as the cases stand; with ``as_of`` or ``up_to``: as they stood
    by what had been recorded then, with ``so``: by what had happened. What no case has in common
    has no line."""
    asked = _asked(policy, period, now, pick, as_of, up_to, so)
    sums: dict[str, _Sum] = {}
    for row in reader.rows("indicators.counts", asked | {"by": by}):
        known = dict(zip(COUNTS, row["counts"], strict=True))
        sums.setdefault(row["name"], _Sum()).add(known, row["position"])
    if as_of is not None or up_to is not None or so is not None:
        for case in _as_they_stood(reader, policy, asked):
            name = _name(case, by, policy)
            sums.setdefault(name, _Sum()).add(counts_of(case, asked["at"]), case.position)
    return [Counted(name, found.counts, found.position) for name, found in sorted(sums.items())]


def unit_counts(
    reader: Reader,
    policy: IndicatorPolicy,
    period: Period,
    now: datetime | None = None,
    as_of: datetime | None = None,
    up_to: int | None = None,
    so: datetime | None = None,
) -> dict[str, Counted]:
    """By unit: the cases it leads and those of all units that hang under it now, in the territory
    or in its line."""
    above = {row["unit_id"]: (row["parent"], row["line"]) for row in reader.rows("indicators.tree")}
    sums: dict[str, _Sum] = {}
    for own in counts(reader, policy, period, now, "unit", EVERYTHING, as_of, up_to, so):
        for unit in _with_all_above(own.name, above):
            sums.setdefault(unit, _Sum()).add(own.counts, own.position)
    return {unit: Counted(unit, found.counts, found.position) for unit, found in sums.items()}


def units_under(reader: Reader, unit: str) -> tuple[str, ...]:
    """A unit and all that hang under it, for a ``Pick`` that drills into its numbers."""
    above = {row["unit_id"]: (row["parent"], row["line"]) for row in reader.rows("indicators.tree")}
    return tuple(sorted(each for each in above if unit in _with_all_above(each, above)))


def drill(
    reader: Reader,
    policy: IndicatorPolicy,
    period: Period,
    now: datetime | None,
    count: Count,
    pick: Pick = EVERYTHING,
    limit: int = 100,
    offset: int = 0,
) -> list[tuple[str, int]]:
    """The cases behind one number by the time of their report, and how often each counts: their
    sum is the number."""
    asked = _asked(policy, period, now, pick, None, None)
    asked |= {"count": COUNTS.index(count) + 1, "limit": limit, "offset": offset}
    return [(row["case_id"], row["times"]) for row in reader.rows("indicators.drill", asked)]


def _asked(
    policy: IndicatorPolicy,
    period: Period,
    now: datetime | None,
    pick: Pick,
    as_of: datetime | None,
    up_to: int | None,
    so: datetime | None = None,
) -> dict[str, Any]:
    start, end = period.bounds(ZoneInfo(policy.timezone))
    return {
        "cohort": policy.cohort,
        "start": start,
        "end": end,
        "at": min(moment for moment in (end, now, so or as_of) if moment is not None),
        "as_of": as_of or LAST_MOMENT,
        "so": so or LAST_MOMENT,
        "up_to": NO_POSITION if up_to is None else up_to,
        "components": list(policy.components or ()),
        "units": list(pick.units),
        "source": pick.source,
        "category": pick.category,
        "district": pick.district,
        "part": pick.part,
    }


def _as_they_stood(
    reader: Reader, policy: IndicatorPolicy, asked: Mapping[str, Any]
) -> Iterator[CaseRow]:
    """The cases of the cohort to which more has happened since: folded again as far as known."""
    names = ("as_of", "up_to", "so", "end")
    rows = reader.rows("indicators.later", {name: asked[name] for name in names})
    for case in _folded(rows):
        chosen = (
            (not asked["units"] or case.unit in asked["units"])
            and asked["source"] in ("", case.source)
            and asked["category"] in ("", case.category)
            and asked["district"] in ("", case.district)
            and asked["part"] in ("", part_of(case.category, asked["components"]))
        )
        if chosen and belongs(case, policy.cohort, asked["start"], asked["end"]):
            yield case


def _folded(rows: Sequence[Mapping[str, Any]]) -> Iterable[CaseRow]:
    registry, cases = Registry(), dict[str, CaseRow]()
    for row in rows:
        envelope = Envelope(
            position=row["position"],
            stream_id=row["stream_id"],
            version=row["version"],
            recorded_at=row["recorded_at"],
            metadata=Metadata(actor="", occurred_at=row["occurred_at"]),
            event=registry.decode(f"{row['name']}/{row['event_version']}", row["payload"].encode()),
        )
        known = cases.get(envelope.stream_id)
        if known is not None or isinstance(envelope.event, CaseReported):
            cases[envelope.stream_id] = CASES.fold(known, envelope)
    return cases.values()


def _name(case: CaseRow, by: Dimension, policy: IndicatorPolicy) -> str:
    match by:
        case "total":
            return ""
        case "part":
            return part_of(case.category, policy.components or ())
        case "unit" | "district" | "source" | "category":
            return str(getattr(case, by))


def _with_all_above(unit: str, above: Mapping[str, tuple[str, str]]) -> set[str]:
    found, waiting = set[str](), [unit]
    while waiting:
        each = waiting.pop()
        if each and each not in found:
            found.add(each)
            waiting += above.get(each, ())
    return found
