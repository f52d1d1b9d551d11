"""Where evidence is kept, as its users see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal, NamedTuple, Protocol

Condition = Literal["intact", "missing", "changed"]


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may be stored, before it is. ``digest`` is that of the file as it came.
    ``copy`` and ``thumbnail`` are pictures (JPEG) without metadata, empty for what is no picture.
    ``taken_at`` has a zone only where the camera wrote one."""

    content: BinaryIO
    digest: str
    size: int
    media_type: str
    copy: bytes = b""
    thumbnail: bytes = b""
    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What lies in the store. ``digest`` and ``size`` are those of the file as it is stored, so of
    the sealed one where ``person`` is shown; the others are of what is in it."""

    digest: str
    size: int
    media_type: str
    copy: str = ""
    thumbnail: str = ""
    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    person: str = ""


class Listed(NamedTuple):
    digest: str
    size: int


class Sealing(Protocol):
    """Encrypts under the key of one person. Raises ``Refused`` (``person.erased``) once that key is
    destroyed."""

    def encrypt(self, person_id: str, data: bytes) -> bytes: ...

    def decrypt(self, person_id: str, data: bytes) -> bytes: ...


class EvidenceStore(Protocol):
    """Files by the SHA-256 of what is stored, each written once and never again.

    Raises ``Invalid`` (``evidence.*``: the file may not be kept, and why), ``NotFound``
    (``evidence.unknown``), ``Refused`` (``evidence.lost``, ``evidence.altered``; ``store.*`` when
    the place does not answer)."""

    @property
    def place(self) -> str:
        """Where it is, for people; without passwords."""

    def examine(self, content: BinaryIO, name: str = "") -> Examined:
        """Looks into a file without storing anything; ``name`` is only held against its content.
        The file stays open and is read again by ``put``."""

    def put(self, examined: Examined, person: str = "") -> Stored:
        """Durable when it returns. The same file again is the same one (but a sealed one is always
        new)."""

    def open(self, digest: str) -> bytes:
        """The file as it is stored, held against its digest."""

    def read(self, digest: str) -> bytes:
        """The same, unsealed where a person is shown."""

    def stored(self, digest: str) -> Stored:
        """What a stored file is, looked at anew; its copy and thumbnail are there afterwards."""

    def condition(self, digest: str) -> Condition: ...

    def listed(self) -> Iterator[Listed]:
        """All files that are there."""
