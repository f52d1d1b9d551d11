"""What can be asked of the records of persons; the data itself goes into the vault beside them."""

from typing import Annotated, ClassVar

from pydantic import Field

from domain.messages import Command
from domain.persons.events import FieldDigest

PERSON_ID = r"^p-[0-9a-f]{16}$"
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Category = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class PersonCommand(Command):
    STREAM: ClassVar[str] = "person"

    person_id: str = Field(pattern=PERSON_ID, description="pseudonym of the person")

    @property
    def stream_key(self) -> str:
        return self.person_id


class RegisterPerson(PersonCommand):
    """Keep the data of a person: for what, and on which legal ground."""

    NAME: ClassVar[str] = "person.register"

    category: Category
    basis: Text
    fields: tuple[FieldDigest, ...]


class CorrectPerson(PersonCommand):
    """Put the data right."""

    NAME: ClassVar[str] = "person.correct"

    reason: Text
    fields: tuple[FieldDigest, ...]


class ForgetPerson(PersonCommand):
    """Destroy the data for ever. Once is enough: a second time says nothing."""

    NAME: ClassVar[str] = "person.forget"

    basis: Text
    rule: str = Field(default="", max_length=100)


COMMANDS = (RegisterPerson, CorrectPerson, ForgetPerson)
