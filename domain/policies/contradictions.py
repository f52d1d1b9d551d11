"""Policies beside each other: two that rule on the same thing, and one that names what is not."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import product
from typing import NamedTuple

from domain.policies.checks.supervising import CASE, both_claim
from domain.policies.conditions import may_both_hold
from domain.policies.consequences import ListingPolicy, MoneyPolicy
from domain.policies.findings import CONTRADICTION
from domain.policies.header import PolicyFile
from domain.policies.measures import AppealPolicy, IndicatorPolicy
from domain.policies.references import circle, unknown, unranked
from domain.policies.supervision import SupervisionPolicy


class Clash(NamedTuple):
    """What cannot stand, as a stable code and a sentence that says how to put it right."""

    code: str
    sentence: str


def clashes(policy: PolicyFile, known: Iterable[PolicyFile]) -> Iterator[Clash]:
    """What keeps a policy from judging beside the ``known`` ones (all that were or will be
    adopted, of any version), from its first moment on until its next version takes over."""
    told: set[Clash] = set()
    for others in _sides(policy, list(known)):
        for clash in _at_one_moment(policy, others):
            if clash not in told:
                told.add(clash)
                yield clash


def _sides(policy: PolicyFile, known: Sequence[PolicyFile]) -> Iterator[list[PolicyFile]]:
    """The other policies in force when it begins, and after each later change among them."""
    ends = [
        each.starts_at for each in known if each.id == policy.id and each.version > policy.version
    ]
    others = [each for each in known if each.id != policy.id]
    begin, end = policy.starts_at, min(ends, default=None)
    changes = sorted({begin, *(each.starts_at for each in others if each.starts_at > begin)})
    for moment in changes:
        if end is None or moment < end:
            yield _in_force(others, moment)


def _in_force(policies: Iterable[PolicyFile], at: datetime) -> list[PolicyFile]:
    latest: dict[str, PolicyFile] = {}
    for policy in policies:
        before = latest.get(policy.id)
        if policy.starts_at <= at and (before is None or before.version < policy.version):
            latest[policy.id] = policy
    return [policy for _, policy in sorted(latest.items())]


def _at_one_moment(policy: PolicyFile, others: Sequence[PolicyFile]) -> Iterator[Clash]:
    for other in others:
        for sentence in _between(policy, other):
            yield Clash(CONTRADICTION, sentence)
    for look in (unknown, unranked, circle):
        for code, sentence in look(policy, others):
            yield Clash(code, sentence)


def _between(policy: PolicyFile, other: PolicyFile) -> Iterator[str]:
    match policy, other:
        case SupervisionPolicy(), SupervisionPolicy():
            yield from _ladders(policy, other)
        case MoneyPolicy(), MoneyPolicy():
            yield from _same_money(policy, other)
        case ListingPolicy(), ListingPolicy():
            yield from _same_lists(policy, other)
        case AppealPolicy(), AppealPolicy():
            yield _both(policy, other, "say what may be appealed until when")
        case IndicatorPolicy(), IndicatorPolicy():
            yield _both(policy, other, "say which cases belong to a period and what its rates are")


def _both(policy: PolicyFile, other: PolicyFile, what: str) -> str:
    return (
        f"policies '{other.id}' and '{policy.id}' would be in force together, and both {what}: put "
        f"it all into one file, or give the text the id '{other.id}' and the version "
        f"{other.version + 1} to replace the one before"
    )


def _ladders(policy: SupervisionPolicy, other: SupervisionPolicy) -> Iterator[str]:
    for one, another in product(other.ladders, policy.ladders):
        if may_both_hold(one.when, another.when, CASE):
            yield (
                f"ladder '{one.id}' of policy '{other.id}' and ladder '{another.id}' of policy "
                f"'{policy.id}' {both_claim(one, another)}"
            )
    if policy.unit_colour != other.unit_colour:
        yield _both(policy, other, "say what gives a unit its colour, and differ")


def _same_money(policy: MoneyPolicy, other: MoneyPolicy) -> Iterator[str]:
    if (policy.board, policy.period) != (other.board, other.period):
        return
    if not _overlap(policy.peer_groups, other.peer_groups):
        return
    directions = {rule.direction for rule in policy.rules} & {r.direction for r in other.rules}
    for direction in sorted(directions):
        yield (
            f"policies '{other.id}' and '{policy.id}' both give a {direction} for the ranking of "
            f"'{policy.board}' by {policy.period}: put the rules into one file, or keep the "
            "'peer_groups' of the two apart"
        )


def _same_lists(policy: ListingPolicy, other: ListingPolicy) -> Iterator[str]:
    if (policy.board, policy.period) != (other.board, other.period):
        return
    for one, another in product(other.lists, policy.lists):
        groups = ((a.peer_groups, b.peer_groups) for a, b in product(one.take, another.take))
        if one.list == another.list and any(_overlap(*pair) for pair in groups):
            yield (
                f"list '{one.id}' of policy '{other.id}' and list '{another.id}' of policy "
                f"'{policy.id}' both fill the {one.list} list from the ranking of "
                f"'{policy.board}' by {policy.period}: put them into one file, or keep the "
                "'peer_groups' of the two apart"
            )


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a ranking can be meant by both; none named means all."""
    return not one or not other or bool(set(one) & set(other))
