"""Who is in the register of persons, by pseudonym: nothing here says who anybody is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from domain.messages import Envelope, Event
from domain.persons.events import PersonCorrected, PersonForgotten, PersonRegistered
from projections.projection import Snapshot
from projections.reading import Reader


class PersonRow(msgspec.Struct, kw_only=True, gc=False):
    person_id: str
    category: str
    status: str
    basis: str
    fields: tuple[str, ...]
    corrections: int = 0
    reason: str = ""
    registered_by: str
    registered_at: datetime
    renewed_at: datetime
    forgotten_by: str = ""
    forgotten_at: datetime | None = None
    forgotten_for: str = ""
    rule: str = ""
    recorded_at: datetime
    version: int
    position: int


def begin(event: PersonRegistered, envelope: Envelope) -> PersonRow:
    return PersonRow(
        person_id=envelope.key,
        category=event.category,
        status="registered",
        basis=event.basis,
        fields=tuple(field.field for field in event.fields),
        registered_by=envelope.actor,
        registered_at=envelope.occurred_at,
        renewed_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        version=envelope.version,
        position=envelope.position,
    )


def evolve(row: PersonRow, event: Event, envelope: Envelope) -> None:
    match event:
        case PersonCorrected(reason=reason, fields=fields):
            row.corrections, row.reason = row.corrections + 1, reason
            row.fields = tuple(field.field for field in fields)
            row.renewed_at = envelope.occurred_at
        case PersonForgotten(basis=basis, rule=rule):
            row.status, row.fields = "forgotten", ()
            row.forgotten_by, row.forgotten_at = envelope.actor, envelope.occurred_at
            row.forgotten_for, row.rule = basis, rule


PERSONS = Snapshot(
    table="persons", version=1, kind="person", row=PersonRow, begin=begin, evolve=evolve
)


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody whose time is over: nothing that names them is open, and ``since`` was the last
    time that anything did."""

    person_id: str
    since: datetime


def persons(
    reader: Reader, category: str = "", status: str = "", after: str = "", limit: int = 100,
    only: str = "",
) -> tuple[PersonRow, ...]:  # fmt: skip
    """In order of their pseudonyms, which is no order of anything else; ``only`` names one."""
    wanted = {
        "category": category, "status": status, "after": after, "limit": limit, "only": only,
    }  # fmt: skip
    rows = reader.rows("persons.listed", wanted)
    return tuple(PersonRow(**row) for row in rows)


def due(
    reader: Reader, category: str, days: int, now: datetime, after: str = "", limit: int = 1_000
) -> tuple[Due, ...]:
    """Whom the retention schedule says to forget, in order of their pseudonyms."""
    before = now - timedelta(days=days)
    wanted = {"category": category, "before": before, "after": after, "limit": limit}
    return tuple(Due(**row) for row in reader.rows("persons.due", wanted))
