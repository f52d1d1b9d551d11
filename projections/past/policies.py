"""The rules as they were known and as they were in force at any moment."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from domain.messages import Envelope
from domain.moments import Then
from domain.policies.book import PolicyBook
from domain.policies.events import PolicyAdopted
from domain.ports import EventStore
from projections.projection import Snapshot


class PolicyState(msgspec.Struct, kw_only=True, gc=False):
    """The newest version of a policy: the one that judges, once it is in force."""

    policy_id: str
    revision: int
    digest: str
    effective_from: datetime
    adopted_at: datetime
    adopted_by: str
    backdated: str
    body: str
    recorded_at: datetime
    version: int
    position: int


def begin(event: PolicyAdopted, envelope: Envelope) -> PolicyState:
    return PolicyState(
        policy_id=event.policy_id,
        revision=event.revision,
        digest=event.digest,
        effective_from=event.effective_from,
        adopted_at=envelope.occurred_at,
        adopted_by=envelope.actor,
        backdated=event.backdated,
        body=event.body,
        recorded_at=envelope.recorded_at,
        version=envelope.version,
        position=envelope.position,
    )


def evolve(row: PolicyState, event: PolicyAdopted, envelope: Envelope) -> None:
    if event.revision > row.revision:
        newer = begin(event, envelope)
        for field in row.__struct_fields__:
            setattr(row, field, getattr(newer, field))


# Told from the log alone: the table of policies has a row for every version instead.
POLICY = Snapshot(
    table="", version=1, kind="policy", row=PolicyState, begin=begin, evolve=evolve
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleThen:
    """A version of a policy that was known. ``in_force``: it judged what happened at the moment
    asked about."""

    policy_id: str
    revision: int
    digest: str
    policy: str
    title: str
    title_en: str
    effective_from: datetime
    adopted_at: datetime
    recorded_at: datetime
    position: int
    in_force: bool


def book_then(store: EventStore, then: Then) -> PolicyBook:
    """All policies that were known."""
    return PolicyBook(_adopted(envelope) for envelope in _known(store, then))


def policies_then(store: EventStore, then: Then, now: datetime) -> list[RuleThen]:
    """Every version known as of then, and which of them were in force at that moment."""
    known = _known(store, then)
    book = PolicyBook(map(_adopted, known))
    in_force = book.in_force(then.business(now))
    told = [_rule(envelope, book, in_force) for envelope in known]
    return sorted(told, key=lambda rule: (rule.policy_id, rule.revision))


def _known(store: EventStore, then: Then) -> list[Envelope]:
    stored = store.load_kind("policy")
    return [e for e in stored if isinstance(e.event, PolicyAdopted) and then.knows(e)]


def _adopted(envelope: Envelope) -> PolicyAdopted:
    assert isinstance(envelope.event, PolicyAdopted)
    return envelope.event


def _rule(envelope: Envelope, book: PolicyBook, in_force: tuple[str, ...]) -> RuleThen:
    event = _adopted(envelope)
    policy = book.get(event.digest)
    return RuleThen(
        policy_id=event.policy_id,
        revision=event.revision,
        digest=event.digest,
        policy=policy.ref,
        title=policy.title.zh,
        title_en=policy.title.en,
        effective_from=event.effective_from,
        adopted_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        position=envelope.position,
        in_force=event.digest in in_force,
    )
