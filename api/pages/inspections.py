"""Inspections: the list, and one visit with its sheet, what it found, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, get_args

from fastapi import Query, Response

from api.pages import timeline
from api.pages.asked import span_in
from api.pages.cases import Choice
from api.pages.rendering import Look
from api.pages.telling import Telling, units_in
from api.paging import cursor_of, keys_of
from domain.cases.events import Source
from domain.inspections.events import Colour, InspectionRecorded, Result
from domain.moments import FIRST_MOMENT, LAST_MOMENT
from projections import registers
from projections.dossiers import InspectionDossier, inspection_dossier, names
from projections.histories import HistoryStep, history
from projections.inspections import INSPECTIONS
from projections.registers import InspectionFilter, InspectionLine

PAGE = 50
FACTS = ("unit", "source", "occurred_at", "recorded_at", "district", "grid", "score", "note")
CHOICES = {"result": get_args(Result), "colour": get_args(Colour), "source": get_args(Source)}

Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class FoundProblem:
    """``status`` is that of its case, if this visit found it first."""

    text: str
    severity: str
    action: str
    case_id: str
    case_no: str
    status: str


def listing(
    view: Look,
    unit: Text = "",
    result: Text = "",
    colour: Text = "",
    source: Text = "",
    since: Text = "",
    until: Text = "",
    after: Annotated[str, Query(alias="cursor", max_length=1000)] = "",
) -> Response:
    reader = view.services.reader
    span = span_in(since, until, view.city.zone)
    start, end = span[0] or FIRST_MOMENT, span[1] or LAST_MOMENT
    wanted = InspectionFilter(unit, source, result, colour, start, end)
    before = keys_of(after, tuple[datetime, str]) if after else (LAST_MOMENT, "")
    found = registers.inspections(reader, wanted, before, PAGE + 1)
    rows = found[:PAGE]
    asked = {"result": result, "colour": colour, "source": source}
    return view.render(
        "inspections.html",
        section="inspections",
        inspections=rows,
        more=view.here(cursor=_cursor(rows[-1])) if len(found) > PAGE else None,
        total=registers.count_inspections(reader, wanted),
        unit=names(reader, [unit]).get(unit),
        since=since,
        until=until,
        choices=[
            Choice(name, asked[name], [(code, view.t(f"{name}.{code}")) for code in codes])
            for name, codes in CHOICES.items()
        ],
    )


def page(view: Look, inspection_id: str) -> Response:
    dossier = inspection_dossier(view.services.reader, inspection_id)
    told = history(view.services.store, INSPECTIONS, inspection_id)
    visit = dossier.inspection
    telling = Telling(view, units_in([visit, *(step.envelope.event for step in told.steps)]))
    recorded = _recorded(told.steps)
    return view.render(
        "inspection.html",
        section="inspections",
        inspection=visit,
        unit=dossier.unit,
        facts=telling.facts(visit, FACTS),
        sheet=recorded.sheet if recorded else (),
        findings=_findings(recorded, dossier),
        penalties=dossier.penalties,
        steps=timeline.steps(telling, told.steps),
    )


def _recorded(steps: Sequence[HistoryStep]) -> InspectionRecorded | None:
    for step in steps:
        if isinstance(step.envelope.event, InspectionRecorded):
            return step.envelope.event
    return None


def _findings(
    recorded: InspectionRecorded | None, dossier: InspectionDossier
) -> list[FoundProblem]:
    cases = {case.case_id: case for case in dossier.cases}
    return [
        FoundProblem(
            text=finding.text,
            severity=finding.severity,
            action=finding.action,
            case_id=finding.case_id,
            case_no=cases[finding.case_id].case_no if finding.case_id in cases else "",
            status=cases[finding.case_id].status if finding.case_id in cases else "",
        )
        for finding in (recorded.findings if recorded else ())
    ]


def _cursor(last: InspectionLine) -> str:
    return cursor_of(last.occurred_at.isoformat(), last.inspection_id)
