"""All about one thing: a unit, an inspection, a penalty, with what belongs to it.

unit_dossier(reader, "u1")                        the unit, where it stands, cases, visits
points_over_time(reader, policy, unit, last, 12)  what each of 12 periods up to ``last`` brought
places_over_time(reader, policy, unit, last, 12)  and which place the unit had in each
inspection_dossier(reader, "i1")                  a visit with the cases it found
names(reader, ["u1", "u2"])                       what to call units
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import get_args

from domain.errors import NotFound
from domain.moments import LAST_MOMENT
from domain.periods import Period
from domain.policies.model import Board, ScoringPolicy
from domain.rankings.events import RankedUnit
from projections.case_list import CaseCounts, CaseFilter, CaseLine, counts, page
from projections.explanations import boards_of
from projections.reading import Reader
from projections.standings import ranking
from projections.sums import By, sums

NODES: Mapping[str, By] = {kind: kind for kind in get_args(By)}
MOST_CHILDREN = 500
MOST_CASES = 500


@dataclass(frozen=True, slots=True)
class UnitName:
    unit_id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """A unit as it stands; ``parent`` is above it in the territory, ``line`` in its line."""

    unit_id: str
    code: str
    name: str
    kind: str
    parent: str
    peer_group: str
    line: str
    address: str
    latitude: float | None
    longitude: float | None
    timezone: str
    language: str
    retired: bool
    registered_at: datetime
    recorded_at: datetime
    version: int
    position: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """``policies`` are the digests of the rules it is judged by."""

    inspection_id: str
    unit: str
    source: str
    result: str
    score: Decimal | None
    occurred_at: datetime
    colour: str
    district: str
    grid: str
    findings: int
    note: str
    corrections: int
    policies: list[str]
    recorded_at: datetime
    version: int
    position: int


@dataclass(frozen=True, slots=True)
class Penalty:
    penalty_id: str
    unit: str
    kind: str
    status: str
    amount: Decimal | None
    currency: str
    opened_at: datetime
    decided_at: datetime | None
    decision: str
    ended_at: datetime | None
    grounds: str
    note: str
    inspection_id: str
    case_id: str
    recorded_at: datetime
    version: int
    position: int


@dataclass(frozen=True, slots=True)
class UnitDossier:
    """``above`` begins with the nearest node. ``cases`` counts those of the unit and of all under
    it; inspections and penalties are its own, the newest first."""

    unit: UnitSheet
    above: tuple[UnitName, ...]
    children: tuple[UnitName, ...]
    cases: CaseCounts
    inspections: tuple[Inspection, ...]
    penalties: tuple[Penalty, ...]


@dataclass(frozen=True, slots=True)
class InspectionDossier:
    """``cases`` are those that the visit found."""

    inspection: Inspection
    unit: UnitSheet
    cases: tuple[CaseLine, ...]
    penalties: tuple[Penalty, ...]


@dataclass(frozen=True, slots=True)
class PeriodPoints:
    period: str
    points: Decimal
    entries: int


@dataclass(frozen=True, slots=True)
class PeriodPlace:
    """``place`` among ``of`` ranked units; ``None``: not ranked in that period."""

    period: str
    place: int | None
    of: int
    points: Decimal | None


def unit_sheet(reader: Reader, unit_id: str) -> UnitSheet:
    """Raises ``NotFound`` (``unit.unknown``)."""
    for row in reader.rows("dossiers.unit", {"unit": unit_id}):
        return UnitSheet(**row)
    raise NotFound("unit.unknown", f"there is no unit {unit_id}")


def unit_dossier(reader: Reader, unit_id: str, latest: int = 20) -> UnitDossier:
    unit = unit_sheet(reader, unit_id)
    above = reader.rows("dossiers.above", {"unit": unit_id})
    children = reader.rows("dossiers.children", {"unit": unit_id, "limit": MOST_CHILDREN})
    visits = reader.rows("dossiers.inspections", {"unit": unit_id, "limit": latest})
    return UnitDossier(
        unit=unit,
        above=tuple(UnitName(**row) for row in above),
        children=tuple(UnitName(**row) for row in children),
        cases=counts(reader, CaseFilter(unit=unit_id)),
        inspections=tuple(Inspection(**row) for row in visits),
        penalties=penalties(reader, unit=unit_id, limit=latest),
    )


def inspection_dossier(reader: Reader, inspection_id: str) -> InspectionDossier:
    """Raises ``NotFound`` (``inspection.unknown``)."""
    for row in reader.rows("dossiers.inspection", {"inspection_id": inspection_id}):
        found = CaseFilter(inspection_id=inspection_id)
        return InspectionDossier(
            inspection=Inspection(**row),
            unit=unit_sheet(reader, row["unit"]),
            cases=page(reader, found, descending=False, limit=MOST_CASES).rows,
            penalties=penalties(reader, inspection_id=inspection_id),
        )
    raise NotFound("inspection.unknown", f"there is no inspection {inspection_id}")


def penalty(reader: Reader, penalty_id: str) -> Penalty:
    """Raises ``NotFound`` (``penalty.unknown``)."""
    for row in reader.rows("dossiers.penalty", {"penalty_id": penalty_id}):
        return Penalty(**row)
    raise NotFound("penalty.unknown", f"there is no penalty {penalty_id}")


def penalties(
    reader: Reader,
    unit: str = "",
    inspection_id: str = "",
    case_id: str = "",
    status: str = "",
    before: tuple[datetime, str] = (LAST_MOMENT, ""),
    limit: int = 100,
) -> tuple[Penalty, ...]:
    """Newest first; ``before`` is the (opened_at, penalty_id) after which a page goes on."""
    asked = {"unit": unit, "inspection_id": inspection_id, "case_id": case_id, "status": status}
    rows = reader.rows(
        "dossiers.penalties",
        asked | {"before": before[0], "before_id": before[1], "limit": limit},
    )
    return tuple(Penalty(**row) for row in rows)


def points_over_time(
    reader: Reader, policy: Board, unit: str, last: Period, count: int, under: bool = False
) -> tuple[PeriodPoints, ...]:
    """The sum of the unit's entries in each period, the oldest first."""
    periods = back_from(last, count)
    asked = {"first": periods[0].first, "end": last.end, "under": under}
    sums = {period: (Decimal(0), 0) for period in periods}
    for row in reader.rows("dossiers.points", asked | {"unit": unit, "boards": boards_of(policy)}):
        period = Period.on(last.kind, row["day"])
        points, entries = sums[period]
        sums[period] = points + row["points"], entries + row["entries"]
    return tuple(PeriodPoints(str(p), points, n) for p, (points, n) in sums.items())


def places_over_time(
    reader: Reader,
    policy: Board,
    unit: UnitSheet,
    last: Period,
    count: int,
    now: datetime | None = None,
) -> tuple[PeriodPlace, ...]:
    """The unit's place in each period, the oldest first: among its peers if the policy ranks its
    kind, else among the nodes of its kind."""
    kinds = policy.peer_groups.kinds
    by = "peers" if kinds is None or unit.kind in kinds else NODES.get(unit.kind, "peers")
    periods = back_from(last, count)
    if not isinstance(policy, ScoringPolicy):
        return tuple(_place_on(reader, policy, unit.unit_id, period, now) for period in periods)
    told: dict[Period, PeriodPlace] = {}
    for period in periods[::-2]:  # each question answers for two periods
        found = sums(reader, policy, period, by)
        told[period] = _place_of(unit.unit_id, period, found.placed(policy))
        earlier = period.previous()
        told[earlier] = _place_of(unit.unit_id, earlier, found.before(policy))
    return tuple(told[period] for period in periods)


def _place_on(
    reader: Reader, board: Board, unit_id: str, period: Period, now: datetime | None
) -> PeriodPlace:
    placed: dict[str, list[RankedUnit]] = {}
    for row in ranking(reader, board, period, now=now).rows:
        ranked = RankedUnit(row.unit, row.place, row.points, row.entries, row.veto)
        placed.setdefault(row.peer_group, []).append(ranked)
    return _place_of(unit_id, period, placed)


def _place_of(
    unit_id: str, period: Period, placed: Mapping[str, Sequence[RankedUnit]]
) -> PeriodPlace:
    for rows in placed.values():
        for row in rows:
            if row.unit == unit_id:
                return PeriodPlace(str(period), row.place, len(rows), row.points)
    return PeriodPlace(str(period), None, 0, None)


def back_from(last: Period, count: int) -> list[Period]:
    periods = [last]
    while len(periods) < count:
        periods.append(periods[-1].previous())
    return periods[::-1]


def names(reader: Reader, units: Iterable[str]) -> Mapping[str, UnitName]:
    wanted = sorted({unit for unit in units if unit})
    rows = reader.rows("dossiers.names", {"units": wanted}) if wanted else []
    return {row["unit_id"]: UnitName(**row) for row in rows}
