"""Cites what explanations rest on: clauses by the ref of their policy, events by position."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from domain.errors import NotFound
from domain.messages import Envelope
from domain.policies.book import PolicyBook
from domain.policies.clauses import FoundClause, clause_in
from domain.policies.header import PolicyFile
from domain.reasons import Reason
from projections.dossiers import names
from projections.histories import LATE
from projections.reading import Reader
from projections.why.answers import Clause, EventCited, Link, Said, Sources
from projections.why.spoken import in_both

# What an event says in somebody's own words, by the names of its fields.
TEXTS = (
    "reason", "grounds", "note", "text", "basis", "standard", "instructions", "demand", "receiver",
    "outcome", "number", "channel",
)  # fmt: skip


def policy_named(book: PolicyBook, ref: str) -> PolicyFile | None:
    """The adopted text that a ref (``id@version#digest``) names."""
    return next((policy for policy in book if policy.ref == ref), None)


def cite(book: PolicyBook, ref: str, clause: str) -> list[Clause]:
    """The clause that an entry or a reason names; none if a person proposed it without one, or the
    text is not on record."""
    policy = policy_named(book, ref)
    found = clause_in(policy, clause) if policy is not None else None
    return [] if policy is None or found is None else [clause_of(policy, found)]


def clause_of(policy: PolicyFile, found: FoundClause) -> Clause:
    return Clause(
        policy=policy.ref,
        policy_id=policy.id,
        digest=policy.digest,
        clause=found.id,
        title=in_both(found.title),
        basis=found.basis,
        document=policy.document,
        issued_by=policy.issued_by,
        source=policy.source,
        assumed=found.assumed,
    )


def whole(policy: PolicyFile) -> Clause:
    """A policy as such, where no single clause is meant."""
    return Clause(
        policy=policy.ref,
        policy_id=policy.id,
        digest=policy.digest,
        clause="",
        title=in_both(policy.title),
        basis="",
        document=policy.document,
        issued_by=policy.issued_by,
        source=policy.source,
        assumed=policy.assumed,
    )


def of_clause(clause: Clause) -> Said:
    """Where it is written, as the end of a sentence."""
    zh = f"《{clause.document}》{clause.basis}，{clause.issued_by}"
    en = f"{clause.document}{', ' + clause.basis if clause.basis else ''}, {clause.issued_by}"
    return Said(
        f"依据条款“{clause.title.zh}”（{clause.clause}，{zh}；规则 {clause.policy}）。",
        f"By the clause “{clause.title.en}” ({clause.clause}; {en}; policy {clause.policy}).",
    )


def assumed(clauses: Iterable[Clause]) -> list[Said]:
    """Says what no document says: of clauses as a whole, then of words in them."""
    told = list(clauses)
    wholly = ", ".join(each.clause for each in told if "" in each.assumed)
    partly = [each for each in told if each.assumed and "" not in each.assumed]
    found = []
    if wholly:
        found.append(
            Said(
                f"注意：文件没有写明条款 {wholly}，由编写规则的人假定。",
                f"Mind: no document says {wholly}; whoever wrote the policy assumed it.",
            )
        )
    for each in partly:
        words = ", ".join(each.assumed)
        found.append(
            Said(
                f"注意：条款 {each.clause} 的 {words} 在文件中没有写明，属于假定。",
                f"Mind: of {each.clause} no document says {words}: that is assumed.",
            )
        )
    return found


def event_at(sources: Sources, position: int) -> Envelope | None:
    found = sources.store.read(position - 1, 1) if position > 0 else []
    return found[0] if found and found[0].position == position else None


def events_at(sources: Sources, positions: Iterable[int]) -> list[EventCited]:
    """In the order of the log; a position where there is nothing is left out."""
    found = (event_at(sources, position) for position in sorted(set(positions)))
    return [cited(envelope) for envelope in found if envelope is not None]


def cited(envelope: Envelope) -> EventCited:
    return EventCited(
        position=envelope.position,
        name=envelope.event.NAME,
        stream=envelope.stream_id,
        version=envelope.version,
        actor=envelope.actor,
        occurred_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        late=envelope.recorded_at - envelope.occurred_at > LATE,
        text=_text(envelope.event),
    )


def stream_of(
    sources: Sources, kind: str, key: str, as_of: datetime | None, how: str
) -> list[Envelope]:
    """What was on record of a thing by then. Raises ``NotFound`` (``<kind>.unknown``,
    ``<kind>.unknown_then``); ``how`` says how its key looks."""
    stored = sources.store.load(f"{kind}-{key}")
    if not stored:
        raise NotFound(f"{kind}.unknown", f"there is no {kind} {key!r}: {how}")
    known = [e for e in stored if as_of is None or e.recorded_at <= as_of]
    if not known:
        raise NotFound(
            f"{kind}.unknown_then",
            f"{kind} {key} was not on record at {_iso(as_of)}: ask about a later moment",
        )
    return known


def name_of(reader: Reader, unit: str) -> str:
    found = names(reader, [unit])
    return found[unit].name if unit in found else unit


def subject_of(envelope: Envelope) -> Link:
    """The thing an event happened to."""
    kind, _, key = envelope.stream_id.partition("-")
    return Link(kind, key)


def subjects_of(sources: Sources, positions: Sequence[int]) -> list[Link]:
    found = (event_at(sources, position) for position in positions)
    return [subject_of(envelope) for envelope in found if envelope is not None]


def _text(event: Any) -> Said:
    for field in TEXTS:
        value = getattr(event, field, "")
        if isinstance(value, Reason):
            return Said(value.zh or value.en, value.en or value.zh)
        if isinstance(value, str) and value:
            return Said(value, value)
    return Said("", "")


def _iso(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds")
