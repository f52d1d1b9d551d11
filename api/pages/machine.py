"""The time machine: any thing as it was known and as it was at any moment, and two side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Response

from api.pages import timeline
from api.pages.asked import whole_in
from api.pages.named import facts_of, fields_of, name_of, telling_of, ways_of
from api.pages.rendering import Look, View
from api.pages.then import Moment, TwoMoments, Typed, moment_of, typed
from api.past import sources_of
from domain.messages import Envelope
from domain.moments import Then
from projections.histories import HistoryStep, load, told
from projections.past.colours import colour_then
from projections.past.differences import difference
from projections.past.kinds import Kind

MOST_STEPS = 60
WIDTH, EDGE = 1000, 14
Small = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True, slots=True)
class Track:
    """An event on the picture of the two times: where it was recorded, where it holds from."""

    number: int
    recorded: float
    since: float
    late: bool
    known: bool
    label: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A field at two moments."""

    label: str
    before: str
    after: str
    changed: bool


def page(kind: Kind) -> Callable[..., Response]:
    def shown(
        view: Look, key: str, as_of: Typed = "", was_at: Typed = "", seen: Small = ""
    ) -> Response:
        events = load(view.services.store, kind.snapshot, key)
        asked = _asked(events, moment_of(view, as_of, was_at), seen)
        return _page(view, kind, key, events, asked)

    return shown


def _asked(events: Sequence[Envelope], asked: Moment, seen: str) -> Moment:
    """``seen`` is a place on the slider: so many events were recorded."""
    if not seen.isdecimal() or asked.error:
        return asked
    place = min(whole_in(seen, len(events)), len(events))
    so = Then(at=asked.then.at)
    if place < len(events):
        so = replace(so, up_to=events[place - 1].position if place else 0)
    return replace(asked, then=so, as_of="")


def _page(view: View, kind: Kind, key: str, events: list[Envelope], asked: Moment) -> Response:
    place = sum(asked.then.knows(envelope) for envelope in events)
    full = told(events, kind.snapshot, asked.then)
    telling = telling_of(view, kind, [full.row, *(e.event for e in events)])
    last = told(events, kind.snapshot, Then()).row
    at_last = full.steps[place - 1] if place else None
    steps = timeline.steps(telling, full.steps)
    known = [step for step in steps if step.known]
    return view.render(
        "machine.html",
        asked.status,
        section="audit",
        kind=kind.name,
        key=key,
        called=name_of(last, kind, key),
        ways=ways_of(kind.name, key),
        asked=asked,
        place=place,
        count=len(events),
        marks=timeline.marks(view, steps),
        tracks=_tracks(full.steps, steps),
        row=full.row,
        facts=facts_of(telling, kind, full.row),
        news={change.field for change in at_last.changes} if at_last else set(),
        steps=known[-MOST_STEPS:],
        hidden=max(0, len(known) - MOST_STEPS),
        unknown=len(events) - len(known),
        colour=_colour(view, kind, key, asked.then),
    )


def compared(kind: Kind) -> Callable[..., Response]:
    def shown(view: Look, key: str, moments: TwoMoments) -> Response:
        """Without a wish: the moment before the last record, and now."""
        events = load(view.services.store, kind.snapshot, key)
        if not moments.wished and len(events) > 1:
            moments = replace(moments, first=typed(events[-2].recorded_at, view))
        sides = moments.read(view)
        found = difference(view.services.store, kind, key, sides[0].then, sides[1].then)
        rows = [found.before, found.after]
        telling = telling_of(view, kind, [*rows, *(e.event for e in events)])
        marks = timeline.marks(
            view, timeline.steps(telling, told(events, kind.snapshot, Then()).steps)
        )
        return view.render(
            "difference.html",
            max(side.status for side in sides),
            section="audit",
            kind=kind.name,
            key=key,
            called=name_of(found.after or found.before, kind, key),
            ways=ways_of(kind.name, key),
            sides=sides,
            names=("from", "to"),
            marks=[(typed(mark.recorded_at, view), mark.label) for mark in marks],
            there=[row is not None for row in rows],
            fields=_fields(telling, kind, found.before, found.after),
            between=found.between,
            colours=[_colour(view, kind, key, side.then) for side in sides],
        )

    return shown


def _fields(telling: Any, kind: Kind, before: Any, after: Any) -> list[Compared]:
    found = []
    for field in fields_of(kind):
        old, new = (telling.value(field, getattr(row, field, None)) for row in (before, after))
        if old or new:
            found.append(Compared(telling.label(field), old, new, old != new))
    return found


def _colour(view: View, kind: Kind, key: str, then: Then) -> tuple[str, str, str] | None:
    """Of a unit: its colour, what that is called, and why."""
    if kind.name != "unit":
        return None
    found = colour_then(sources_of(view.services), key, then)
    if found is None:
        return None
    why = found.zh if view.t.language == "zh" else found.en
    return found.colour, view.t.of("slip_colour", found.colour), why


def _tracks(history: Sequence[HistoryStep], steps: Sequence[timeline.Step]) -> list[Track]:
    moments = [m for step in history for m in (step.envelope.recorded_at, step.since)]
    start, span = min(moments), (max(moments) - min(moments)).total_seconds() or 1.0

    def place(moment: datetime) -> float:
        return round(EDGE + (WIDTH - 2 * EDGE) * (moment - start).total_seconds() / span, 1)

    return [
        Track(
            step.envelope.version, place(step.envelope.recorded_at), place(step.since), step.late,
            step.known, shown.name,
        )
        for step, shown in zip(history, steps, strict=True)
    ]  # fmt: skip
