"""What an import is made of: jobs, each one atomic append made from one or more rows."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec
from pydantic import ValidationError

from domain.messages import Command
from domain.requests import Request
from domain.units.commands import RegisterUnit
from infra.importing.binding import Values
from infra.importing.known import Known
from infra.importing.tables import BadRow

_encode = msgspec.json.Encoder(decimal_format="string").encode


class Rejection(NamedTuple):
    """A row that does not go in. ``file`` counts the files of the import from 0."""

    file: int
    number: int
    code: str
    reason: str


def nothing_learnt(known: Known) -> None:
    """What a job does that later ones do not build on."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a job asks for. Of ``first`` all units that are new must be registered before it;
    ``learn`` notes what later jobs build on, once it is stored; ``duplicates`` are findings that
    stood in the rows twice."""

    requests: Sequence[Request]
    first: Sequence[RegisterUnit] = ()
    learn: Callable[[Known], None] = nothing_learnt
    duplicates: int = 0


class Job(Protocol):
    """``digest`` tells whether the rows are the same as when the job was first done. A job is not
    planned before all others that touch the same unit (``touches``, "" for none) are stored."""

    @property
    def command_id(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def touches(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def rows(self) -> Iterable[tuple[int, int]]:
        """File and row number of every row the job was made from."""

    def plan(self, known: Known) -> Planned:
        """Raises ``Refused`` and pydantic's ``ValidationError``."""


class Collected(NamedTuple):
    """All rows of all files: the jobs in the order in which they happened, the rows that take no
    part, and how many rows only repeat others."""

    jobs: Sequence[Job]
    rejections: Sequence[Rejection]
    repeated: int


class Collector(Protocol):
    """Turns the rows of one mode of the mapping language into jobs."""

    def add(self, file: int, number: int, values: Values) -> None: ...
    def add_bad(self, file: int, row: BadRow) -> None: ...
    def finish(self) -> Collected: ...


@dataclass(slots=True)
class Asking:
    """Collects the requests of one job, which all happened at one moment."""

    actor: str
    at: datetime
    cause: str
    requests: list[Request] = field(default_factory=list)

    def ask(self, command: Command, actor: str = "") -> None:
        self.requests.append(Request(command, actor or self.actor, self.at, self.cause))


def digest_of(content: Any) -> str:
    return hashlib.sha256(_encode(content)).hexdigest()


def sentence(error: ValidationError) -> str:
    """What is wrong with a command, for somebody who knows only the rows."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    return f"{where} cannot be {str(first['input'])[:60]!r}: {first['msg']}"
