"""Persons as JSON: registered, put right, read with a purpose, found, and forgotten."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.asking import Done, answered
from api.dependencies import Asking, Fresh, Given, asking
from api.problems import COMMANDING, READING, documented
from api.reading import Limit, add
from api.recording import API, record_found
from api.services import Services
from domain.errors import Invalid, NotFound
from domain.messages import Appended
from domain.persons.commands import PERSON_ID, Category, ForgetPerson, Text
from projections.persons import PersonRow, persons

Word = Annotated[str, Field(max_length=200)]
Id = Annotated[str, Path(pattern=PERSON_ID, description="pseudonym of the person")]
STATUSES = sorted({401, 409, *READING})


class Spoken(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Data(Spoken):
    """What goes into the vault and nowhere else. Left out: stays; "": is taken out."""

    name: Word | None = None
    phone: Word | None = None
    id_number: Word | None = None
    address: Word | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None

    def fields(self) -> dict[str, str]:
        return {name: value for name, value in self if value is not None}


class RegisterBody(Spoken):
    category: Category = Field(description="reporter, witness, official, …")
    basis: Text = Field(description="the legal ground on which the data is kept")
    data: Data


class CorrectBody(Spoken):
    reason: Text
    data: Data


class ForgetBody(Spoken):
    basis: Text = Field(description="the legal ground on which the data is destroyed")


class FindBody(Spoken):
    id_number: Annotated[str, Field(min_length=1, max_length=60)]


class PersonFound(BaseModel):
    person_id: str


class PersonData(BaseModel):
    """``erased``: the data is destroyed (已删除), and nobody can read it any more."""

    person_id: str
    category: str
    erased: bool
    shown: str = Field(description="the name, or 已删除 erased")
    fields: dict[str, str]


class PersonLine(BaseModel):
    """Somebody of the register; ``fields`` names what the vault holds of them."""

    person_id: str
    category: str
    status: str
    basis: str
    fields: list[str]
    corrections: int
    version: int
    position: int


class PersonPage(BaseModel):
    """``next`` is the ``cursor`` of the following page; there is none after the last."""

    items: list[PersonLine]
    next: str | None


def purposeful(
    actor: Annotated[str, Header(alias="Actor", description="who reads")],
    purpose: Annotated[
        str,
        Header(alias="Purpose", description="why; letters outside ASCII percent-encoded UTF-8"),
    ],
) -> None:
    """Personal data is shown to nobody who does not say who they are and what for."""
    if not actor.strip():
        raise Invalid("actor.missing", "say who reads in the header Actor")
    if not purpose.strip():
        raise Invalid("purpose.missing", "say in the header Purpose what the data is needed for")


Purposeful = Depends(purposeful)
Asked = Annotated[Asking, Depends(asking)]


def router() -> APIRouter:
    routes = APIRouter(tags=["persons"])
    add(routes, "/persons", listing, "The register, by pseudonym", PersonPage)
    routes.add_api_route(
        "/persons/{person_id}", one, methods=["GET"], summary="Who a pseudonym is",
        responses=documented(STATUSES), dependencies=[Purposeful],
    )  # fmt: skip
    routes.add_api_route(
        "/persons/find", find, methods=["POST"], summary="Find a pseudonym by an identity number",
        responses=documented(sorted({*STATUSES, *COMMANDING})), dependencies=[Purposeful],
    )  # fmt: skip
    for path, endpoint, name, status in (
        ("/persons", register, "person.register", 201),
        ("/persons/{person_id}/correct", correct, "person.correct", 200),
        ("/persons/{person_id}/forget", forget, "person.forget", 200),
    ):
        routes.add_api_route(
            path, endpoint, methods=["POST"], status_code=status, operation_id=name, summary=name,
            responses=documented(COMMANDING),
        )  # fmt: skip
    return routes


def listing(
    services: Fresh,
    response: Response,
    category: Annotated[str, Query(max_length=40)] = "",
    status: Annotated[str, Query(max_length=40, description="registered or forgotten")] = "",
    cursor: Annotated[str, Query(max_length=40)] = "",
    limit: Limit = 100,
) -> PersonPage:
    response.headers["Cache-Control"] = "no-store"
    found = persons(services.reader, category, status, cursor, limit + 1)
    items = [_line(row) for row in found[:limit]]
    return PersonPage(items=items, next=items[-1].person_id if len(found) > limit else None)


def one(services: Given, response: Response, person_id: Id) -> PersonData:
    response.headers["Cache-Control"] = "no-store"
    known = services.persons.look(person_id)
    shown = "已删除 erased" if known.erased else known.fields.get("name", "")
    return PersonData(
        person_id=person_id, category=known.category, erased=known.erased, shown=shown,
        fields=dict(known.fields),
    )  # fmt: skip


def find(services: Given, request: Request, response: Response, body: FindBody) -> PersonFound:
    """By POST, so that the number stands in no address."""
    response.headers["Cache-Control"] = "no-store"
    found = services.persons.find(body.id_number)
    if found is None:
        raise NotFound("person.unknown", "nobody is registered with that identity number")
    record_found(services, request, found)
    return PersonFound(person_id=found)


def register(services: Given, response: Response, body: RegisterBody, asked: Asked) -> Done:
    """The data goes into the vault, salted digests of it into the log."""
    fields = body.data.fields()
    person_id, appended = services.persons.register(
        asked.actor, asked.key, body.category, body.basis, fields
    )
    response.headers["Location"] = f"{API}/persons/{person_id}"
    return _done(services, response, person_id, appended)


def correct(
    services: Given, response: Response, person_id: Id, body: CorrectBody, asked: Asked
) -> Done:
    appended = services.persons.correct(
        asked.actor, asked.key, person_id, body.reason, body.data.fields()
    )
    return _done(services, response, person_id, appended)


def forget(
    services: Given, response: Response, person_id: Id, body: ForgetBody, asked: Asked
) -> Done:
    """Destroys the key and the data for ever; statistics and proofs stay valid."""
    appended = services.persons.forget(asked.actor, asked.key, person_id, body.basis)
    return _done(services, response, person_id, appended)


def _line(row: PersonRow) -> PersonLine:
    return PersonLine(
        person_id=row.person_id, category=row.category, status=row.status, basis=row.basis,
        fields=list(row.fields), corrections=row.corrections, version=row.version,
        position=row.position,
    )  # fmt: skip


def _done(services: Services, response: Response, person_id: str, appended: Appended) -> Done:
    command = ForgetPerson(person_id=person_id, basis="-")  # only its stream is asked for
    done = answered(services, command, appended, wait=False)
    response.headers["ETag"] = f'"{done.version}"'
    if done.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return done
