"""Dossiers: all that a unit or a person did, received, was asked and was late with, in one line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, get_args

from fastapi import Query, Response

from api.pages import timeline
from api.pages.asked import span_in
from api.pages.happenings import page_of
from api.pages.named import name_of, room_of, telling_of, ways_of, ways_of_actor
from api.pages.rendering import Look, View
from api.pages.telling import Telling, units_in
from api.pages.then import Moment, Typed, moment_of
from api.paging import cursor_of, keys_of
from domain.errors import NotFound
from projections.histories import load, state
from projections.indicators import units_under
from projections.past import dossiers
from projections.past.dossiers import (
    BEGINNING,
    EVERYTHING,
    DossierCount,
    DossierStep,
    Part,
    Subject,
    Wanted,
)
from projections.past.kinds import KINDS, Kind

PAGE = 40
MOST_CHANGES = 8
PARTS: Sequence[Part] = get_args(Part)
Word = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True, slots=True)
class Line:
    """``about`` is what it happened to, with a way to its past."""

    position: int
    name: str
    part: str
    role: str
    late: bool
    recorded_late: bool
    kind: str
    about: str
    href: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    changes: Sequence[timeline.Change]


@dataclass(frozen=True, slots=True)
class Wish:
    asked: Moment
    wanted: Wanted
    after: str
    under: bool


def page(kind: Kind) -> Callable[..., Response]:
    def shown(
        view: Look, key: str, what: Annotated[str, Query(alias="kind", max_length=40)] = "",
        part: Word = "", since: Word = "", until: Word = "", as_of: Typed = "",
        was_at: Typed = "", under: Annotated[str, Query(max_length=4)] = "",
        after: Annotated[str, Query(alias="cursor", max_length=1000)] = "",
    ) -> Response:  # fmt: skip
        start, end = span_in(since, until, view.city.zone)
        wanted = Wanted(
            (what,) if what in KINDS else (),
            next((each for each in PARTS if each == part), ""),
            start or EVERYTHING.start, end or EVERYTHING.end,
        )  # fmt: skip
        wish = Wish(moment_of(view, as_of, was_at), wanted, after, under == "1")
        return _shown(view, kind, key, wish)

    return shown


def _shown(view: View, kind: Kind, key: str, wish: Wish) -> Response:
    reader, then, wanted = view.services.reader, wish.asked.then, wish.wanted
    row = _row(view, kind, key, wish.asked)
    ids = units_under(reader, key) or (key,) if wish.under and kind.name == "unit" else (key,)
    subject = Subject("unit" if kind.name == "unit" else "person", ids)
    begin = keys_of(wish.after, tuple[datetime, int]) if wish.after else BEGINNING
    found = dossiers.lines(reader, subject, then, wanted, begin, PAGE + 1)
    counts = dossiers.counted(reader, subject, then)
    if not counts and row is None and not wish.asked.past:
        raise NotFound(f"{kind.name}.unknown", f"nothing is on record about {key}")
    shown = found[:PAGE]
    more = None
    if len(found) > PAGE:
        more = view.here(cursor=cursor_of(shown[-1].occurred_at.isoformat(), shown[-1].position))
    return view.render(
        "dossier.html",
        wish.asked.status,
        section="audit",
        kind=kind.name,
        key=key,
        called=name_of(row, kind, key),
        ways=ways_of(kind.name, key) if row is not None else ways_of_actor(key),
        asked=wish.asked,
        wanted=wanted,
        under=wish.under,
        erased=getattr(row, "status", "") == "forgotten",
        table=_table(counts),
        total=sum(count.events for count in counts),
        late=sum(count.late for count in counts),
        kinds=sorted({count.stream_kind for count in counts}),
        parts=PARTS[1:],
        lines=[_line(view, step) for step in dossiers.told(view.services.store, shown)],
        more=more,
        typed={name: view.request.query_params.get(name, "") for name in ("since", "until")},
    )


def _row(view: View, kind: Kind, key: str, asked: Moment) -> Any:
    """Of somebody who is known by acting alone there is none."""
    try:
        events = load(view.services.store, kind.snapshot, key)
    except NotFound:
        if kind.name == "unit":
            raise
        return None
    return state(events, kind.snapshot, asked.then)


def _table(counts: Sequence[DossierCount]) -> list[tuple[str, list[int], int]]:
    """A line for each kind: how many of each part, and how many of them late."""
    kinds = dict.fromkeys(count.stream_kind for count in counts)
    return [
        (
            kind,
            [sum(c.events for c in counts if (c.stream_kind, c.part) == (kind, part))
             for part in PARTS[1:-1]],
            sum(c.late for c in counts if c.stream_kind == kind),
        )
        for kind in kinds
    ]  # fmt: skip


def _line(view: View, step: DossierStep) -> Line:
    line, kind = step.line, KINDS.get(step.line.stream_kind)
    event = step.envelope.event
    rows: list[Any] = [event]
    telling = telling_of(view, kind, rows) if kind else Telling(view, units_in(rows))
    changes = [
        timeline.change_of(telling, c) for c in step.changes if c.field not in timeline.UNTOLD
    ]
    return Line(
        line.position, line.name, line.part, line.role, line.late, step.recorded_late,
        line.stream_kind, line.key,
        room_of(line.stream_kind, line.key, "past") or page_of(line.stream_kind, line.key),
        line.actor, line.occurred_at, line.recorded_at,
        [change for change in changes if change.after][:MOST_CHANGES],
    )  # fmt: skip
