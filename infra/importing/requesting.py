"""What a service request asks of the city: the case it opens, and how that case ends."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from domain.cases import commands as c
from domain.cases.events import Limit, Place, Source
from domain.messages import Command
from domain.requests import Request
from infra.importing.jobs import Asking, Planned, digest_of
from infra.importing.known import Known
from infra.importing.model import Mapping
from infra.importing.request_rows import RequestRow
from infra.importing.units import check_kind, entry, registration

CLOCK = "system:clock"


@dataclass(frozen=True)
class Opening:
    """A ``jobs.Job``: reported, filed and given to the unit."""

    mapping: Mapping
    row: RequestRow
    touches: str = ""

    @property
    def command_id(self) -> str:
        return f"import/{self.mapping.name}/{self.row.request_id}"

    @property
    def digest(self) -> str:
        row = self.row
        return digest_of((row.request_id, row.opened, row.target, row.unit.unit_id))

    @property
    def at(self) -> datetime:
        return self.row.opened

    @property
    def rows(self) -> Iterable[tuple[int, int]]:
        return [(self.row.file, self.row.number)]

    def plan(self, known: Known) -> Planned:
        row, city = self.row, self.mapping.city.code
        asking = _asking(self.mapping, row, row.opened)
        for command in _opening(row):
            asking.ask(command)
        first = [registration(h, city) for h in (row.unit.home, row.home) if h.kind]
        known_unit = known.units.get(row.unit.unit_id)
        # What a unit is called today says nothing about when it was renamed: entered once, kept.
        if known_unit is None:
            first.append(entry(row.unit))
        else:
            check_kind(row.unit, known_unit)
        return Planned(asking.requests, first)


@dataclass(frozen=True)
class Ending:
    """A ``jobs.Job`` of its own, so that a later export can tell how a known request ended."""

    mapping: Mapping
    row: RequestRow
    how: str
    at: datetime
    touches: str = ""

    @property
    def command_id(self) -> str:
        return f"import/{self.mapping.name}/{self.row.request_id}/{self.how}"

    @property
    def digest(self) -> str:
        return digest_of((self.row.request_id, self.how, self.at))

    @property
    def rows(self) -> Iterable[tuple[int, int]]:
        return [(self.row.file, self.row.number)]

    def plan(self, known: Known) -> Planned:
        row = self.row
        key = {"case_id": row.request_id}
        asking = _asking(self.mapping, row, self.at)
        if row.overdue and row.target is not None and self.how in ("closed", "overdue"):
            late = c.MarkOverdue(**key, due_at=row.target)
            asking.requests.append(Request(late, CLOCK, row.target, asking.cause))
        match self.how:
            case "closed":
                note = row.note or row.status
                asking.ask(c.RectifyCase(**key, note=note), f"unit:{row.unit.unit_id}")
                asking.ask(c.VerifyCase(**key))
                asking.ask(c.CloseCase(**key, note=row.note))
            case "rejected":
                asking.ask(c.RejectCase(**key, reason=row.note or row.status))
            case "void":
                asking.ask(c.VoidCase(**key, reason=row.note or row.status))
        return Planned(asking.requests)


def endings(mapping: Mapping, row: RequestRow) -> Iterator[Ending]:
    if row.status != "open":
        yield Ending(mapping, row, row.status, row.ended)
    elif row.overdue and row.target is not None:
        yield Ending(mapping, row, "overdue", row.target)


def _asking(mapping: Mapping, row: RequestRow, at: datetime) -> Asking:
    return Asking(mapping.actor, at, f"import:{mapping.name}:{row.request_id}")


def _opening(row: RequestRow) -> Iterator[Command]:
    key = {"case_id": row.request_id}
    yield c.ReportCase(
        **key,
        source=cast(Source, row.source),
        category=row.category,
        text=row.text,
        severity=row.severity,
        place=Place(
            grid=row.home.unit_id if row.home.kind == "grid" else "",
            district=row.home.unit_id if row.home.kind == "district" else "",
            address=row.address,
            latitude=row.latitude,
            longitude=row.longitude,
        ),
    )
    if row.status == "rejected":
        return
    yield c.FileCase(**key, standard=row.standard)
    yield c.DispatchCase(**key, unit=row.unit.unit_id, limit=_limit(row))


def _limit(row: RequestRow) -> Limit | None:
    """The limit that ends exactly at the target."""
    if row.target is None:
        return None
    return Limit((row.target - row.opened).total_seconds() / 3600, "urgent_hours")
