"""What a thing went through, as JSON: its state then or now, and every step that led there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, create_model

from api.dependencies import Given
from api.events import EventView, view
from api.reading import AS_OF, Moment, add
from api.services import Services
from domain.errors import NotFound
from projections.accountability import ACCOUNTABILITY
from projections.appeals import APPEALS
from projections.bulletins import BULLETINS
from projections.cases import CASES
from projections.histories import History, history
from projections.inspections import INSPECTIONS
from projections.listings import LISTINGS
from projections.money import MONEY
from projections.penalties import PENALTIES
from projections.projection import Snapshot
from projections.readings import READINGS
from projections.slips import SLIPS
from projections.units import UNITS

# The place under /api/v1 of every kind of thing that has a history.
HISTORIES: tuple[tuple[str, Snapshot[Any]], ...] = (
    ("cases", CASES),
    ("units", UNITS),
    ("inspections", INSPECTIONS),
    ("penalties", PENALTIES),
    ("rankings", BULLETINS),
    ("slips", SLIPS),
    ("money", MONEY),
    ("listings", LISTINGS),
    ("accountability", ACCOUNTABILITY),
    ("appeals", APPEALS),
    ("readings", READINGS),
)

AsOf = Annotated[Moment | None, Query(description=AS_OF)]
UpTo = Annotated[int | None, Query(ge=0, lt=2**63, description="as of this position of the log")]


@dataclass(frozen=True, slots=True)
class ChangeView:
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class StepView:
    """``rules`` name the policies in force when it happened. ``late``: stored more than a day
    after it happened. ``known``: it had been stored at the moment asked about."""

    event: EventView
    changes: list[ChangeView]
    rules: list[str]
    late: bool
    known: bool


@dataclass(frozen=True, slots=True)
class HistoryView:
    """``state`` is what was known at the moment asked about (null: nothing yet); ``steps`` are all
    that are stored by now, so that a reader can move on through time."""

    id: str
    version: int
    state: dict[str, Any] | None
    steps: list[StepView]


def router() -> APIRouter:
    routes = APIRouter()
    for path, snapshot in HISTORIES:
        part = APIRouter(tags=[path])
        add(part, f"/{path}/{{{snapshot.key}}}/history", telling(snapshot), "All that happened")
        routes.include_router(part)
    return routes


def telling(snapshot: Snapshot[Any]) -> Callable[..., HistoryView]:
    def endpoint(
        services: Given,
        key: Annotated[str, Path(alias=snapshot.key, max_length=200)],
        as_of: AsOf = None,
        up_to: UpTo = None,
    ) -> HistoryView:
        return told(services, key, history(services.store, snapshot, key, as_of, up_to))

    return endpoint


def told(services: Services, key: str, full: History[Any]) -> HistoryView:
    policies = services.desk.standing.policies
    return HistoryView(
        id=key,
        version=full.version,
        state=None if full.row is None else msgspec.structs.asdict(full.row),
        steps=[
            StepView(
                event=view(step.envelope),
                changes=[ChangeView(c.field, c.before, c.after) for c in step.changes],
                rules=[policies.get(digest).ref for digest in step.envelope.metadata.policies],
                late=step.late,
                known=step.known,
            )
            for step in full.steps
        ],
    )


def known_row(full: History[Any], kind: str, key: str) -> Any:
    """Raises ``NotFound`` when nothing was known about it at the moment asked about."""
    if full.row is None:
        raise NotFound(f"{kind}.unknown_then", f"{kind} {key} was not on record at that moment")
    return full.row


def shape_of(name: str, row: type[msgspec.Struct], **more: Any) -> type[BaseModel]:
    """The columns of a table as a model, for the API's documentation."""
    columns: dict[str, Any] = {
        field.name: (field.type, ...) for field in msgspec.structs.fields(row)
    }
    return create_model(name, **columns, **more)
