"""The two sets of policies that a back-test compares: those that judged, and the new ones."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.periods import Period
from domain.policies.book import PolicyBook
from domain.policies.header import PolicyFile
from domain.policies.model import ScoringPolicy
from domain.policies.scoring import scorer
from projections.rules import Judge

AN_INSTANT = timedelta(microseconds=1)


class Side:
    """Which policies judge. New policies judge the whole history, whatever their first day: that
    is the question of a back-test. Each takes the place of the policy of its id, or, if there is
    none, of the only one of its kind; else it stands beside the others."""

    def __init__(self, book: PolicyBook, zone: ZoneInfo, new: Sequence[PolicyFile] = ()) -> None:
        _check_ids(new)
        self._book = book
        self.zone = zone
        self._new = tuple(new)
        # The id a new policy stands for, so that what refers to that board finds it.
        self.stands_for: Mapping[str, PolicyFile] = {
            _replaced(book, policy, new): policy for policy in new
        }
        self._files: dict[tuple[str, ...], tuple[PolicyFile, ...]] = {}
        self._judges: dict[tuple[str, ...], tuple[Judge, ...]] = {}

    def files(self, digests: tuple[str, ...]) -> tuple[PolicyFile, ...]:
        """What judges where the policies with these digests judged."""
        known = self._files.get(digests)
        if known is None:
            kept = [p for p in self._book.files(digests) if p.id not in self.stands_for]
            both = sorted((*kept, *self._new), key=lambda policy: policy.id)
            known = self._files[digests] = tuple(both)
        return known

    def at(self, moment: datetime) -> tuple[PolicyFile, ...]:
        """What is in force at a moment."""
        return self.files(self._book.in_force(moment))

    def all(self) -> tuple[PolicyFile, ...]:
        """Every policy that ever judges on this side, of any version."""
        return (*(p for p in self._book if p.id not in self.stands_for), *self._new)

    def judges(self, digests: tuple[str, ...]) -> tuple[Judge, ...]:
        """The scoring policies among ``files``."""
        known = self._judges.get(digests)
        if known is None:
            scoring = [p for p in self.files(digests) if isinstance(p, ScoringPolicy)]
            known = self._judges[digests] = tuple(map(_judge, scoring))
        return known

    def name_of(self, policy: PolicyFile) -> str:
        """The id a policy goes by on both sides, so that like is compared with like."""
        for policy_id, standing in self.stands_for.items():
            if standing is policy:
                return policy_id
        return policy.id

    def board(self, named: str) -> str:
        """The id on both sides of the board that a policy names."""
        policy = next((each for each in self._new if each.id == named), None)
        return named if policy is None else self.name_of(policy)


def replaced_by(
    book: PolicyBook, new: Sequence[PolicyFile], real: Side, periods: Sequence[Period]
) -> list[tuple[str, str]]:
    """The refs of what is in force at the end and of what takes its place ("": nothing)."""
    last = periods[-1].bounds(real.zone)[1] - AN_INSTANT
    in_force = {policy.id: policy.ref for policy in real.at(last)}
    return [(in_force.get(_replaced(book, policy, new), ""), policy.ref) for policy in new]


def _replaced(book: PolicyBook, policy: PolicyFile, new: Sequence[PolicyFile]) -> str:
    known = {each.id: type(each) for each in book}
    if policy.id in known:
        return policy.id
    others = [each for each in new if type(each) is type(policy)]
    like = [i for i, kind in known.items() if kind is type(policy)]
    return like[0] if len(like) == 1 and len(others) == 1 else policy.id


def _judge(policy: ScoringPolicy) -> Judge:
    spoken = {event for clause in policy.clauses for event in clause.on}
    return Judge(policy, scorer(policy), frozenset((*spoken, *policy.touched_by)))


def _check_ids(new: Iterable[PolicyFile]) -> None:
    seen: set[str] = set()
    for policy in new:
        if policy.id in seen:
            raise Invalid(
                "backtest.same_id",
                f"two files are versions of {policy.id}: history can be replayed under one of them",
            )
        seen.add(policy.id)
