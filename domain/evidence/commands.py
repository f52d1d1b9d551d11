"""What can be asked of the evidence of a case."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from domain.cases.commands import CaseCommand

DIGEST = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the stored file, in hex")
Text = Field(min_length=1, max_length=4000)


class AttachEvidence(CaseCommand):
    """Let a stored file speak for a case. What the file is, the server looks up itself."""

    NAME: ClassVar[str] = "case.attach_evidence"
    FOUND: ClassVar[tuple[str, ...]] = (
        "media_type", "size", "copy_digest", "thumbnail", "taken_at", "latitude", "longitude",
        "person",
    )  # fmt: skip

    digest: str = DIGEST
    caption: str = Field(default="", max_length=1000)
    media_type: str = ""
    size: int = 0
    copy_digest: str = ""
    thumbnail: str = ""
    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    person: str = ""


class CorrectEvidence(CaseCommand):
    """Put right what is said about a piece of evidence."""

    NAME: ClassVar[str] = "case.correct_evidence"

    digest: str = DIGEST
    caption: str = Field(max_length=1000)
    reason: str = Text


class WithdrawEvidence(CaseCommand):
    """Take a piece of evidence back: it no longer speaks for the case; the file stays."""

    NAME: ClassVar[str] = "case.withdraw_evidence"

    digest: str = DIGEST
    reason: str = Text


COMMANDS = (AttachEvidence, CorrectEvidence, WithdrawEvidence)
