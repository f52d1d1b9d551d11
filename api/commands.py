"""One POST endpoint per command, made from the deciders' own command models."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, create_model

from api.asking import Done, ask
from api.dependencies import Asking, Given, asking
from api.problems import COMMANDING, documented
from domain.accountability.commands import ProposeAccountability
from domain.accountability.decide import ACCOUNTABILITY
from domain.appeals.commands import FileAppeal
from domain.appeals.decide import APPEALS
from domain.cases.commands import ReportCase
from domain.cases.decide import CASES
from domain.inspections.commands import RecordInspection
from domain.inspections.decide import INSPECTIONS
from domain.listings.commands import ProposeListing
from domain.listings.decide import LISTINGS
from domain.messages import Command
from domain.money.commands import ProposeMoney
from domain.money.decide import MONEY
from domain.penalties.commands import OpenPenalty
from domain.penalties.decide import PENALTIES
from domain.policies.commands import AdoptPolicy
from domain.policies.decide import POLICIES
from domain.rankings.commands import ComposeRanking
from domain.rankings.decide import RANKINGS
from domain.readings.commands import RecordReading
from domain.readings.decide import READINGS
from domain.supervision.commands import ProposeSlip
from domain.supervision.decide import SLIPS
from domain.units.commands import RegisterUnit
from domain.units.decide import UNITS

# What can stand between the slashes of an address.
ID = r"^[^\s/?#\\%\x00-\x1f\x7f]+$"


class Body(BaseModel):
    """What every command may say beside its own words."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    occurred_at: AwareDatetime | None = Field(
        default=None, description="when it happened, with its time zone; left out: just now"
    )


@dataclass(frozen=True, slots=True)
class Collection:
    """A kind of thing: its place under /api/v1, what its id is called ("": nothing is asked of it
    later), which command begins one. Where that command has no id of its own, or can do without,
    the id follows from what is said."""

    path: str
    id_name: str
    begins: type[Command]
    commands: Sequence[type[Command]]

    @property
    def names_itself(self) -> bool:
        """What begins it can say its id."""
        return self.id_name in self.begins.model_fields

    def id_without(self, key: str) -> str:
        """The id of what comes without one: made up, or "" where it follows from what is said."""
        return id_for(key) if self.begins.model_fields[self.id_name].is_required() else ""


COLLECTIONS = (
    Collection("cases", "case_id", ReportCase, CASES.commands),
    Collection("units", "unit_id", RegisterUnit, UNITS.commands),
    Collection("inspections", "inspection_id", RecordInspection, INSPECTIONS.commands),
    Collection("penalties", "penalty_id", OpenPenalty, PENALTIES.commands),
    Collection("policies", "", AdoptPolicy, POLICIES.commands),
    Collection("rankings", "ranking_id", ComposeRanking, RANKINGS.commands),
    Collection("slips", "slip_id", ProposeSlip, SLIPS.commands),
    Collection("money", "money_id", ProposeMoney, MONEY.commands),
    Collection("listings", "listing_id", ProposeListing, LISTINGS.commands),
    Collection(
        "accountability", "accountability_id", ProposeAccountability, ACCOUNTABILITY.commands
    ),
    Collection("appeals", "appeal_id", FileAppeal, APPEALS.commands),
    Collection("readings", "reading_id", RecordReading, READINGS.commands),
)

Wait = Annotated[bool, Query(description="answer when the boards show it, at most a second later")]


def router() -> APIRouter:
    routes = APIRouter()
    for collection in COLLECTIONS:
        for command in collection.commands:
            begins = command is collection.begins
            endpoint = beginning(collection) if begins else following(collection, command)
            routes.add_api_route(
                address(collection, command),
                endpoint,
                methods=["POST"],
                status_code=201 if begins else 200,
                tags=[collection.path],
                operation_id=command.NAME,
                summary=command.NAME,
                description=command.__doc__ or "",
                responses=documented(COMMANDING),
            )
    return routes


def address(collection: Collection, command: type[Command]) -> str:
    """``case.order_rework`` → ``/cases/{case_id}/order-rework``; what begins a thing has no id."""
    if command is collection.begins:
        return f"/{collection.path}"
    verb = command.NAME.partition(".")[2].replace("_", "-")
    return f"/{collection.path}/{{{collection.id_name}}}/{verb}"


def beginning(collection: Collection) -> Callable[..., Done]:
    command = collection.begins
    id_name = collection.id_name if collection.names_itself else ""

    def endpoint(
        services: Given,
        response: Response,
        asked: Annotated[Asking, Depends(asking)],
        body: Any,
        wait: Wait = False,
    ) -> Done:
        given = {}
        if id_name:
            given = {id_name: getattr(body, id_name) or collection.id_without(asked.key)}
        made = command_of(command, body, given)
        done = ask(services, made, asked, body.occurred_at, wait)
        response.headers["Location"] = f"/api/v1/{collection.path}/{quote(done.id)}"
        return described(done, response)

    own_id = (str | None, Field(default=None, min_length=1, max_length=100, pattern=ID))
    endpoint.__annotations__["body"] = body_of(command, {id_name: own_id} if id_name else {})
    return endpoint


def following(collection: Collection, command: type[Command]) -> Callable[..., Done]:
    id_name = collection.id_name
    model = body_of(command, {}, without=(id_name,))

    def endpoint(
        services: Given,
        response: Response,
        asked: Annotated[Asking, Depends(asking)],
        stream_key: Annotated[str, Path(alias=id_name, max_length=200, pattern=ID)],
        body: Any,
        wait: Wait = False,
    ) -> Done:
        made = command_of(command, body or Body(), {id_name: stream_key})
        done = ask(services, made, asked, body.occurred_at if body else None, wait)
        return described(done, response)

    required = any(field.is_required() for field in model.model_fields.values())
    endpoint.__annotations__["body"] = model if required else model | None
    if not required:
        endpoint.__defaults__ = (None, False)
    return endpoint


def body_of(
    command: type[Command], instead: Mapping[str, Any], without: Sequence[str] = ()
) -> type[Body]:
    """The command's own words, so that its model stays the one place that describes them; what
    the server finds is not for the sender to say."""
    fields: dict[str, Any] = {
        name: (field.annotation, field)
        for name, field in command.model_fields.items()
        if name not in (*without, *command.FOUND)
    }
    return create_model(command.__name__, __base__=Body, **(fields | dict(instead)))


def command_of(command: type[Command], body: Body, given: Mapping[str, str]) -> Command:
    words = {name: getattr(body, name) for name in body.model_fields_set - {"occurred_at"}}
    try:
        return command.model_validate({**words, **given})
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


def described(done: Done, response: Response) -> Done:
    """Says in headers what a programme needs for its next step."""
    response.headers["ETag"] = f'"{done.version}"'
    if done.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return done


def id_for(key: str) -> str:
    """An id for what came without one: the same for the same key, so a repetition is one."""
    return base64.b32encode(hashlib.sha256(key.encode()).digest()[:10]).decode()
