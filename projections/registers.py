"""What is on record: the inspections, and the policies that were adopted.

inspections(reader, InspectionFilter(unit="d1"))    newest first, with all units under d1
count_inspections(reader, filter)                   how many those are
policies(reader)                                    every version that was adopted
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from domain.moments import FIRST_MOMENT, LAST_MOMENT
from projections.reading import Reader


@dataclass(frozen=True, slots=True)
class InspectionFilter:
    """Empty means any. ``unit`` includes all units under it; from (included) to (excluded)."""

    unit: str = ""
    source: str = ""
    result: str = ""
    colour: str = ""
    start: datetime = FIRST_MOMENT
    end: datetime = LAST_MOMENT


@dataclass(frozen=True, slots=True)
class InspectionLine:
    inspection_id: str
    unit: str
    unit_name: str
    source: str
    result: str
    score: Decimal | None
    occurred_at: datetime
    colour: str
    district: str
    findings: int
    corrections: int
    version: int
    position: int


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """``policy`` names this version: ``id@version#digest``."""

    policy: str
    policy_id: str
    revision: int
    kind: str
    digest: str
    effective_from: datetime
    title: str
    title_en: str
    timezone: str
    base: Decimal | None
    floor: Decimal | None
    ceiling: Decimal | None
    decimals: int | None
    rounding: str
    ties: str
    eligibility: str
    peers_by: str
    kinds: list[str]
    order: str
    issued_by: str
    document: str
    source: str
    adopted_by: str
    adopted_at: datetime
    recorded_at: datetime
    position: int


def inspections(
    reader: Reader,
    wanted: InspectionFilter,
    before: tuple[datetime, str] = (LAST_MOMENT, ""),
    limit: int = 100,
) -> tuple[InspectionLine, ...]:
    """Newest first; ``before`` is the (occurred_at, inspection_id) after which a page goes on."""
    rows = reader.rows(
        "registers.inspections",
        {
            "unit": wanted.unit,
            "source": wanted.source,
            "result": wanted.result,
            "colour": wanted.colour,
            "start": wanted.start,
            "end": wanted.end,
            "before": before[0],
            "before_id": before[1],
            "limit": limit,
        },
    )
    return tuple(InspectionLine(**row) for row in rows)


def count_inspections(reader: Reader, wanted: InspectionFilter) -> int:
    (row,) = reader.rows("registers.inspections_counted", asdict(wanted))
    found: int = row["inspections"]
    return found


def policies(reader: Reader) -> tuple[PolicyVersion, ...]:
    return tuple(PolicyVersion(**row) for row in reader.rows("registers.policies"))
