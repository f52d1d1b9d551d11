"""The vault over any database: keys per person, wrapped by a key from outside."""

import os
import threading
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from domain.errors import NotFound, Refused
from infra.vault.keys import KEY_BYTES, VaultKeys, make_keys, new_keys, read_keys
from infra.vault.rows import Counted, Row, Rows
from infra.vault.sealing import seal, unseal

SEARCHABLE = frozenset({"id_number"})
_KEY, _FIELDS, _DATA = "key", "fields", "data"
_decode = msgspec.json.Decoder(dict[str, str]).decode


class SealedVault:
    """``domain.persons.vault.Vault``; safe for any number of threads. ``forgotten`` names whom the
    log says was forgotten: a vault restored from a copy that still knows them forgets them before
    it answers anything. Opened when it is first used, so that a city without persons needs no
    key; ``makes``: one is made then, where there has never been any."""

    def __init__(
        self, rows: Rows, key_file: Path, store_id: str,
        forgotten: Callable[[], Iterable[str]] = tuple, makes: bool = True,
    ) -> None:  # fmt: skip
        self._rows = rows
        self._key_file = key_file
        self._store_id = store_id
        self._forgotten = forgotten
        self._makes = makes
        self._opened: VaultKeys | None = None
        self._turn = threading.Lock()

    def pseudonym(self, key: str) -> str:
        return f"p-{self._keys().digest('pseudonym', key)[:16]}"

    def put(self, person_id: str, fields: Mapping[str, str]) -> None:
        keys = self._keys()
        row = self._rows.get(person_id) or self._begun(person_id)
        own = self._own(keys, person_id, row)
        sealed = seal(own, _FIELDS, person_id, msgspec.json.encode(dict(fields)))
        found_by = [(k, _searched(keys, k, v)) for k, v in fields.items() if k in SEARCHABLE and v]
        if not self._rows.fill(person_id, sealed, found_by):
            raise erased(person_id)

    def read(self, person_id: str) -> dict[str, str]:
        keys, row = self._keys(), self._row(person_id)
        own = self._own(keys, person_id, row)
        if row.sealed is None:
            return {}
        return _decode(unseal(own, _FIELDS, person_id, row.sealed))

    def encrypt(self, person_id: str, data: bytes) -> bytes:
        keys = self._keys()
        return seal(self._own(keys, person_id, self._row(person_id)), _DATA, person_id, data)

    def decrypt(self, person_id: str, sealed: bytes) -> bytes:
        keys = self._keys()
        return unseal(self._own(keys, person_id, self._row(person_id)), _DATA, person_id, sealed)

    def find(self, kind: str, value: str) -> str | None:
        keys = self._keys()
        return self._rows.find(kind, _searched(keys, kind, value)) if kind in SEARCHABLE else None

    def digest(self, text: str) -> str:
        return self._keys().digest("text", text)

    def forget(self, person_id: str) -> bool:
        """Needs no key: what is to be destroyed need not be read."""
        self._check_store()
        return self._rows.erase(person_id)

    def state(self) -> Counted:
        """Opens it as for use, and counts. Raises ``Refused`` (``vault.*``)."""
        self._check_store()
        if self._rows.mark("wrapping"):
            self._keys()
        return self._rows.counted()

    def rotate(self) -> int:
        """A new wrapping key in place of the old one, whose copies in old backups then open
        nothing that was kept since; how many persons' keys it wraps now."""
        keys = self._keys()
        with self._turn:
            fresh = new_keys(keys.index)
            beside = self._key_file.with_name(f"{self._key_file.name}.next")
            beside.unlink(missing_ok=True)
            make_keys(beside, fresh)
            again = [
                (person, seal(fresh.wrapping, _KEY, person, unseal(keys.wrapping, _KEY, person, k)))
                for person, k in self._rows.wrapped()
            ]
            self._rows.rewrap(again, fresh.wrapping_print)
            beside.replace(self._key_file)
            self._opened = fresh
        return len(again)

    def make_key(self) -> None:
        """The first key, for a vault that has none. Raises ``Refused`` (``vault.key_exists``)."""
        self._check_store()
        if self._rows.mark("wrapping"):
            raise Refused(
                "vault.key_exists", "this vault has its key: duban persons rotate-key replaces it"
            )
        make_keys(self._key_file, new_keys())
        self._keys()

    def close(self) -> None:
        self._rows.close()

    def _row(self, person_id: str) -> Row:
        row = self._rows.get(person_id)
        if row is None:
            raise NotFound("person.unknown", f"there is no person {person_id} in the vault")
        return row

    def _begun(self, person_id: str) -> Row:
        own = os.urandom(KEY_BYTES)
        return self._rows.begin(person_id, seal(self._keys().wrapping, _KEY, person_id, own))

    def _own(self, keys: VaultKeys, person_id: str, row: Row) -> bytes:
        if row.erased or row.key is None:
            raise erased(person_id)
        if keys.wrapping_print != self._rows.mark("wrapping"):  # another process has rotated it
            self._opened = None
            return self._own(self._keys(), person_id, self._row(person_id))
        return unseal(keys.wrapping, _KEY, person_id, row.key)

    def _keys(self) -> VaultKeys:
        keys = self._opened
        if keys is None:
            with self._turn:
                keys = self._opened = self._opened or self._open()
        return keys

    def _open(self) -> VaultKeys:
        """Raises ``Refused``: ``vault.foreign``, ``vault.no_key``, ``vault.wrong_key``, …"""
        self._check_store()
        known = self._rows.mark("wrapping")
        if not known and self._makes and not self._key_file.exists():
            make_keys(self._key_file, new_keys())
        self._finish_rotation(known)
        keys = read_keys(self._key_file)
        prints = {"wrapping": keys.wrapping_print, "index": keys.index_print}
        if any(self._rows.mark(name, mine) != mine for name, mine in prints.items()):
            raise Refused(
                "vault.wrong_key",
                f"{self._key_file} is the key of another vault, or an older one of this: put the "
                "one in place that belongs to it",
            )
        for person_id in self._forgotten():
            self._rows.erase(person_id)
        return keys

    def _finish_rotation(self, known: str) -> None:
        """A crash may have come between the database and the file."""
        beside = self._key_file.with_name(f"{self._key_file.name}.next")
        if beside.exists() and read_keys(beside).wrapping_print == known:
            beside.replace(self._key_file)

    def _check_store(self) -> None:
        if self._rows.mark("store", self._store_id) != self._store_id:
            raise Refused(
                "vault.foreign",
                "this vault belongs to another city's events: put the vault and the events of one "
                "city side by side",
            )


def erased(person_id: str) -> Refused:
    return Refused("person.erased", f"the data of {person_id} was erased, and cannot be read again")


def _searched(keys: VaultKeys, kind: str, value: str) -> str:
    """Written in full-width digits, with blanks or a small x it is the same number."""
    plain = unicodedata.normalize("NFKC", value).upper()
    return keys.digest(kind, "".join(c for c in plain if c.isalnum()))
