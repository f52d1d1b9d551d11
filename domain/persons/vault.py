"""Where personal data lies: outside the log, each person's under a key of their own."""

from collections.abc import Mapping
from typing import Protocol


class Vault(Protocol):
    """The log says ``p-5f0c…``, the vault who that is. Raises ``NotFound`` (``person.unknown``),
    ``Refused`` (``person.erased``) for whoever was forgotten, and ``Refused`` (``vault.*``) when it
    cannot be opened or its key does not fit."""

    def pseudonym(self, key: str) -> str:
        """A person id for a registration: the same for the same ``key``, and nobody can guess it
        or say what it was made from."""

    def put(self, person_id: str, fields: Mapping[str, str]) -> None:
        """Keeps these fields and no others. Raises ``Conflict`` (``person.exists``) when somebody
        else has the same identity number."""

    def read(self, person_id: str) -> dict[str, str]: ...

    def encrypt(self, person_id: str, data: bytes) -> bytes:
        """Sealed under the person's key; nothing can open it once they are forgotten."""

    def decrypt(self, person_id: str, sealed: bytes) -> bytes: ...

    def find(self, kind: str, value: str) -> str | None:
        """Who has this identity number (kind ``id_number``): looked up by a keyed digest."""

    def digest(self, text: str) -> str:
        """A keyed digest: who has the text can find it again, who has not cannot guess it."""

    def forget(self, person_id: str) -> bool:
        """Destroys the person's key and data for ever; False where that was done before. Nothing
        can be put under this id again, even if there was nothing."""
