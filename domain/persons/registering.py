"""The register of persons: data into the vault, what happened into the log, never one alone."""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from domain.deciding import Desk
from domain.errors import NotFound, Refused
from domain.messages import Appended
from domain.persons.commands import CorrectPerson, ForgetPerson, PersonCommand, RegisterPerson
from domain.persons.decide import Person, erased
from domain.persons.events import FieldDigest
from domain.persons.vault import Vault
from domain.ports import EventStore, NewId
from domain.requests import Request

FIELDS = ("name", "phone", "id_number", "address", "note")
# Kept in the vault beside the fields: what the digests are salted with, and the data as it was
# until a correction is in the log too.
_SALT, _BEFORE = "_salt", "_before"
_decode = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(frozen=True, slots=True)
class Known:
    """What the register says of somebody; ``fields`` are empty once they are ``erased``."""

    person_id: str
    category: str
    erased: bool
    fields: Mapping[str, str]


class PersonRegister:
    """``new_salt`` gives what nobody can guess. Safe for any number of threads."""

    def __init__(self, vault: Vault, desk: Desk, store: EventStore, new_salt: NewId) -> None:
        self._vault, self._desk, self._store = vault, desk, store
        self._new_salt = new_salt
        self._turn = threading.Lock()

    def register(
        self, actor: str, key: str, category: str, basis: str, fields: Mapping[str, str]
    ) -> tuple[str, Appended]:
        """The pseudonym is the same for the same key. Raises ``Refused``; nothing is kept then."""
        person_id = self._vault.pseudonym(key)
        salted = self._salted(fields)
        command = RegisterPerson(
            person_id=person_id, category=category, basis=basis, fields=self._digests(salted)
        )
        said = [category, basis, *_flat(fields)]
        with self._turn:
            if not self._done(key):
                if (known := self._state(person_id)) is None:
                    self._vault.put(person_id, salted)
                elif known.forgotten:
                    raise erased(person_id)
            return person_id, self._ask(actor, key, command, said)

    def correct(
        self, actor: str, key: str, person_id: str, reason: str, fields: Mapping[str, str]
    ) -> Appended:
        """``fields`` that are given replace what there was ("": taken out); others stay."""
        with self._turn:
            command = CorrectPerson(person_id=person_id, reason=reason, fields=())
            if self._done(key):
                return self._ask(actor, key, command, [reason, *_flat(fields)])
            before = self._read(person_id)
            whole = {k: v for k, v in {**before, **fields}.items() if v and k != _SALT}
            after = self._salted(whole)
            text = msgspec.json.encode(before).decode()
            self._vault.put(person_id, {**after, _BEFORE: text})
            command = command.model_copy(update={"fields": self._digests(after)})
            appended = self._ask(actor, key, command, [reason, *_flat(fields)])
            self._vault.put(person_id, after)
            return appended

    def forget(self, actor: str, key: str, person_id: str, basis: str, rule: str = "") -> Appended:
        """First into the log, then the key is destroyed: whatever is interrupted is done by asking
        again, and by whoever opens the vault next."""
        with self._turn:
            command = ForgetPerson(person_id=person_id, basis=basis, rule=rule)
            appended = self._ask(actor, key, command, [basis, rule])
            self._vault.forget(person_id)
            return appended

    def look(self, person_id: str) -> Known:
        """Raises ``NotFound`` (``person.unknown``), ``Refused`` (``person.altered``, ``vault.*``)
        where the vault does not hold what was recorded."""
        state = self._state(person_id)
        if state is None:
            raise NotFound("person.unknown", f"there is no person {person_id}")
        if state.forgotten:
            self._vault.forget(person_id)  # a vault restored since may know them again
            return Known(person_id, state.category, True, {})
        fields = {k: v for k, v in self._read(person_id).items() if k != _SALT}
        return Known(person_id, state.category, False, fields)

    def find(self, id_number: str) -> str | None:
        return self._vault.find("id_number", id_number)

    def _read(self, person_id: str) -> dict[str, str]:
        """The data that the log vouches for: what was there before a correction that broke off."""
        state = self._state(person_id)
        if state is None:
            raise NotFound("person.unknown", f"there is no person {person_id}")
        if state.forgotten:
            raise erased(person_id)
        try:
            found = self._vault.read(person_id)
        except NotFound:
            raise _altered(person_id) from None
        before = found.pop(_BEFORE, "")
        for version in (found, _decode(before) if before else None):
            if version is not None and state.fields == _by_name(self._digests(version)):
                return version
        raise _altered(person_id)

    def _state(self, person_id: str) -> Person | None:
        person: Person | None = self._desk.state(f"person-{person_id}")[1]
        return person

    def _done(self, key: str) -> bool:
        return key in self._store.commands([key])

    def _ask(self, actor: str, key: str, command: PersonCommand, said: list[str]) -> Appended:
        """What was asked is known again by a keyed digest: a plain one could be guessed."""
        asked = self._vault.digest("\n".join([command.NAME, actor, command.person_id, *said]))
        return self._desk.handle([Request(command, actor)], key, asked)

    def _salted(self, fields: Mapping[str, str]) -> dict[str, str]:
        return {**{k: v for k, v in fields.items() if v}, _SALT: self._new_salt()}

    def _digests(self, salted: Mapping[str, str]) -> tuple[FieldDigest, ...]:
        salt = salted.get(_SALT, "")
        return tuple(
            FieldDigest(k, hashlib.sha256(f"{salt}\n{k}\n{v}".encode()).hexdigest())
            for k, v in sorted(salted.items())
            if k != _SALT
        )


def _by_name(digests: tuple[FieldDigest, ...]) -> dict[str, str]:
    return {digest.field: digest.digest for digest in digests}


def _flat(fields: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in sorted(fields.items())]


def _altered(person_id: str) -> Refused:
    return Refused(
        "person.altered",
        f"the vault does not hold what was recorded of {person_id}: restore it from a copy",
    )
