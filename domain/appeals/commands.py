"""What can be asked of appeals."""

import hashlib
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from domain.appeals.events import Against, ContestedEntry
from domain.messages import Command

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Name = Annotated[str, Field(min_length=1, max_length=300)]


class AppealCommand(Command):
    STREAM: ClassVar[str] = "appeal"

    appeal_id: str = Field(min_length=1, max_length=100, description="id of the appeal")

    @property
    def stream_key(self) -> str:
        return self.appeal_id


class FileAppeal(AppealCommand):
    """Appeal against a score entry, a timeout, a list entry or money. The id follows from what it
    is against, so there is one appeal for each. What the server finds (``stream``, ``known_at``,
    ``entries``) is not for the sender to say."""

    NAME: ClassVar[str] = "appeal.file"
    FOUND: ClassVar[tuple[str, ...]] = ("appeal_id", "stream", "known_at", "entries")

    against: Against
    subject: Name
    unit: Name
    grounds: Text
    stream: str = ""
    known_at: datetime | None = None
    entries: tuple[ContestedEntry, ...] = ()


class UpholdAppeal(AppealCommand):
    NAME: ClassVar[str] = "appeal.uphold"

    reason: Text


class DismissAppeal(AppealCommand):
    NAME: ClassVar[str] = "appeal.dismiss"

    reason: Text


def appeal_key(against: Against, subject: str) -> str:
    """The id of the one appeal there can be against something."""
    digest = hashlib.sha256(f"{against}\n{subject}".encode()).hexdigest()[:20]
    return f"{against}-{digest}"


COMMANDS = (FileAppeal, UpholdAppeal, DismissAppeal)
