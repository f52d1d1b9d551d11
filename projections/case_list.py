"""The list of cases: filters, orders, and pages that stay in place while new cases come in.

page(reader, CaseFilter(lights=("red",), unit="d1"), sort="due", descending=False)
page(reader, filter, after=cursor)          goes on after ``CasePage.next``
counts(reader, filter)                      how many, by status and by light
choices(reader)                             what the filters can be set to
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from domain.moments import FIRST_MOMENT, LAST_MOMENT
from projections.reading import Reader

Sort = Literal["opened", "due", "closed", "changed", "reworks"]
Span = tuple[datetime | None, datetime | None]
Cursor = tuple[int, str]

ANY: Span = (None, None)
BEGINNING: Cursor = (-(2**63), "")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Empty means any. ``unit`` includes all units under it. Spans are from (included) to
    (excluded). ``overdue``: has missed a deadline, or is past the one in force. ``words`` stand in
    the text, category or address whatever their capitals, or are a case number."""

    statuses: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    unit: str = ""
    district: str = ""
    grid: str = ""
    category: str = ""
    severity: str = ""
    inspection_id: str = ""
    opened: Span = ANY
    due: Span = ANY
    closed: Span = ANY
    on_the_spot: bool | None = None
    overdue: bool | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class CaseLine:
    case_id: str
    case_no: str
    status: str
    light: str
    source: str
    category: str
    severity: str
    text: str
    unit: str
    unit_name: str
    district: str
    district_name: str
    grid: str
    address: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    on_the_spot: bool
    reworks: int
    extensions: int
    bounces: int
    overdue: bool
    inspection_id: str
    version: int
    position: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """``next`` is where the following page begins; ``None``: this is the last one."""

    rows: tuple[CaseLine, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class CaseCounts:
    total: int
    by_status: Mapping[str, int]
    by_light: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    cases: int


def page(
    reader: Reader,
    wanted: CaseFilter,
    sort: Sort = "opened",
    descending: bool = True,
    after: Cursor | None = None,
    limit: int = 50,
) -> CasePage:
    place, case_id = after or BEGINNING
    rows = reader.rows(
        "case_list.page",
        parameters(wanted)
        | {"sort": sort, "direction": -1 if descending else 1}
        | {"after": place, "after_id": case_id, "limit": limit + 1},
    )
    following = rows[limit - 1] if len(rows) > limit else None
    places = [row.pop("place") for row in rows]
    return CasePage(
        rows=tuple(CaseLine(**row) for row in rows[:limit]),
        next=(places[limit - 1], following["case_id"]) if following else None,
    )


def every(reader: Reader, wanted: CaseFilter, sort: Sort, descending: bool) -> Iterator[CaseLine]:
    """All of them, fetched as they are needed."""
    after: Cursor | None = None
    while True:
        found = page(reader, wanted, sort, descending, after, limit=5_000)
        yield from found.rows
        after = found.next
        if after is None:
            return


def counts(reader: Reader, wanted: CaseFilter) -> CaseCounts:
    by_status: dict[str, int] = {}
    by_light: dict[str, int] = {}
    for row in reader.rows("case_list.counts", parameters(wanted)):
        by_status[row["status"]] = by_status.get(row["status"], 0) + row["cases"]
        by_light[row["light"]] = by_light.get(row["light"], 0) + row["cases"]
    return CaseCounts(sum(by_status.values()), by_status, by_light)


def choices(reader: Reader) -> Mapping[str, tuple[Choice, ...]]:
    """By the name of the filter: category, severity, source, district."""
    found: dict[str, list[Choice]] = {}
    for row in reader.rows("case_list.choices"):
        found.setdefault(row["filter"], []).append(Choice(row["value"], row["cases"]))
    return {name: tuple(values) for name, values in found.items()}


def parameters(wanted: CaseFilter) -> dict[str, Any]:
    spans = {"opened": wanted.opened, "due": wanted.due, "closed": wanted.closed}
    said: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in ("unit", "district", "grid", "category", "severity", "inspection_id", "words")
    }
    said |= {name: list(getattr(wanted, name)) for name in ("statuses", "lights", "sources")}
    for name, (start, end) in spans.items():
        said[f"{name}_from"] = start or FIRST_MOMENT
        said[f"{name}_to"] = end or LAST_MOMENT
    return said | {
        "due": wanted.due != ANY,
        "closed": wanted.closed != ANY,
        "on_the_spot": -1 if wanted.on_the_spot is None else int(wanted.on_the_spot),
        "overdue": -1 if wanted.overdue is None else int(wanted.overdue),
    }
