"""The rules of the records of persons: registered once, put right, forgotten once and for all."""

import re
from collections.abc import Sequence

import msgspec

from domain.decider import Context, Decider
from domain.errors import Conflict, NotFound, Refused
from domain.messages import Envelope, Event
from domain.personal_data import check_texts
from domain.persons import commands as c
from domain.persons import events as e
from domain.two_people import check_person

OURS = re.compile(c.PERSON_ID)


class Person(msgspec.Struct, frozen=True):
    """``fields`` are the digests of all fields by name."""

    category: str
    fields: dict[str, str]
    forgotten: bool = False


def evolve(person: Person | None, envelope: Envelope) -> Person | None:
    match envelope.event:
        case e.PersonRegistered(category=category, fields=fields):
            return Person(category, _by_name(fields))
        case e.PersonCorrected(fields=fields) if person is not None:
            return msgspec.structs.replace(person, fields=_by_name(fields))
        case e.PersonForgotten() if person is not None:
            return msgspec.structs.replace(person, fields={}, forgotten=True)
    return person


def decide(person: Person | None, command: c.PersonCommand, context: Context) -> Sequence[Event]:
    match command:
        case c.RegisterPerson():
            if person is not None:
                raise Conflict("person.exists", f"person {command.person_id} is registered")
            check_texts("person", basis=command.basis)
            return [
                e.PersonRegistered(
                    category=command.category, basis=command.basis, fields=command.fields
                )
            ]
        case c.CorrectPerson():
            check_texts("person", reason=command.reason)
            standing = _known(person, command)
            if standing.forgotten:
                raise erased(command.person_id)
            return [e.PersonCorrected(reason=command.reason, fields=command.fields)]
        case c.ForgetPerson():
            check_texts("person", basis=command.basis)
            if not command.rule:
                check_person("person", "have somebody forgotten without a rule", context)
            if _known(person, command).forgotten:
                return []
            return [e.PersonForgotten(basis=command.basis, rule=command.rule)]
        case _:
            raise TypeError(f"{command.NAME} is nothing that is asked of a person")


def check_registered(pseudonym: str, context: Context) -> None:
    """A pseudonym of our own making names somebody of the register who is not forgotten; others
    come from elsewhere and are taken as they are. Raises ``NotFound`` (``person.unknown``) or
    ``Refused`` (``person.erased``)."""
    if not OURS.fullmatch(pseudonym):
        return
    person = context.state(f"person-{pseudonym}")
    if person is None:
        raise NotFound("person.unknown", f"there is no person {pseudonym}: register them first")
    if person.forgotten:
        raise erased(pseudonym)


def erased(person_id: str) -> Refused:
    return Refused("person.erased", f"the data of {person_id} was erased, and cannot be read again")


def _known(person: Person | None, command: c.PersonCommand) -> Person:
    if person is None:
        raise NotFound("person.unknown", f"there is no person {command.person_id}")
    return person


def _by_name(fields: Sequence[e.FieldDigest]) -> dict[str, str]:
    return {field.field: field.digest for field in fields}


PERSONS: Decider[Person | None, c.PersonCommand] = Decider(
    kind="person", commands=c.COMMANDS, initial=None, evolve=evolve, decide=decide
)
