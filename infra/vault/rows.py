"""What a vault asks of its database, which never sees anything but sealed data and digests."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

Found = tuple[str, str]  # the kind of a field that can be searched, and its keyed digest


class Row(NamedTuple):
    """``key`` is the person's own, wrapped; ``key`` and ``sealed`` are None once ``erased``."""

    key: bytes | None
    sealed: bytes | None
    erased: bool


class Counted(NamedTuple):
    persons: int
    erased: int


class Rows(Protocol):
    """Each call is one durable transaction; any number of processes may ask at once. Raises
    ``Refused`` (``vault.io`` or ``store.*``)."""

    def get(self, person_id: str) -> Row | None: ...

    def begin(self, person_id: str, key: bytes) -> Row:
        """With this key, unless the person has a row already; answers with the row in force."""

    def fill(self, person_id: str, sealed: bytes, found_by: Sequence[Found]) -> bool:
        """False when the person has been erased. Raises ``Conflict`` (``person.exists``) when
        another person is found by the same digest."""

    def find(self, kind: str, digest: str) -> str | None: ...

    def erase(self, person_id: str) -> bool:
        """Overwrites what there is; False when that was done before."""

    def wrapped(self) -> list[tuple[str, bytes]]:
        """All persons that are not erased, with their wrapped keys."""

    def rewrap(self, keys: Sequence[tuple[str, bytes]], mark: str) -> None:
        """New wrapped keys for persons that are not erased, and the mark ``wrapping``; all or
        nothing."""

    def mark(self, name: str, value: str = "") -> str:
        """What stands under a name; ``value`` is kept if nothing does yet ("": only look)."""

    def counted(self) -> Counted: ...

    def close(self) -> None: ...
