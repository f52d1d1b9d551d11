"""Lists of what the office decides on: slips, money, list entries, accountability, appeals.

page(reader, SLIPS, Wanted(statuses=("served",)))     the newest first
counts(reader, SLIPS, Wanted(unit="east"))            how many of each status
ledger(reader, "2026-03"), balances(reader)           lines of the ledger, and what they add up to
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from domain.moments import FIRST_MOMENT, LAST_MOMENT
from projections import accountability, appeals, listings, money, readings, slips
from projections.projection import Snapshot
from projections.reading import Reader
from projections.sums import NO_POSITION


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing in a register. ``begun`` is when one came up, ``which`` the column that
    tells them apart at first sight (a colour, a direction, a list, an action), ``about`` names
    what it is about: a case, a ranking; ``period`` the period it belongs to."""

    snapshot: Snapshot[Any]
    begun: str
    which: str
    about: str
    period: str = ""

    @property
    def name(self) -> str:
        return self.snapshot.table

    @property
    def key(self) -> str:
        return self.snapshot.key


SLIPS = Kind(slips.SLIPS, "proposed_at", which="colour", about="case_id")
MONEY = Kind(money.MONEY, "proposed_at", which="direction", about="ranking", period="period")
LISTINGS = Kind(listings.LISTINGS, "proposed_at", which="list", about="ranking", period="period")
ACCOUNTABILITY = Kind(
    accountability.ACCOUNTABILITY, "proposed_at", which="action", about="person"
)  # fmt: skip
APPEALS = Kind(appeals.APPEALS, "filed_at", which="against", about="stream")
KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (SLIPS, MONEY, LISTINGS, ACCOUNTABILITY, APPEALS)
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty means any. ``unit`` includes all units under it; from ``start`` (included) to ``end``
    (excluded)."""

    statuses: tuple[str, ...] = ()
    unit: str = ""
    period: str = ""
    which: str = ""
    about: str = ""
    start: datetime = FIRST_MOMENT
    end: datetime = LAST_MOMENT


def page(
    reader: Reader,
    kind: Kind,
    wanted: Wanted,
    before: tuple[datetime, str] = (LAST_MOMENT, ""),
    limit: int = 100,
) -> list[Any]:
    """Rows of the kind's table, the newest first; ``before`` is where a page goes on."""
    asked = _asked(kind, wanted) | {
        "statuses": list(wanted.statuses),
        "key": kind.key,
        "before": before[0],
        "before_key": before[1],
        "limit": limit,
    }
    row = kind.snapshot.row
    return [msgspec.convert(found, row) for found in reader.rows("instruments.page", asked)]


def counts(reader: Reader, kind: Kind, wanted: Wanted) -> dict[str, int]:
    """How many of each status, whatever status is asked for."""
    rows = reader.rows("instruments.counts", _asked(kind, wanted))
    return {row["status"]: row["found"] for row in rows}


def _asked(kind: Kind, wanted: Wanted) -> dict[str, Any]:
    return {
        "table": kind.name,
        "begun": kind.begun,
        "of_period": kind.period or kind.key,
        "of_which": kind.which,
        "of_about": kind.about,
        "unit": wanted.unit,
        # What belongs to no period is in none of them.
        "period": wanted.period,
        "which": wanted.which,
        "about": wanted.about,
        "start": wanted.start,
        "end": wanted.end,
    }


@dataclass(frozen=True, slots=True)
class LedgerLine:
    position: int
    line: int
    money_id: str
    account: str
    side: str
    unit: str
    period: str
    currency: str
    amount: Decimal
    event: str
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What a unit owes the city (negative) or is owed (positive), what of it was paid, and the sum
    over all accounts, which is 0 in a ledger that is whole."""

    period: str
    currency: str
    unit: str
    due: Decimal
    paid: Decimal
    difference: Decimal


@dataclass(frozen=True, slots=True)
class BulletinLine:
    """A ranking from draft to withdrawal. ``draft_status`` says how far the draft that waits is
    ("": none does), whatever was published before."""

    ranking_id: str
    board: str
    period: str
    peer_group: str
    status: str
    draft_status: str
    composed_by: str
    approved_by: str
    published_by: str
    corrections: int
    checksum: str
    draft_checksum: str
    units: int
    reason: str


def bulletins(reader: Reader, period: str = "") -> list[BulletinLine]:
    """The newest change first."""
    return [BulletinLine(**row) for row in reader.rows("bulletins.list", {"period": period})]


def ledger(
    reader: Reader, period: str = "", unit: str = "", before: int = NO_POSITION, limit: int = 100
) -> list[LedgerLine]:
    """Its lines, the newest first."""
    asked = {"period": period, "unit": unit, "before": before, "limit": limit}
    return [LedgerLine(**row) for row in reader.rows("instruments.ledger", asked)]


def balances(reader: Reader, period: str = "") -> list[Balance]:
    return [Balance(**row) for row in reader.rows("ledger.balances", {"period": period})]


def measured(
    reader: Reader,
    indicator: str = "",
    unit: str = "",
    period: str = "",
    before: tuple[datetime, str] = (LAST_MOMENT, ""),
    limit: int = 100,
) -> list[readings.ReadingRow]:
    """Readings, the newest first."""
    asked = {"indicator": indicator, "unit": unit, "period": period, "limit": limit}
    asked |= {"before": before[0], "before_key": before[1]}
    rows = reader.rows("instruments.readings", asked)
    return [msgspec.convert(row, readings.ReadingRow) for row in rows]


def listed(reader: Reader, name: str = "", limit: int = 200) -> list[listings.ListingRow]:
    """Entries that stand on a list without an objection, and those taken back after they did."""
    rows = reader.rows("instruments.listed", {"list": name, "limit": limit})
    return [msgspec.convert(row, listings.ListingRow) for row in rows]


@dataclass(frozen=True, slots=True)
class CaseHead:
    """What a case is called and where it stands."""

    case_id: str
    case_no: str
    status: str
    text: str
    unit: str
    unit_name: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None


def cases(reader: Reader, ids: Sequence[str]) -> dict[str, CaseHead]:
    """Those of them that are on record, by id."""
    rows = reader.rows("instruments.cases", {"ids": list(ids)})
    return {row["case_id"]: CaseHead(**row) for row in rows}
