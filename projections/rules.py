"""The adopted policies, as far as a reader of the log has come."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from domain.errors import NotFound
from domain.messages import Envelope
from domain.policies.book import PolicyBook
from domain.policies.events import PolicyAdopted
from domain.policies.header import PolicyFile
from domain.policies.model import ScoringPolicy
from domain.policies.scoring import Scorer, scorer


class Judge(NamedTuple):
    """A policy ready to score, and the events it has something to say about."""

    policy: ScoringPolicy
    scorer: Scorer
    events: frozenset[str]


class Rules:
    """Finds policies by the digests that every event names, so that the order in which streams
    are read never matters. Learns from ``policy.adopted`` events as they pass by; where those of
    other streams do not, ``all_adopted`` brings them when an unknown digest is named."""

    def __init__(
        self,
        adopted: Iterable[Envelope] = (),
        all_adopted: Callable[[], Iterable[Envelope]] = tuple,
    ) -> None:
        self._all_adopted = all_adopted
        self._book = PolicyBook(e.event for e in adopted if isinstance(e.event, PolicyAdopted))
        self._judges: dict[tuple[str, ...], tuple[Judge, ...]] = {}

    def learn(self, envelope: Envelope) -> None:
        if isinstance(envelope.event, PolicyAdopted):
            self._book = self._book.adopt(envelope.event)

    def policy(self, digest: str) -> PolicyFile:
        """Raises ``NotFound`` (``policy.unknown``)."""
        self._look_for(digest)
        return self._book.get(digest)

    def judges(self, digests: tuple[str, ...]) -> tuple[Judge, ...]:
        """Those of them that score, in that order. Raises ``NotFound`` (``policy.unknown``)."""
        known = self._judges.get(digests)
        if known is None:
            self._look_for(*digests)
            policies = self._book.files(digests)
            known = tuple(_judge(each) for each in policies if isinstance(each, ScoringPolicy))
            self._judges[digests] = known
        return known

    def _look_for(self, *digests: str) -> None:
        try:
            self._book.files(digests)
        except NotFound:
            for envelope in self._all_adopted():
                self.learn(envelope)


def _judge(policy: ScoringPolicy) -> Judge:
    spoken = {event for clause in policy.clauses for event in clause.on}
    return Judge(policy, scorer(policy), frozenset((*spoken, *policy.touched_by)))
