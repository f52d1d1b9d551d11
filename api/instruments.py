"""Slips, money, list entries, accountability and appeals as JSON: lists, and one of each."""

import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field, create_model

from api.dependencies import Fresh, Given
from api.exporting import columns_of, csv_of
from api.freshness import check_fresh, tag_of
from api.histories import known_row, shape_of
from api.moments import AskedThen
from api.paging import cursor_of, keys_of, link_next
from api.reading import EARLIEST, LATEST, Cursor, Format, Limit, Moment, Word, add
from api.services import Services
from domain.accountability.decide import Status as AccountabilityStatus
from domain.appeals.decide import Status as AppealStatus
from domain.appeals.events import Against
from domain.listings.decide import Status as ListingStatus
from domain.listings.events import ListName
from domain.moments import LAST_MOMENT
from domain.money.decide import Status as MoneyStatus
from domain.money.events import Direction
from domain.policies.consequences import Action
from domain.supervision.state import Status as SlipStatus
from projections import instruments
from projections.dossiers import names
from projections.histories import history
from projections.instruments import Balance, Kind, LedgerLine, Wanted
from projections.sums import NO_POSITION

After = tuple[datetime, str]
MOST_ROWS = 1_000_000


class ListQuery(BaseModel):
    """What every list can be asked for; the kinds add their own."""

    status: list[str] = Field(default=[], max_length=12)
    unit: Word = Field(default="", description="with all units under it")
    begun_from: Moment = Field(default=EARLIEST, alias="from", description="came up then or later")
    begun_to: Moment = Field(default=LATEST, alias="to", description="came up before")


@dataclass(frozen=True, slots=True)
class Register:
    """How a kind is asked for: its statuses, and the names of the filters of its own, each with
    the field of ``Wanted`` it sets and what it may be."""

    kind: Kind
    one: str
    statuses: Any
    filters: Mapping[str, tuple[str, Any]]


REGISTERS = (
    Register(
        instruments.SLIPS, "slip", SlipStatus,
        {"colour": ("which", Word), "case": ("about", Word)},
    ),
    Register(
        instruments.MONEY, "money", MoneyStatus,
        {"direction": ("which", Direction), "ranking": ("about", Word), "period": ("period", Word)},
    ),
    Register(
        instruments.LISTINGS, "listing", ListingStatus,
        {"list": ("which", ListName), "ranking": ("about", Word), "period": ("period", Word)},
    ),
    Register(
        instruments.ACCOUNTABILITY, "accountability", AccountabilityStatus,
        {"action": ("which", Action), "person": ("about", Word)},
    ),
    Register(
        instruments.APPEALS, "appeal", AppealStatus,
        {"against": ("which", Against), "stream": ("about", Word)},
    ),
)  # fmt: skip


def register_of(kind: Kind) -> Register:
    return next(each for each in REGISTERS if each.kind is kind)


def router() -> APIRouter:
    routes = APIRouter()
    ledger_part = APIRouter(tags=["money"])
    add(ledger_part, "/ledger", ledger, "Lines of the ledger", list[LedgerLine], True, True)
    add(ledger_part, "/ledger/balances", balances, "What is due and paid per period", keeps=True)
    routes.include_router(ledger_part)
    for register in REGISTERS:
        name = register.kind.name
        part = APIRouter(tags=[name])
        title = register.one.capitalize()
        line = shape_of(f"{title}Line", register.kind.snapshot.row, unit_name=(str, ...))
        lines = types.GenericAlias(list, (line,))
        shape: dict[str, Any] = {"items": (lines, ...), "next": (str | None, ...)}
        page = create_model(f"{title}Page", **shape)
        add(part, f"/{name}", listing(register), f"List {name}", page, True, True)
        state = shape_of(f"{title}State", register.kind.snapshot.row)
        add(part, f"/{name}/{{{register.kind.key}}}", one(register), "One", state, keeps=True)
        routes.include_router(part)
    return routes


def query_of(register: Register) -> type[BaseModel]:
    """The filters of the list as a model, so that they are checked and documented."""
    statuses: Any = types.GenericAlias(list, (register.statuses,))
    own: dict[str, Any] = {"status": (statuses, Field(default=[], max_length=12))}
    for name, (_, shape) in register.filters.items():
        allowed = get_args(shape)
        choice = shape | Literal[""] if allowed and shape is not Word else shape
        own[f"of_{name}"] = (choice, Field(default="", alias=name))
    return create_model(f"{register.one.capitalize()}Query", __base__=ListQuery, **own)


def listing(register: Register) -> Callable[..., Any]:
    kind = register.kind

    def endpoint(
        services: Fresh,
        request: Request,
        response: Response,
        asked: Any,
        cursor: Cursor = None,
        limit: Limit = 100,
        shape: Format = "json",
    ) -> Any:
        check_fresh(request, response, tag_of(services))
        own = {of: getattr(asked, f"of_{name}") for name, (of, _) in register.filters.items()}
        wanted = Wanted(
            tuple(asked.status), asked.unit, start=asked.begun_from, end=asked.begun_to, **own
        )
        if shape == "csv":
            rows = instruments.page(services.reader, kind, wanted, limit=MOST_ROWS)
            columns = (*kind.snapshot.row.__struct_fields__, "unit_name")
            return csv_of(map(_cells, named(services, rows)), columns, kind.name)
        before = keys_of(cursor, After) if cursor else (LAST_MOMENT, "")
        found = instruments.page(services.reader, kind, wanted, before, limit + 1)
        items = found[:limit]
        following = None
        if len(found) > limit:
            begun = getattr(items[-1], kind.begun).isoformat()
            following = cursor_of(begun, getattr(items[-1], kind.key))
            link_next(request, response, {"cursor": following})
        return {"items": list(named(services, items)), "next": following}

    endpoint.__annotations__["asked"] = Annotated[query_of(register), Query()]
    return endpoint


def one(register: Register) -> Callable[..., Any]:
    kind = register.kind

    def endpoint(
        services: Given,
        request: Request,
        response: Response,
        key: Annotated[str, Path(alias=kind.key, max_length=200)],
        asked: AskedThen,
    ) -> dict[str, Any]:
        """Read from the log itself, so it never lags. The ETag is the version to send as
        If-Match."""
        then = asked.then
        told = history(services.store, kind.snapshot, key, then.as_of, then.up_to, then.at)
        row = known_row(told, register.one, key)
        check_fresh(request, response, f'"{row.version}"')
        return msgspec.structs.asdict(row)

    return endpoint


def named(services: Services, rows: Iterable[msgspec.Struct]) -> Iterator[dict[str, Any]]:
    """The rows with the names of their units."""
    told = [msgspec.structs.asdict(row) for row in rows]
    units = names(services.reader, {row["unit"] for row in told})
    for row in told:
        unit = units.get(row["unit"])
        yield row | {"unit_name": unit.name if unit else ""}


def _cells(row: Mapping[str, Any]) -> types.SimpleNamespace:
    return types.SimpleNamespace(**row)


def ledger(
    services: Fresh,
    request: Request,
    response: Response,
    period: Annotated[Word, Query(description="2026-03, 2026-W15, …; left out: all")] = "",
    unit: Word = "",
    cursor: Cursor = None,
    limit: Limit = 100,
    shape: Format = "json",
) -> Any:
    """The newest first; ``limit`` counts events, and each has two lines."""
    check_fresh(request, response, tag_of(services))
    if shape == "csv":
        rows = instruments.ledger(services.reader, period, unit, limit=MOST_ROWS)
        return csv_of(rows, columns_of(LedgerLine), "ledger")
    before = keys_of(cursor, tuple[int])[0] if cursor else NO_POSITION
    found = instruments.ledger(services.reader, period, unit, before, limit * 2)
    if len(found) == limit * 2:
        link_next(request, response, {"cursor": cursor_of(found[-1].position)})
    return found


def balances(
    services: Fresh, request: Request, response: Response, period: Word = ""
) -> list[Balance]:
    check_fresh(request, response, tag_of(services))
    return instruments.balances(services.reader, period)
