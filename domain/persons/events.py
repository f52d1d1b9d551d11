"""What happens to the record of a person: pseudonyms and salted digests, never the data itself."""

from dataclasses import dataclass

from domain.messages import Event


@dataclass(frozen=True, slots=True)
class FieldDigest:
    """That a field (name, phone, …) had a value: a digest with a salt that lies in the vault, so
    that nothing can be guessed from it once the person is forgotten."""

    field: str
    digest: str


class PersonRegistered(Event, frozen=True):
    """``category`` says what the person is here (reporter, witness, official, …) and with it how
    long the data is kept; ``basis`` why it may be kept at all."""

    NAME = "person.registered"
    category: str
    basis: str
    fields: tuple[FieldDigest, ...]


class PersonCorrected(Event, frozen=True):
    """``fields`` are all fields as they are from now on."""

    NAME = "person.corrected"
    reason: str
    fields: tuple[FieldDigest, ...]


class PersonForgotten(Event, frozen=True):
    """The key and the data are destroyed; that there was somebody stays. ``rule`` names the line
    of the retention schedule that asked for it ("": a person did)."""

    NAME = "person.forgotten"
    basis: str
    rule: str = ""


EVENTS = (PersonRegistered, PersonCorrected, PersonForgotten)
