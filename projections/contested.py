"""What an appeal is against, as the records have it: where, whom it concerns, known since when.

found(store, reader, FileAppeal(against="timeout", subject="A1@…", …))    the same, filled in
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from domain.appeals.commands import FileAppeal, entry_of, timeout_of
from domain.appeals.events import Against, ContestedEntry
from domain.cases.events import CaseOverdue
from domain.cases.state import Case
from domain.cases.state import evolve as next_state
from domain.errors import Conflict
from domain.listings import events as listings
from domain.messages import Envelope
from domain.money import events as money
from domain.ports import EventStore
from projections.reading import Reader, Row


class Contested(NamedTuple):
    stream: str
    concerned: str
    known_at: datetime
    entries: tuple[ContestedEntry, ...] = ()


def found(store: EventStore, reader: Reader, command: FileAppeal) -> FileAppeal:
    """The command with what the records say of its subject; unchanged if there is no such thing.
    Raises ``Conflict`` (``appeal.subject_over``) for what does not stand any more."""
    contested = _FINDERS[command.against](store, reader, command.subject)
    return command if contested is None else command.model_copy(update=contested._asdict())


def _score_entry(store: EventStore, reader: Reader, subject: str) -> Contested | None:
    position, number = entry_of(subject)
    for row in reader.rows("appeals.entries_of", {"position": position}):
        if row["entry"] != number:
            continue
        if row["event"] == "appeal.upheld":
            raise Conflict(
                "appeal.subject_over", f"entry {subject} was made by an appeal that is decided"
            )
        (event,) = store.read(position - 1, 1)
        entry = _entry(row)
        return Contested(event.stream_id, entry.unit, event.recorded_at, (entry,))
    return None


def _timeout(store: EventStore, reader: Reader, subject: str) -> Contested | None:
    case_id, due_at = timeout_of(subject)
    case: Case | None = None
    for envelope in store.load(f"case-{case_id}"):
        event = envelope.event
        case = next_state(case, envelope)
        if case is not None and isinstance(event, CaseOverdue) and event.due_at == due_at:
            rows = reader.rows("appeals.entries_of", {"position": envelope.position})
            entries = tuple(map(_entry, rows))
            return Contested(envelope.stream_id, case.unit, envelope.recorded_at, entries)
    return None


def _list_entry(store: EventStore, reader: Reader, subject: str) -> Contested | None:
    concerned, known_at = "", None
    for envelope in store.load(f"listing-{subject}"):
        match envelope.event:
            case listings.ListingProposed() as event:
                concerned = event.unit or event.subject
            case listings.ListingPublished():
                known_at = envelope.recorded_at
            case (
                listings.ListingWithdrawn()
                | listings.ListingExpired()
                | listings.ListingObjectionUpheld()
            ):
                raise _over("list entry", subject, envelope)
    return None if known_at is None else Contested(f"listing-{subject}", concerned, known_at)


def _money(store: EventStore, reader: Reader, subject: str) -> Contested | None:
    concerned, known_at = "", None
    for envelope in store.load(f"money-{subject}"):
        match envelope.event:
            case money.MoneyProposed() as event:
                concerned = event.unit
            case money.MoneyIssued():
                known_at = envelope.recorded_at
            case money.MoneyRevoked():
                raise _over("deduction or reward", subject, envelope)
    return None if known_at is None else Contested(f"money-{subject}", concerned, known_at)


def _over(what: str, subject: str, envelope: Envelope) -> Conflict:
    return Conflict(
        "appeal.subject_over",
        f"the {what} {subject} does not stand any more ({envelope.event.NAME}): there is nothing "
        "to appeal against",
    )


def _entry(row: Row) -> ContestedEntry:
    return ContestedEntry(**{name: row[name] for name in ContestedEntry.__slots__})


_FINDERS: Mapping[Against, Callable[[EventStore, Reader, Any], Contested | None]] = {
    "score_entry": _score_entry,
    "timeout": _timeout,
    "list_entry": _list_entry,
    "money": _money,
}
