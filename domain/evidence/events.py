"""What happens to evidence: photos and documents that a case refers to by their SHA-256."""

from datetime import datetime

from domain.messages import Event


class EvidenceAttached(Event, frozen=True):
    """``digest`` is the SHA-256 of what is stored as it came: of the sealed form where ``person``
    (a pseudonym) is shown. ``copy`` and ``thumbnail`` are those of the picture without its
    metadata ("": there is none). ``taken_at`` and the place are what the camera wrote; of a citizen
    or a person who is shown no place is recorded."""

    NAME = "case.evidence_attached"
    digest: str
    media_type: str
    size: int
    caption: str = ""
    copy: str = ""
    thumbnail: str = ""
    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    person: str = ""


class EvidenceCorrected(Event, frozen=True):
    """What was said about it was wrong; ``caption`` takes its place."""

    NAME = "case.evidence_corrected"
    digest: str
    caption: str
    reason: str


class EvidenceWithdrawn(Event, frozen=True):
    """It no longer speaks for the case; the file stays and can still be read."""

    NAME = "case.evidence_withdrawn"
    digest: str
    reason: str


EVENTS = (EvidenceAttached, EvidenceCorrected, EvidenceWithdrawn)
