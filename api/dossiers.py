"""Dossiers as JSON: all that a unit or a person did, received, was asked and was late with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.dependencies import Fresh
from api.events import EventView, view
from api.exporting import columns_of, csv_of
from api.histories import ChangeView
from api.moments import Asked, AskedThen, Notice
from api.paging import cursor_of, keys_of, link_next
from api.past import MomentView, moment_view, sources_of, state_view
from api.reading import EARLIEST, LATEST, Cursor, Format, Moment, add
from api.services import Services
from domain.consequences.colours import Colour
from domain.errors import NotFound
from projections.histories import load, state
from projections.indicators import units_under
from projections.past import dossiers
from projections.past.colours import colour_then
from projections.past.dossiers import (
    BEGINNING,
    DossierCount,
    DossierLine,
    Part,
    Subject,
    Wanted,
)  # fmt: skip
from projections.past.kinds import KINDS

MOST_LINES = 1_000_000


@dataclass(frozen=True, slots=True)
class LineView:
    """``part``: did, asked or received, in a ``role``; ``late``: it missed a deadline by it;
    ``recorded_late``: stored more than a day after it happened."""

    part: str
    role: str
    late: bool
    recorded_late: bool
    kind: str
    id: str
    event: EventView
    changes: list[ChangeView]


@dataclass(frozen=True, slots=True)
class DossierView:
    """``state`` and ``colour`` are the unit's at that moment (a person has neither). ``counts``
    are of all lines, ``items`` a page of them in order of time; ``next`` is the ``cursor`` of the
    following page."""

    id: str
    moment: MomentView
    notices: list[Notice]
    state: dict[str, Any] | None
    colour: Colour | None
    counts: list[DossierCount]
    items: list[LineView]
    next: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    wanted: Wanted
    cursor: str | None
    limit: int
    shape: Format


def router() -> APIRouter:
    routes = APIRouter()
    units = APIRouter(tags=["units"])
    add(
        units, "/units/{unit_id}/dossier", of_unit, "All that a unit had a part in", DossierView,
        table=True,
    )  # fmt: skip
    persons = APIRouter(tags=["persons"])
    add(
        persons, "/persons/{person_id}/dossier", of_person, "All that a person had a part in",
        DossierView, table=True,
    )  # fmt: skip
    routes.include_router(units)
    routes.include_router(persons)
    return routes


def choice(
    kind: Annotated[
        list[str] | None, Query(max_length=20, description="case, slip, money, …; left out: all")
    ] = None,
    part: Annotated[Part, Query(description="did, asked, received, or late")] = "",
    begun_from: Annotated[Moment, Query(alias="from", description="happened then or later")] = (
        EARLIEST
    ),
    begun_to: Annotated[Moment, Query(alias="to", description="happened before")] = LATEST,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500, description="how many at most")] = 100,
    shape: Format = "json",
) -> Choice:
    return Choice(Wanted(tuple(kind or ()), part, begun_from, begun_to), cursor, limit, shape)


Chosen = Annotated[Choice, Depends(choice)]


def of_unit(
    services: Fresh,
    request: Request,
    response: Response,
    unit_id: Annotated[str, Path(max_length=200)],
    asked: AskedThen,
    chosen: Chosen,
    under: Annotated[bool, Query(description="with all units under it now")] = False,
) -> Any:
    """In order of time, across all cases, as far as had been recorded and had happened then."""
    events = load(services.store, KINDS["unit"].snapshot, unit_id)
    ids = units_under(services.reader, unit_id) or (unit_id,) if under else (unit_id,)
    row = state(events, KINDS["unit"].snapshot, asked.then)
    colour = colour_then(sources_of(services), unit_id, asked.then)
    subject = Subject("unit", ids)
    return _told(services, request, response, unit_id, subject, asked, chosen, row, colour)


def of_person(
    services: Fresh,
    request: Request,
    response: Response,
    person_id: Annotated[str, Path(max_length=200, description="pseudonym, never a name")],
    asked: AskedThen,
    chosen: Chosen,
) -> Any:
    """What a person did (as the actor of an event) and what was about the person."""
    subject = Subject("person", (person_id,))
    if not dossiers.lines(services.reader, subject, asked.then, limit=1):
        raise NotFound(
            "person.unknown",
            f"nothing is on record about {person_id}: persons stand under pseudonyms here",
        )
    return _told(services, request, response, person_id, subject, asked, chosen)


def _told(
    services: Services, request: Request, response: Response, key: str, subject: Subject,
    asked: Asked, chosen: Choice, row: Any = None, colour: Colour | None = None,
) -> Any:  # fmt: skip
    reader, then, wanted = services.reader, asked.then, chosen.wanted
    if chosen.shape == "csv":
        every = dossiers.lines(reader, subject, then, wanted, limit=MOST_LINES)
        return csv_of(every, columns_of(DossierLine), f"dossier-{subject.kind}")
    after = keys_of(chosen.cursor, tuple[datetime, int]) if chosen.cursor else BEGINNING
    found = dossiers.lines(reader, subject, then, wanted, after, chosen.limit + 1)
    page = found[: chosen.limit]
    following = None
    if len(found) > chosen.limit:
        following = cursor_of(page[-1].occurred_at.isoformat(), page[-1].position)
        link_next(request, response, {"cursor": following})
    return DossierView(
        id=key,
        moment=moment_view(then),
        notices=list(asked.notices),
        state=state_view(row),
        colour=colour,
        counts=dossiers.counted(reader, subject, then, wanted),
        items=[
            LineView(
                step.line.part, step.line.role, step.line.late, step.recorded_late,
                step.line.stream_kind, step.line.key, view(step.envelope),
                [ChangeView(c.field, c.before, c.after) for c in step.changes],
            )
            for step in dossiers.told(services.store, page)
        ],
        next=following,
    )  # fmt: skip
