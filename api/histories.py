"""What a thing went through, as JSON: its state then or now, and every step that led there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path
from pydantic import BaseModel, create_model

from api.dependencies import Given
from api.events import EventView, view
from api.moments import AskedThen
from api.moments import AsOf as AsOf
from api.moments import UpTo as UpTo
from api.reading import add
from api.services import Services
from domain.errors import NotFound
from projections.histories import History, history
from projections.past.kinds import KINDS
from projections.projection import Snapshot


@dataclass(frozen=True, slots=True)
class ChangeView:
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class StepView:
    """``rules`` name the policies in force when it happened. ``late``: stored more than a day
    after it happened. ``known``: it counts at the moment asked about. ``since``: what it says
    holds since then (a correction: since what it puts right)."""

    event: EventView
    changes: list[ChangeView]
    rules: list[str]
    late: bool
    known: bool
    since: datetime


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
    for kind in KINDS.values():
        part = APIRouter(tags=[kind.things])
        path = f"/{kind.things}/{{{kind.key}}}/history"
        add(part, path, telling(kind.snapshot), "All that happened")
        routes.include_router(part)
    return routes


def telling(snapshot: Snapshot[Any]) -> Callable[..., HistoryView]:
    def endpoint(
        services: Given,
        key: Annotated[str, Path(alias=snapshot.key, max_length=200)],
        asked: AskedThen,
    ) -> HistoryView:
        then = asked.then
        full = history(services.store, snapshot, key, then.as_of, then.up_to, then.at)
        return told(services, key, full)

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
                since=step.since,
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
