"""The evidence of a city: examined, sealed where a person is shown, and held by its digests."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from domain.errors import Invalid, NotFound, Refused
from domain.evidence.kinds import LARGEST, VIDEO
from domain.evidence.ports import Condition, Examined, Listed, Sealing, Stored
from infra.evidence.borders import check_borders
from infra.evidence.pictures import picture
from infra.evidence.places import Place
from infra.evidence.recognising import recognised, told, too_large
from infra.evidence.videos import without_metadata

# A sealed file says whose key opens it, then what that key made of the file.
SEALED = b"DUBAN-SEALED/1 "
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class KeptEvidence:
    """``domain.evidence.ports.EvidenceStore`` over a place; ``sealing`` is the vault."""

    at: Place
    sealing: Sealing

    @property
    def place(self) -> str:
        return self.at.name

    def examine(self, content: BinaryIO, name: str = "") -> Examined:
        content.seek(0)
        data = content.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise too_large(told(name), "any file", LARGEST)
        media_type = recognised(data, name)
        check_borders(data, media_type, told(name))
        digest = hashlib.sha256(data).hexdigest()
        bare = Examined(content, digest, len(data), media_type)
        if media_type == VIDEO:
            return Examined(content, digest, len(data), media_type, without_metadata(data))
        if not media_type.startswith("image/"):
            return bare
        found = picture(data, told(name))
        return Examined(
            content, digest, len(data), media_type, found.copy, found.thumbnail, found.taken_at,
            found.latitude, found.longitude,
        )  # fmt: skip

    def put(self, examined: Examined, person: str = "") -> Stored:
        examined.content.seek(0)
        data = examined.content.read(examined.size + 1)
        if hashlib.sha256(data).hexdigest() != examined.digest:
            raise Invalid("evidence.broken", "the file changed while it was read: send it again")
        digest, size = self._put(data, person)
        return self._told(examined, digest, size, person)

    def open(self, digest: str) -> bytes:
        data = self.at.get(digest)
        if data is None:
            raise NotFound(
                "evidence.unknown",
                f"there is no file {digest[:12]} in {self.place}: store it first",
            )
        if hashlib.sha256(data).hexdigest() != digest:
            raise Refused(
                "evidence.altered",
                f"the file {digest[:12]} in {self.place} is not what was stored: it is not shown; "
                "tell whoever keeps the backups (duban evidence check)",
            )
        return data

    def read(self, digest: str) -> bytes:
        return self._unsealed(self.open(digest))[0]

    def stored(self, digest: str) -> Stored:
        kept = self.open(digest)
        data, person = self._unsealed(kept)
        return self._told(self.examine(io.BytesIO(data)), digest, len(kept), person)

    def condition(self, digest: str) -> Condition:
        data = self.at.get(digest)
        if data is None:
            return "missing"
        return "intact" if hashlib.sha256(data).hexdigest() == digest else "changed"

    def listed(self) -> Iterator[Listed]:
        return self.at.listed()

    def _told(self, examined: Examined, digest: str, size: int, person: str) -> Stored:
        """With the copy and the thumbnail in their places."""
        return Stored(
            digest, size, examined.media_type,
            self._put(examined.copy, person)[0] if examined.copy else "",
            self._put(examined.thumbnail, person)[0] if examined.thumbnail else "",
            examined.taken_at, examined.latitude, examined.longitude, person,
        )  # fmt: skip

    def _put(self, data: bytes, person: str) -> tuple[str, int]:
        if person:
            data = SEALED + person.encode() + b"\n" + self.sealing.encrypt(person, data)
        digest = hashlib.sha256(data).hexdigest()
        if not self.at.put(digest, data):
            self.open(digest)  # what is there already must be it
        return digest, len(data)

    def _unsealed(self, kept: bytes) -> tuple[bytes, str]:
        if not kept.startswith(SEALED):
            return kept, ""
        name, _, sealed = kept[len(SEALED) :].partition(b"\n")
        if not sealed or len(name) > LONGEST_NAME:
            raise Refused("evidence.altered", "a sealed file says of nobody that it is theirs")
        person = name.decode("utf-8", "replace")
        return self.sealing.decrypt(person, sealed), person
