"""Registers of slips, money, lists, accountability and appeals: a list and one page for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import Query, Response

from api.exporting import csv_of
from api.instruments import register_of
from api.pages import timeline
from api.pages.actions import forms
from api.pages.cases import Choice
from api.pages.cells import Cell, called, cell, hands_of, lead, reason_of
from api.pages.forms import units_offered
from api.pages.happenings import page_of
from api.pages.rendering import Look, View
from api.pages.telling import Telling, units_in
from api.paging import cursor_of, keys_of
from domain.errors import Invalid
from domain.moments import LAST_MOMENT
from domain.policies.supervision import SupervisionPolicy
from projections import instruments
from projections.dossiers import names
from projections.histories import history
from projections.instruments import Balance, Kind, Wanted, balances

PAGE = 50
BECAUSE = 20  # events named as the ground of a proposal, the oldest
Text = Annotated[str, Query(max_length=300)]


@dataclass(frozen=True, slots=True)
class Shown:
    """How a register is shown: its address, the columns of the list, the facts on a thing's page,
    and the group of texts for its statuses."""

    kind: Kind
    path: str
    columns: Sequence[str]
    facts: Sequence[str]
    statuses: str
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> Mapping[str, str]:
        return {"status": self.statuses, "colour": "slip_colour"}

    @property
    def one(self) -> str:
        return self.kind.snapshot.kind


SLIPS = Shown(
    instruments.SLIPS, "/slips",
    ("unit", "colour", "status", "authority", "proposed_at", "served_at", "due_at"),
    ("unit", "case_id", "matter", "ladder", "authority", "proposed_at", "issued_at", "served_at",
     "receiver", "due_at", "answered_at", "failed_at", "excused", "ended_at", "demand", "note"),
    "slip_status",
)  # fmt: skip
MONEY = Shown(
    instruments.MONEY, "/money",
    ("unit", "direction", "amount", "period", "status", "settled", "proposed_at"),
    ("unit", "direction", "period", "ranking", "authority", "approved_for", "proposed_at",
     "reviewed_at", "approved_at", "issued_at", "ended_at", "note"),
    "money_status",
)  # fmt: skip
LISTS = Shown(
    instruments.LISTINGS, "/lists",
    ("unit", "list", "period", "status", "published_at", "until"),
    ("unit", "subject_kind", "subject", "period", "ranking", "rule", "text", "authority",
     "approved_for", "proposed_at", "published_at", "channel", "until", "ended_at", "note"),
    "listing_status",
    {"text": "published_text"},
)  # fmt: skip
ACCOUNTABILITY = Shown(
    instruments.ACCOUNTABILITY, "/accountability",
    ("unit", "action", "organ", "status", "proposed_at", "decided_at"),
    ("unit", "action", "person", "organ", "authority", "decided_for", "proposed_at", "decided_at",
     "ended_at", "receipt", "outcome", "answer", "note", "package"),
    "accountability_status",
)  # fmt: skip
APPEALS = Shown(
    instruments.APPEALS, "/appeals",
    ("unit", "against", "status", "filed_at", "due_at", "decided_at"),
    ("unit", "against", "subject", "stream", "authority", "policy", "known_at", "filed_at",
     "due_at", "decided_at", "late", "points", "reason"),
    "appeal_status",
)  # fmt: skip
REGISTERS = {shown.kind.name: shown for shown in (SLIPS, MONEY, LISTS, ACCOUNTABILITY, APPEALS)}


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Ground:
    """An event that a proposal rests on."""

    position: int
    name: str
    subject: str
    href: str


def listing(shown: Shown) -> Callable[..., Response]:
    def page(
        view: Look,
        status: Text = "",
        which: Text = "",
        unit: Text = "",
        period: Text = "",
        after: Annotated[str, Query(alias="cursor", max_length=1000)] = "",
    ) -> Response:
        wanted = _wanted(shown, status, which, unit, period)
        reader = view.services.reader
        before = keys_of(after, tuple[datetime, str]) if after else (LAST_MOMENT, "")
        found = instruments.page(reader, shown.kind, wanted, before, PAGE + 1)
        rows, more = found[:PAGE], None
        if len(found) > PAGE:
            last = rows[-1]
            begun = getattr(last, shown.kind.begun).isoformat()
            more = view.here(cursor=cursor_of(begun, getattr(last, shown.kind.key)))
        counted = instruments.counts(reader, shown.kind, wanted)
        chosen = names(reader, [unit]).get(unit)
        return view.render(
            "register.html",
            section="registers",
            register=shown,
            tabs=[(each.path, each.kind.name) for each in REGISTERS.values()],
            lines=lines(view, shown, rows),
            columns=columns(view, shown),
            more=more,
            total=counted.get(status, 0) if status else sum(counted.values()),
            choices=_choices(view, shown, status, which),
            unit=unit,
            unit_name=chosen.name if chosen else unit,
            period=period,
            filtered=bool(status or which or unit or period),
            csv=view.here(cursor=None).replace(shown.path, f"{shown.path}.csv", 1),
            balances=_balances(view, period) if shown is MONEY else [],
        )

    return page


def sheet(shown: Shown) -> Callable[..., Response]:
    def table(
        view: Look, status: Text = "", which: Text = "", unit: Text = "", period: Text = ""
    ) -> Response:
        wanted = _wanted(shown, status, which, unit, period)
        rows = instruments.page(view.services.reader, shown.kind, wanted, limit=1_000_000)
        return csv_of(rows, shown.kind.snapshot.row.__struct_fields__, shown.kind.name)

    return table


def one(shown: Shown) -> Callable[[View, str], Response]:
    def page(view: View, key: str) -> Response:
        full = history(view.services.store, shown.kind.snapshot, key)
        row: Any = full.row
        events = (step.envelope.event for step in full.steps)
        telling = Telling(view, units_in([row, *events]), shown.codes, shown.labels)
        return view.render(
            "instrument.html",
            view.attempt.status if view.attempt else 200,
            section="registers",
            register=shown,
            row=row,
            key=key,
            called=called(row, shown.kind.key),
            unit_name=telling.name(row.unit),
            tags=[cell(view, telling, row, name) for name in ("status", *_signs(shown))],
            facts=telling.facts(row, shown.facts),
            reason=reason_of(view, row),
            grounds=grounds(view, getattr(row, "because", ())),
            hands=hands_of(view, row),
            forms=forms(view, shown.kind.name, key, row),
            offered=units_offered(view),
            steps=timeline.steps(telling, full.steps),
            appeal=_appeal(shown, row, key),
            amount=view.f.money(row.amount, row.currency) if shown is MONEY else "",
        )

    return page


def detail(shown: Shown) -> Callable[..., Response]:
    show = one(shown)

    def page(view: Look, key: str) -> Response:
        return show(view, key)

    return page


THINGS: Mapping[str, Callable[[View, str], Response]] = {
    name: one(shown) for name, shown in REGISTERS.items()
}


def lines(view: View, shown: Shown, rows: Sequence[Any]) -> list[Line]:
    telling = Telling(view, units_in(rows), shown.codes, shown.labels)
    key = shown.kind.key
    return [
        Line(
            getattr(row, key),
            [
                lead(view, row, key, page_of(shown.one, getattr(row, key))),
                *(cell(view, telling, row, name) for name in shown.columns),
            ],
        )
        for row in rows
    ]


def grounds(view: View, positions: Sequence[int]) -> list[Ground]:
    """The events behind a proposal, each with a way to what it happened to."""
    found = []
    for position in positions[:BECAUSE]:
        for envelope in view.services.store.read(position - 1, 1):
            kind, _, key = envelope.stream_id.partition("-")
            found.append(Ground(position, envelope.event.NAME, key, page_of(kind, key)))
    return found


def _signs(shown: Shown) -> tuple[str, ...]:
    return {"slips": ("colour",), "listings": ("list",)}.get(shown.kind.name, ())


def _wanted(shown: Shown, status: str, which: str, unit: str, period: str) -> Wanted:
    """Raises ``Invalid`` (``status.unknown``)."""
    known = get_args(register_of(shown.kind).statuses)
    if status and status not in known:
        raise Invalid("status.unknown", f"status is one of: {', '.join(known)}")
    return Wanted((status,) if status else (), unit, period, which)


def columns(view: View, shown: Shown) -> list[tuple[str, bool]]:
    """The heads of the table, and which of them stand over numbers."""
    numbers = ("amount", "settled")
    heads = (shown.kind.key, *shown.columns)
    return [(view.t.of("field", name), name in numbers) for name in heads]


def _choices(view: View, shown: Shown, status: str, which: str) -> list[Choice]:
    register = register_of(shown.kind)
    statuses = [(code, view.t.of(shown.statuses, code)) for code in get_args(register.statuses)]
    name = shown.kind.which
    allowed = next(shape for to, shape in register.filters.values() if to == "which")
    codes = _colours(view) if name == "colour" else get_args(allowed)
    group = {"colour": "slip_colour"}.get(name, name)
    return [
        Choice("status", status, statuses),
        Choice("which", which, [(code, view.t.of(group, code)) for code in codes]),
    ]


def _colours(view: View) -> list[str]:
    """The colours of all ladders that were ever adopted, mildest first."""
    ladders = (
        ladder
        for policy in view.services.desk.standing.policies
        if isinstance(policy, SupervisionPolicy)
        for ladder in policy.ladders
    )
    return list(dict.fromkeys(step.colour for ladder in ladders for step in ladder.steps))


def _balances(view: View, period: str) -> list[tuple[Balance, str]]:
    found = balances(view.services.reader, period)
    known = names(view.services.reader, [each.unit for each in found])
    return [(b, known[b.unit].name if b.unit in known else b.unit) for b in found]


def _appeal(shown: Shown, row: Any, key: str) -> str:
    """Where the unit appeals against it, as long as there is something to appeal against."""
    against = {"money": "money", "listings": "list_entry"}.get(shown.kind.name)
    if against is None or row.status not in ("issued", "settled", "published", "objected"):
        return ""
    asked = {"against": against, "subject": key, "unit": row.unit or row.subject}
    return f"/do/appeals?{urlencode(asked)}"
