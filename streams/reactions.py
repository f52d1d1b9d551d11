"""From events to what follows from them by rule: proposals, each made once for each cause."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

from domain.accountability.events import AccountabilityCarriedOut
from domain.consequences.counts import proposals
from domain.consequences.ladders import first_slip, next_slip
from domain.consequences.places import from_both_ends
from domain.consequences.proposals import (
    accountability_proposal,
    concerns,
    list_proposals,
    money_proposals,
)
from domain.errors import Conflict, Refused
from domain.listings.commands import ProposeListing
from domain.listings.events import ListingPublished
from domain.messages import Command, Envelope
from domain.money.commands import ProposeMoney
from domain.policies.book import PolicyBook
from domain.policies.consequences import AccountabilityPolicy, ListingPolicy, MoneyPolicy
from domain.policies.header import PolicyFile
from domain.policies.supervision import StartEvent, SupervisionPolicy
from domain.ports import EventStore
from domain.rankings.events import RankingCorrected, RankingPublished
from domain.supervision.events import SlipFailed, SlipIssued
from projections.cases import CASES, CaseRow
from projections.projection import Step
from projections.scores import FACTS
from streams.remembering import REMEMBERED, Memory, Published

ACTOR = "system:reactions"
STARTS = frozenset(get_args(StartEvent))
FOLLOWED = (SupervisionPolicy, MoneyPolicy, ListingPolicy, AccountabilityPolicy)


class Reaction(NamedTuple):
    """A command that follows from the event at ``position``. ``cause`` names it once for ever and
    is its command id."""

    cause: str
    position: int
    occurred_at: datetime
    command: Command


class Unanswered(NamedTuple):
    """A rule could not say what follows, or people have to look at it."""

    cause: str
    position: int
    refusal: Refused


class _Rules(NamedTuple):
    """The policies in force that anything can follow from, and the events of cases that can start
    a slip by them."""

    policies: tuple[PolicyFile, ...]
    starts: frozenset[str]


class Reactions:
    """Takes the events of a log in their order. What follows depends on the events so far and on
    the policies each of them names, never on when it is asked: the same log gives the same."""

    def __init__(
        self, store: EventStore, book: Callable[[], PolicyBook], zone: Callable[[], ZoneInfo]
    ) -> None:
        self._store = store
        self._book = book
        self._zone = zone
        self._memory = Memory()
        self._rules: dict[tuple[str, ...], _Rules] = {}

    def remember(self, until: int) -> None:
        """What has happened up to a position and nothing else, without any consequence."""
        past = [e for kind in REMEMBERED for e in self._store.load_kind(kind)]
        past.sort(key=lambda e: e.position)
        self._memory = Memory(e for e in past if e.position <= until)

    def follow(self, envelope: Envelope) -> Iterator[Reaction | Unanswered]:
        kind, name = envelope.stream_id.partition("-")[0], envelope.event.NAME
        if kind in REMEMBERED:
            self._memory.learn(envelope)
        elif name not in STARTS:
            return
        rules = self._in_force(envelope.metadata.policies)
        if not rules.policies or (kind == "case" and name not in rules.starts):
            return
        position, at = envelope.position, envelope.occurred_at
        try:
            for number, (cause, follows) in enumerate(self._follows(envelope, rules.policies)):
                if isinstance(follows, Refused):
                    yield Unanswered(f"event:{position}:{number}", position, follows)
                else:
                    yield Reaction(f"react:{cause}", position, at, follows)
        except Refused as refusal:
            yield Unanswered(f"event:{position}", position, refusal)

    def _in_force(self, digests: tuple[str, ...]) -> _Rules:
        rules = self._rules.get(digests)
        if rules is None:
            policies = tuple(p for p in self._book().files(digests) if isinstance(p, FOLLOWED))
            starts = {
                event
                for policy in policies
                if isinstance(policy, SupervisionPolicy)
                for ladder in policy.ladders
                for start in ladder.starts
                for event in start.on
            }
            rules = self._rules[digests] = _Rules(policies, frozenset(starts))
        return rules

    def _follows(
        self, envelope: Envelope, policies: Sequence[PolicyFile]
    ) -> Iterator[tuple[str, Command | Refused]]:
        match envelope.event:
            case RankingPublished() | RankingCorrected() as ranking:
                for policy in policies:
                    if isinstance(policy, MoneyPolicy | ListingPolicy):
                        yield from self._of_ranking(policy, ranking, envelope)
            case SlipFailed():
                yield from self._escalation(envelope, policies)
            case SlipIssued() | ListingPublished() | AccountabilityCarriedOut():
                yield from self._counting(envelope, policies)
            case _ if envelope.event.NAME in STARTS:
                yield from self._start(envelope, policies)

    def _of_ranking(
        self, policy: MoneyPolicy | ListingPolicy, ranking: Published, envelope: Envelope
    ) -> Iterator[tuple[str, Command | Refused]]:
        """Of a correction only what was not proposed before it; what no longer follows is for
        people to decline or revoke."""
        if not concerns(policy, ranking):
            return
        new = _proposed(policy, ranking, envelope.position)
        old: dict[tuple[str, ...], ProposeMoney | ProposeListing] = {}
        if isinstance(ranking, RankingCorrected):
            before = self._memory.replaced[envelope.stream_id]
            old = _proposed(policy, before, envelope.position)
        for what, command in new.items():
            if what not in old:
                yield f"{command.NAME}:{command.stream_key}", command
        for what in old:
            if what not in new:
                yield "", _no_longer(policy, what, envelope)
        if isinstance(policy, MoneyPolicy):
            for unit in from_both_ends(policy, ranking.rows):
                yield "", _both_ends(policy, unit, envelope)

    def _start(
        self, envelope: Envelope, policies: Sequence[PolicyFile]
    ) -> Iterator[tuple[str, Command]]:
        latest = self._memory.slips.get(self._memory.latest.get(envelope.key, ""))
        if latest is not None and not latest.over:
            return  # one matter, one slip
        fact = FACTS["case"](self._step(envelope))
        slip_id = f"{envelope.key}.{1 if latest is None else latest.ordinal + 1}"
        slip = first_slip(policies, fact, slip_id, envelope.position) if fact.unit else None
        if slip is not None:
            yield f"slip:{envelope.position}", slip

    def _escalation(
        self, envelope: Envelope, policies: Sequence[PolicyFile]
    ) -> Iterator[tuple[str, Command]]:
        slip = self._memory.slips.get(envelope.key)
        if slip is None or self._memory.latest.get(slip.matter) != envelope.key:
            return
        for policy in policies:
            if isinstance(policy, SupervisionPolicy):
                follows = next_slip(policy, slip.failed(envelope.position))
                if follows is not None:
                    yield f"slip:{envelope.position}", follows
                    return

    def _counting(
        self, envelope: Envelope, policies: Sequence[PolicyFile]
    ) -> Iterator[tuple[str, Command]]:
        """Under a policy counts what happened while any version of it was in force."""
        memory, newest = self._memory, self._memory.counted.get(envelope.stream_id)
        if newest is None:
            return
        things = memory.against(newest.unit)
        for policy in policies:
            if isinstance(policy, AccountabilityPolicy):
                mine = [each for stream, each in things if self._ruled(policy.id, stream)]
                for rule in policy.rules:
                    for found in proposals(rule, mine, memory.ranked_in, self._zone()):
                        if found.newest.position == newest.position:
                            command = accountability_proposal(policy, found, self._named)
                            yield f"accountability:{command.accountability_id}", command

    def _ruled(self, policy_id: str, stream: str) -> bool:
        in_force = self._in_force(self._memory.judged_by[stream]).policies
        return any(policy.id == policy_id for policy in in_force)

    def _named(self, unit: str) -> str:
        """What the unit was called when it was registered: a later name changes no proposal."""
        registered = self._store.load(f"unit-{unit}")
        return str(getattr(registered[0].event, "name", unit)) if registered else unit

    def _step(self, envelope: Envelope) -> Step:
        """The case around the event, folded from its own stream."""
        before: CaseRow | None = None
        after: CaseRow | None = None
        for each in self._store.load(envelope.stream_id):
            if each.position <= envelope.position:
                before, after = after, CASES.fold(after, each)
        kind, _, key = envelope.stream_id.partition("-")
        return Step(envelope, kind, key, "", b"", b"", 0, before, after)


def _proposed(
    policy: MoneyPolicy | ListingPolicy, ranking: Published, position: int
) -> dict[tuple[str, ...], ProposeMoney | ProposeListing]:
    """By what it comes to: the rule, the unit, and the sum."""
    if isinstance(policy, MoneyPolicy):
        money = money_proposals(policy, ranking, position)
        return {(c.reason.clause, c.unit, f"{c.direction} of {c.amount}"): c for c in money}
    entries = list_proposals(policy, ranking, position)
    return {(c.rule, c.unit, f"entry of the {c.list} list"): c for c in entries}


def _no_longer(
    policy: MoneyPolicy | ListingPolicy, what: tuple[str, ...], envelope: Envelope
) -> Refused:
    rule, unit, thing = what
    return Conflict(
        f"{policy.kind}.corrected",
        f"the {thing} of {unit} (rule {rule} of {policy.ref}) no longer follows from "
        f"{envelope.key} since its correction: decline, withdraw or revoke it",
    )


def _both_ends(policy: MoneyPolicy, unit: str, envelope: Envelope) -> Refused:
    return Conflict(
        "money.both_ends",
        f"{unit} is among the first and among the last of {envelope.key} at once, because so many "
        f"are tied: by {policy.ref} it neither pays nor gets anything",
    )
