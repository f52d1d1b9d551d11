"""The past as JSON: anything at any moment, two moments side by side, lists and rules of then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import Fresh, Given
from api.events import EventView, view
from api.histories import ChangeView
from api.moments import AskedSides, AskedThen, Notice
from api.paging import cursor_of, keys_of, link_next
from api.reading import Cursor, Limit, Word, add
from api.services import Services
from domain.consequences.colours import Colour
from domain.moments import Then
from projections.past import colours, differences, registers
from projections.past.differences import Mark
from projections.past.kinds import KINDS, Kind, kind_named
from projections.past.policies import RuleThen, policies_then
from projections.past.registers import Chosen


@dataclass(frozen=True, slots=True)
class MomentView:
    """``null``: not asked for, so nothing is left out by it. ``up_to`` is a position."""

    as_of: datetime | None
    at: datetime | None
    up_to: int | None


@dataclass(frozen=True, slots=True)
class PastView:
    """``state`` is the whole row (null: it was not there yet, or not known); ``marks`` are all
    events on record by now, for a slider by ``recorded_at`` or by ``since``."""

    id: str
    moment: MomentView
    notices: list[Notice]
    state: dict[str, Any] | None
    version: int
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class BetweenView:
    """``added``: it counts at the second moment alone; otherwise at the first alone."""

    event: EventView
    since: datetime
    late: bool
    added: bool


@dataclass(frozen=True, slots=True)
class DifferenceView:
    id: str
    first: MomentView
    second: MomentView
    notices: list[Notice]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    fields: list[ChangeView]
    between: list[BetweenView]


@dataclass(frozen=True, slots=True)
class RegisterView:
    """``next`` is the ``cursor`` of the following page, which may also hold nothing."""

    moment: MomentView
    notices: list[Notice]
    items: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True, slots=True)
class RulesView:
    moment: MomentView
    notices: list[Notice]
    items: list[RuleThen]


@dataclass(frozen=True, slots=True)
class ColourView:
    """``colour`` is null where no supervision policy was in force, as far as was known."""

    moment: MomentView
    notices: list[Notice]
    colour: Colour | None


def router() -> APIRouter:
    routes = APIRouter()
    for kind in KINDS.values():
        part = APIRouter(tags=[kind.things])
        one = f"/{kind.things}/{{{kind.key}}}"
        add(part, f"{one}/past", telling(kind), "As it was, or as it was known, at a moment")
        add(part, f"{one}/difference", comparing(kind), "Two moments side by side")
        routes.include_router(part)
    lists = APIRouter(tags=["past"])
    add(lists, "/past/rules", rules, "The policies known at a moment, and those in force")
    add(lists, "/past/{things}", register, "A list as it stood at a moment")
    routes.include_router(lists)
    units = APIRouter(tags=["units"])
    add(units, "/units/{unit_id}/colour", colour, "The colour of a unit at a moment, and why")
    routes.include_router(units)
    return routes


def telling(kind: Kind) -> Callable[..., PastView]:
    def endpoint(
        services: Given,
        key: Annotated[str, Path(alias=kind.key, max_length=200)],
        asked: AskedThen,
    ) -> PastView:
        """Folded from the log itself, so it never lags."""
        found = differences.past(services.store, kind, key, asked.then)
        return PastView(
            id=key,
            moment=moment_view(asked.then),
            notices=list(asked.notices),
            state=state_view(found.state),
            version=found.version,
            marks=list(found.marks),
        )

    return endpoint


def comparing(kind: Kind) -> Callable[..., DifferenceView]:
    def endpoint(
        services: Given,
        key: Annotated[str, Path(alias=kind.key, max_length=200)],
        sides: AskedSides,
    ) -> DifferenceView:
        """Field by field, with the events that make the difference."""
        found = differences.difference(services.store, kind, key, sides.first, sides.second)
        return DifferenceView(
            id=key,
            first=moment_view(sides.first),
            second=moment_view(sides.second),
            notices=list(sides.notices),
            before=state_view(found.before),
            after=state_view(found.after),
            fields=[ChangeView(c.field, c.before, c.after) for c in found.fields],
            between=[
                BetweenView(view(b.envelope), b.mark.since, b.mark.late, b.added)
                for b in found.between
            ],
        )

    return endpoint


def register(
    services: Fresh,
    request: Request,
    response: Response,
    things: Annotated[str, Path(max_length=40, description="listings, slips, cases, …")],
    asked: AskedThen,
    status: Annotated[list[str] | None, Query(max_length=12)] = None,
    unit: Word = "",
    which: Annotated[Word, Query(description="black, yellow, deduction, an indicator, …")] = "",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> RegisterView:
    """The newest first, each folded from the log. A page looks at 2,000 things at most."""
    kind = kind_named(things)
    chosen = Chosen(tuple(status or ()), unit, which)
    more = {"before": keys_of(cursor, tuple[datetime, int])} if cursor else {}
    found = registers.page(
        services.store, services.reader, kind, asked.then, chosen, limit=limit, **more
    )
    following = cursor_of(found.next[0].isoformat(), found.next[1]) if found.next else None
    link_next(request, response, {"cursor": following} if following else None)
    return RegisterView(
        moment_view(asked.then), list(asked.notices),
        [msgspec.structs.asdict(row) for row in found.rows], following,
    )  # fmt: skip


def rules(services: Given, asked: AskedThen) -> RulesView:
    told = policies_then(services.store, asked.then, services.clock.now())
    return RulesView(moment_view(asked.then), list(asked.notices), told)


def colour(
    services: Fresh, unit_id: Annotated[str, Path(max_length=200)], asked: AskedThen
) -> ColourView:
    differences.past(services.store, KINDS["unit"], unit_id, asked.then)
    found = colours.colour_then(sources_of(services), unit_id, asked.then)
    return ColourView(moment_view(asked.then), list(asked.notices), found)


def sources_of(services: Services) -> colours.Sources:
    return colours.Sources(
        services.store, services.reader, services.city().zone, services.clock.now()
    )


def moment_view(then: Then) -> MomentView:
    return MomentView(then.as_of, then.at, then.up_to)


def state_view(row: Any) -> dict[str, Any] | None:
    return None if row is None else msgspec.structs.asdict(row)
