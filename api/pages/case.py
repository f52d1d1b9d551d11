"""One case with everything it went through, as it is known now or was known at any step."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Response

from api.pages import timeline
from api.pages.actions import forms
from api.pages.asked import moment_in, whole_in
from api.pages.forms import units_offered
from api.pages.instruments import SLIPS, Line, columns, lines
from api.pages.ladders import way
from api.pages.pieces import ACCEPT, offered
from api.pages.rendering import Look, View
from api.pages.telling import Fact, Telling, units_in
from projections import instruments
from projections.cases import CASES, CaseRow
from projections.dossiers import penalties
from projections.evidence import pieces
from projections.histories import HistoryStep, history
from projections.instruments import Wanted
from projections.lights import is_ticking, light

FACTS = (
    "unit", "assisting", "about", "category", "severity", "source", "district", "grid", "standard",
    "opened_at", "filed_at", "dispatched_at", "due_at", "claimed_at", "rectified_at",
    "verified_at", "closed_at", "suspended_until", "inspection_id", "reworks", "extensions",
    "bounces", "reopenings", "reason", "address",
)  # fmt: skip
Small = Annotated[str, Query(max_length=40)]


def page(view: Look, case_id: str, seen: Small = "", of: Small = "", as_of: Small = "") -> Response:
    """``seen`` is how many of the steps were known, unless there were no more of them (``of``)
    when the reader's slider was drawn: whoever stands at the end moves on with the case."""
    full = history(view.services.store, CASES, case_id)
    count = full.version
    known = count if seen == of else min(max(1, whole_in(seen, count)), count)
    if (moment := moment_in(as_of, view.city.zone)) is not None:
        known = max(1, sum(step.envelope.recorded_at <= moment for step in full.steps))
    past = known < count
    last = full.steps[known - 1].envelope
    told = history(view.services.store, CASES, case_id, up_to=last.position) if past else full
    row = told.row
    assert row is not None  # the first step is always known
    telling = Telling(view, units_in([row, *(step.envelope.event for step in full.steps)]))
    steps = timeline.steps(telling, told.steps)
    response = view.render(
        "case.html",
        section="cases",
        case=row,
        light=light(row, last.recorded_at if past else view.now),
        countdown="" if past else _countdown(view, row),
        past=past,
        seen=known,
        marks=timeline.marks(view, steps),
        facts=[*telling.facts(row, FACTS), *_limit(view, row), *_place(view, row)],
        steps=steps,
        penalties=penalties(view.services.reader, case_id=case_id),
        unit_name=telling.name(row.unit),
        forms=[] if past else forms(view, "cases", case_id, row),
        offered=units_offered(view),
        **_evidence(view, case_id, row, [] if past else full.steps),
        **_supervision(view, case_id, row),
        status_code=view.attempt.status if view.attempt else 200,
    )
    response.headers["HX-Replace-Url"] = view.here(
        seen=known if past else None, of=None, as_of=None
    )
    return response


def _evidence(
    view: View, case_id: str, row: CaseRow, steps: Sequence[HistoryStep]
) -> dict[str, Any]:
    """The forms for files; of the past (no steps) there are none."""
    if not steps:
        return {"files": [], "accept": ACCEPT}
    known = pieces(step.envelope for step in steps).values()
    return {"files": offered(view, case_id, row.status, len(steps), known), "accept": ACCEPT}


def _supervision(view: View, case_id: str, row: CaseRow) -> dict[str, Any]:
    """The slips about the case, and what can be asked because of it."""
    return {
        "slips": _slips(view, case_id),
        "slip_columns": columns(view, SLIPS),
        "propose": way(view, case_id, row.unit),
        "appeal": _appeal(row),
    }


def _slips(view: View, case_id: str) -> list[Line]:
    rows = instruments.page(view.services.reader, SLIPS.kind, Wanted(about=case_id), limit=50)
    return lines(view, SLIPS, rows)


def _appeal(row: CaseRow) -> str:
    """Where the unit appeals against the deadline it missed, as long as that counts."""
    if row.missed_at is None or row.exempt:
        return ""
    subject = f"{row.case_id}@{row.missed_at.isoformat()}"
    return f"/do/appeals?{urlencode({'against': 'timeout', 'subject': subject, 'unit': row.unit})}"


def _countdown(view: View, row: CaseRow) -> str:
    if row.due_at is None or not is_ticking(row):
        return ""
    left = row.due_at - view.now
    return view.t("case.left" if left.total_seconds() >= 0 else "case.over", span=view.f.span(left))


def _limit(view: View, row: CaseRow) -> list[Fact]:
    if row.limit_amount is None:
        return []
    text = view.t(f"limit.{row.clock}", n=view.f.number(row.limit_amount))
    return [Fact(view.t("case.limit"), text)]


def _place(view: View, row: CaseRow) -> list[Fact]:
    if row.latitude is None or row.longitude is None:
        return []
    return [Fact(view.t("field.place"), f"{row.latitude:.5f}, {row.longitude:.5f}")]
