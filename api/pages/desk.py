"""The duty desk: what is new, due today and overdue, what waits for somebody, and the actions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode

from fastapi import Response

from api.pages import instruments
from api.pages.actions import Form, forms
from api.pages.cases import TOGETHER
from api.pages.cells import TONES, Hand, called, hands_of, reason_of
from api.pages.forms import units_offered
from api.pages.happenings import page_of
from api.pages.ladders import way
from api.pages.periods import today_in
from api.pages.rendering import Look, View
from api.pages.telling import Telling, units_in
from domain.calendar.local_time import moment_at
from domain.periods import ONE_DAY, Period, PeriodKind
from domain.policies.composite import CompositePolicy
from domain.policies.consequences import ListingPolicy, MoneyPolicy
from domain.policies.model import Board
from projections import case_list
from projections.case_list import CaseFilter, CaseLine
from projections.explanations import scored_days
from projections.instruments import BulletinLine, Wanted, bulletins, counts, page

MOST = 8
# What waits for a person, by kind: the statuses, and the steps that are offered on the desk.
WAITING: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "slips": (
        ("proposed", "issued", "answered"),
        ("slip.issue", "slip.serve", "slip.reject_answer", "slip.lift"),
    ),
    "money": (
        ("proposed", "reviewed", "approved"),
        ("money.review", "money.approve", "money.decline", "money.issue"),
    ),
    "listings": (
        ("proposed", "reviewed", "approved", "objected"),
        ("listing.review", "listing.approve", "listing.decline", "listing.publish",
         "listing.uphold_objection", "listing.dismiss_objection"),
    ),
    "accountability": (
        ("proposed", "reviewed", "ordered", "packed", "receipted"),
        ("accountability.review", "accountability.decide", "accountability.carry_out",
         "accountability.pack", "accountability.receipt", "accountability.record_outcome"),
    ),
    "appeals": (("filed",), ("appeal.uphold", "appeal.dismiss")),
}  # fmt: skip
CASE_STEPS = ("case.file", "case.reject", "case.dispatch", "case.mark_overdue")


@dataclass(frozen=True, slots=True)
class Task:
    """Something that somebody has to do; ``sign`` is a colour, ``tone`` that of the status."""

    id: str
    called: str
    href: str
    unit: str
    unit_name: str
    what: str
    sign: str
    status: str
    tone: str
    reason: str
    until: datetime | None
    hands: Sequence[Hand]
    forms: Sequence[Form]
    more: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Pile:
    """Tasks of one sort, how many there are in all, and where all of them are."""

    name: str
    total: int
    href: str
    tone: str
    tasks: Sequence[Task]


def desk(view: Look) -> Response:
    return view.render(
        "desk.html",
        section="desk",
        piles=[*_cases(view), *(_waiting(view, name) for name in WAITING), _rankings(view)],
        offered=units_offered(view),
    )


def _cases(view: View) -> list[Pile]:
    start = moment_at(datetime.combine(today_in(view), time()), view.city.zone)
    end = start + ONE_DAY
    with_unit = TOGETHER["with_unit"]
    piles = (
        ("new", CaseFilter(statuses=("reported", "filed")), "/cases?status=reported", "blue"),
        ("due", CaseFilter(statuses=with_unit, due=(view.now, end)), _due_today(view), "yellow"),
        ("overdue", CaseFilter(statuses=with_unit, lights=("red",)),
         "/cases?status=with_unit&light=red", "red"),
    )  # fmt: skip
    found = []
    for name, wanted, href, tone in piles:
        by_due = name != "new"
        shown = case_list.page(
            view.services.reader, wanted, "due" if by_due else "opened", not by_due, None, MOST
        )
        total = case_list.counts(view.services.reader, wanted).total
        tasks = [_case(view, row, name) for row in shown.rows]
        found.append(Pile(name, total, href, tone if total else "", tasks))
    return found


def _due_today(view: View) -> str:
    day = today_in(view).isoformat()
    asked = {"status": "with_unit", "dates": "due", "since": day, "until": day}
    return f"/cases?{urlencode(asked)}"


def _case(view: View, row: CaseLine, pile: str) -> Task:
    more = way(view, row.case_id, row.unit, "/desk") if pile == "overdue" else ("", "")
    return Task(
        id=f"case-{row.case_id}",
        called=row.case_no or row.case_id,
        href=page_of("case", row.case_id),
        unit=row.unit,
        unit_name=row.unit_name,
        what=view.t.of("source", row.source),
        sign="",
        status=view.t.of("status", row.status),
        tone="red" if pile == "overdue" else "blue",
        reason=row.text,
        until=row.due_at,
        hands=(),
        forms=forms(view, "cases", row.case_id, row, CASE_STEPS) if pile != "due" else (),
        more=more,
    )


def _waiting(view: View, name: str) -> Pile:
    shown = instruments.REGISTERS[name]
    statuses, steps = WAITING[name]
    reader = view.services.reader
    rows = page(reader, shown.kind, Wanted(statuses), limit=MOST)
    counted = counts(reader, shown.kind, Wanted())
    total = sum(counted.get(status, 0) for status in statuses)
    telling = Telling(view, units_in(rows), shown.codes, shown.labels)
    return Pile(
        name, total, shown.path, "yellow" if total else "",
        [_task(view, telling, shown, row, steps) for row in rows],
    )  # fmt: skip


def _task(
    view: View, telling: Telling, shown: instruments.Shown, row: Any, steps: Sequence[str]
) -> Task:
    key = getattr(row, shown.kind.key)
    which = telling.value(shown.kind.which, getattr(row, shown.kind.which))
    if shown is instruments.MONEY:
        which = f"{which} {view.f.money(row.amount, row.currency)}"
    return Task(
        id=f"{shown.one}-{key}",
        called=called(row, shown.kind.key),
        href=page_of(shown.one, key),
        unit=row.unit,
        unit_name=telling.name(row.unit),
        what=which,
        sign=row.colour if shown is instruments.SLIPS else getattr(row, "list", ""),
        status=telling.value("status", row.status),
        tone=TONES.get(row.status, ""),
        reason=reason_of(view, row),
        until=getattr(row, "due_at", None),
        hands=hands_of(view, row),
        forms=forms(view, shown.kind.name, key, row, steps),
    )


def _rankings(view: View) -> Pile:
    """Drafts that wait for approval or publication, and periods that nobody has composed."""
    known = bulletins(view.services.reader)
    drafts = [row for row in known if row.draft_status]
    composed = {(row.board, row.period) for row in known}
    missing = [
        (board, period)
        for board, period in _due_rankings(view)
        if (board.id, str(period)) not in composed and _scored(view, board, period)
    ]
    tasks = [*(_draft(view, row) for row in drafts), *(_missing(view, *each) for each in missing)]
    return Pile("rankings", len(tasks), "/rankings", "yellow" if tasks else "", tasks[:MOST])


def _scored(view: View, board: Board, period: Period) -> bool:
    """Whether there can be anything to rank in it."""
    days = scored_days(view.services.reader, board)
    return days is not None and days[0] < period.end and period.first <= days[1]


def _draft(view: View, row: BulletinLine) -> Task:
    return Task(
        id=f"ranking-{row.ranking_id}",
        called=_called(view, row.board, Period.parse(row.period), row.peer_group),
        href=page_of("ranking", row.ranking_id),
        unit="",
        unit_name="",
        what=view.t("rank.units", n=view.f.number(row.units)),
        sign="",
        status=view.t(f"bulletin_status.{row.draft_status}"),
        tone=TONES[row.draft_status],
        reason="",
        until=None,
        hands=hands_of(view, row),
        forms=forms(view, "rankings", row.ranking_id, row, ("ranking.approve", "ranking.publish")),
    )


def _missing(view: View, board: Board, period: Period) -> Task:
    query = urlencode({"board": board.id, "period": str(period)})
    return Task(
        id=f"compose-{board.id}-{period}",
        called=_called(view, board.id, period, ""),
        href=f"/rankings?{query}",
        unit="",
        unit_name="",
        what="",
        sign="",
        status=view.t("bulletin_status.none"),
        tone="",
        reason="",
        until=None,
        hands=(),
        forms=(),
        more=(f"/rankings?{query}#actions", view.t("do.ranking.compose")),
    )


def _called(view: View, board: str, period: Period, group: str) -> str:
    named = {policy.id: policy.title for policy in view.services.desk.standing.policies}
    title = named.get(board)
    name = (title.zh if view.t.language == "zh" else title.en) if title else board
    parts = (name, period.label(view.t.language), view.t.of("kind", group))
    return " · ".join(part for part in parts if part)


def _due_rankings(view: View) -> list[tuple[Board, Period]]:
    """The last period that is over of every board, by the periods that something follows from."""
    book = view.services.desk.standing.policies
    files = book.files(book.in_force(view.now))
    kinds: dict[str, set[PeriodKind]] = {}
    for policy in files:
        if isinstance(policy, MoneyPolicy | ListingPolicy):
            kinds.setdefault(policy.board, set()).add(policy.period)
        elif isinstance(policy, CompositePolicy):
            kinds.setdefault(policy.id, set()).update(policy.periods)
    return [
        (board, Period.of(kind, view.now, view.city.zone).previous())
        for board in files
        if isinstance(board, Board)
        for kind in sorted(kinds.get(board.id, ()))
    ]
