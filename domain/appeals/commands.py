"""What can be asked of appeals."""

import hashlib
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from domain.appeals.events import Against, ContestedEntry
from domain.errors import Invalid
from domain.messages import Command

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Name = Annotated[str, Field(min_length=1, max_length=300)]


class AppealCommand(Command):
    STREAM: ClassVar[str] = "appeal"

    appeal_id: str = Field(min_length=1, max_length=100, description="id of the appeal")

    @property
    def stream_key(self) -> str:
        return self.appeal_id


class FileAppeal(Command):
    """Appeal against a score entry, a timeout, a list entry or money. ``subject`` is the position
    and the number of the entry (``1204.0``), the case and the missed deadline
    (``A1@2026-03-02T09:00:00+08:00``), the id of the list entry, or of the deduction or reward.
    The id follows from what it is against, so there is one appeal for each. What the server finds
    is not for the sender to say: ``stream`` where that happened, ``concerned`` whom it is about,
    ``known_at`` since when it is known, and the score ``entries`` that fall if it is upheld."""

    NAME: ClassVar[str] = "appeal.file"
    STREAM: ClassVar[str] = "appeal"
    FOUND: ClassVar[tuple[str, ...]] = ("stream", "concerned", "known_at", "entries")

    against: Against
    subject: Name
    unit: Name
    grounds: Text
    stream: str = ""
    concerned: str = ""
    known_at: datetime | None = None
    entries: tuple[ContestedEntry, ...] = ()

    @field_validator("subject")
    @classmethod
    def _written_one_way(cls, subject: str, info: ValidationInfo) -> str:
        """Two ways of writing one subject would be two appeals. Raises ``Invalid``
        (``appeal.subject_unreadable``)."""
        match info.data.get("against"):
            case "score_entry":
                position, entry = entry_of(subject)
                return f"{position}.{entry}"
            case "timeout":
                case_id, due_at = timeout_of(subject)
                return f"{case_id}@{due_at.isoformat()}"
        return subject

    @property
    def stream_key(self) -> str:
        return appeal_key(self.against, self.subject)


class UpholdAppeal(AppealCommand):
    NAME: ClassVar[str] = "appeal.uphold"

    reason: Text


class DismissAppeal(AppealCommand):
    NAME: ClassVar[str] = "appeal.dismiss"

    reason: Text


def entry_of(subject: str) -> tuple[int, int]:
    """The position of an event and the number of a score entry it made. Raises ``Invalid``."""
    found = re.fullmatch(r"([0-9]{1,18})\.([0-9]{1,5})", subject)
    if found is None:
        raise Invalid(
            "appeal.subject_unreadable",
            f"{subject!r} names no score entry: write its position and number, such as 1204.0",
        )
    return int(found[1]), int(found[2])


def timeout_of(subject: str) -> tuple[str, datetime]:
    """A case and the deadline (UTC) that was missed. Raises ``Invalid``."""
    case_id, _, due = subject.rpartition("@")
    due_at: datetime | None = None
    with suppress(ValueError):
        due_at = datetime.fromisoformat(due)
    if not case_id or due_at is None or due_at.tzinfo is None:
        raise Invalid(
            "appeal.subject_unreadable",
            f"{subject!r} names no timeout: write the case and its missed deadline, such as "
            "A1@2026-03-02T09:00:00+08:00",
        )
    return case_id, due_at.astimezone(UTC)


def appeal_key(against: Against, subject: str) -> str:
    """The id of the one appeal there can be against something."""
    digest = hashlib.sha256(f"{against}\n{subject}".encode()).hexdigest()[:20]
    return f"{against}-{digest}"


COMMANDS = (FileAppeal, UpholdAppeal, DismissAppeal)
