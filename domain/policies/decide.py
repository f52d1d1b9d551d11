"""The rules of policies: a text once adopted is frozen, and versions follow each other in time."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from domain.decider import Context, Decider
from domain.errors import Conflict, Refused
from domain.messages import Envelope, Event
from domain.policies.commands import COMMANDS, AdoptPolicy
from domain.policies.contradictions import clashes
from domain.policies.events import PolicyAdopted
from domain.policies.header import PolicyFile
from domain.policies.loading import load
from domain.policies.reading import normalised


class Adopted(msgspec.Struct, frozen=True):
    """One version as it was adopted."""

    revision: int
    effective_from: datetime
    digest: str


class Versions(msgspec.Struct, frozen=True):
    """The versions of one policy, oldest first."""

    adopted: tuple[Adopted, ...] = ()


def evolve(versions: Versions, envelope: Envelope) -> Versions:
    match envelope.event:
        case PolicyAdopted(revision=revision, effective_from=start, digest=digest):
            return Versions((*versions.adopted, Adopted(revision, start, digest)))
    return versions


def decide(versions: Versions, command: AdoptPolicy, context: Context) -> Sequence[Event]:
    policy = load(command.body)
    for adopted in versions.adopted:
        if adopted.revision == policy.version:
            return _same_again(adopted, policy)
    if versions.adopted:
        _check_follows(versions.adopted[-1], policy, command.backdated, context.occurred_at)
    _check_beside(policy, context)
    return [
        PolicyAdopted(
            policy_id=policy.id,
            revision=policy.version,
            effective_from=policy.starts_at,
            digest=policy.digest,
            body=normalised(command.body),
            backdated=command.backdated,
        )
    ]


def _same_again(adopted: Adopted, policy: PolicyFile) -> Sequence[Event]:
    """Nothing happens when the very same text is adopted again."""
    if adopted.digest == policy.digest:
        return []
    raise Conflict(
        "policy.frozen",
        f"version {policy.version} of {policy.id} was adopted with another text "
        f"({adopted.digest[:12]}) and is frozen: give the new text version {policy.version + 1}",
    )


def _check_follows(
    latest: Adopted, policy: PolicyFile, backdated: str, adopted_at: datetime
) -> None:
    if policy.version < latest.revision:
        raise Conflict(
            "policy.version_behind",
            f"{policy.id} is at version {latest.revision}: "
            f"give the new text version {latest.revision + 1}",
        )
    starts, before, today = (
        moment.astimezone(ZoneInfo(policy.timezone)).date()
        for moment in (policy.starts_at, latest.effective_from, adopted_at)
    )
    if policy.starts_at <= latest.effective_from:
        raise Refused(
            "policy.overlaps",
            f"version {policy.version} of {policy.id} must start after {before}, when version "
            f"{latest.revision} starts: choose a later effective_from",
        )
    if starts < today and not backdated:
        raise Refused(
            "policy.retroactive",
            f"version {policy.version} of {policy.id} would judge the days since {starts}, which "
            f"passed under version {latest.revision}: choose a later effective_from, or say in "
            "'backdated' why it must",
        )


def _check_beside(policy: PolicyFile, context: Context) -> None:
    """It must get on with what was adopted before and what is adopted together with it."""
    together = [load(each.body) for each in context.together if isinstance(each, AdoptPolicy)]
    known = [*context.book, *together]
    before = next((each for each in known if each.id == policy.id), policy)
    if type(before) is not type(policy):
        raise Refused(
            "policy.kind_changed",
            f"'{policy.id}' has been a policy of another kind: give this one an id of its own",
        )
    for clash in clashes(policy, known):
        raise Conflict(clash.code, clash.sentence)


POLICIES: Decider[Versions, AdoptPolicy] = Decider(
    kind="policy", commands=COMMANDS, initial=Versions(), evolve=evolve, decide=decide
)
