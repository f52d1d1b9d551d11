"""From events to what follows from them by rule: proposals, each made once for each cause."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, get_args
from zoneinfo import ZoneInfo

import msgspec

from domain.accountability.events import AccountabilityCarriedOut, AccountabilityProposed
from domain.consequences.counts import Counted, proposals
from domain.consequences.ladders import first_slip, next_slip
from domain.consequences.proposals import accountability_proposal, list_proposals, money_proposals
from domain.errors import Refused
from domain.listings import events as li
from domain.messages import Command, Envelope
from domain.periods import Period
from domain.policies.book import PolicyBook
from domain.policies.consequences import AccountabilityPolicy, ListingPolicy, MoneyPolicy
from domain.policies.header import PolicyFile
from domain.policies.supervision import StartEvent, SupervisionPolicy
from domain.ports import EventStore
from domain.rankings.events import RankingPublished
from domain.supervision import events as su
from projections.cases import CASES, CaseRow
from projections.projection import Step
from projections.scores import FACTS

ACTOR = "system:reactions"
# The kinds of streams whose past decides what follows; they are few beside the cases.
REMEMBERED = ("ranking", "slip", "listing", "accountability")
STARTS = frozenset(get_args(StartEvent))


class Reaction(NamedTuple):
    """A command that follows from the event at ``position``. ``cause`` names it once for ever and
    is its command id."""

    cause: str
    position: int
    occurred_at: datetime
    command: Command


class Unanswered(NamedTuple):
    """A rule could not say what follows."""

    position: int
    refusal: Refused


class _Slip(msgspec.Struct):
    matter: str
    ordinal: int
    unit: str
    ladder: str
    colour: str
    case_id: str
    over: bool = False
    excused: bool = False


class Reactions:
    """Takes the events of a log in their order. What follows depends on the events so far and on
    the policies each of them names, never on when it is asked: the same log gives the same."""

    def __init__(
        self, store: EventStore, book: Callable[[], PolicyBook], zone: Callable[[], ZoneInfo]
    ) -> None:
        self._store = store
        self._book = book
        self._zone = zone
        self._slips: dict[str, _Slip] = {}
        self._latest: dict[str, str] = {}  # matter → its newest slip
        self._counted: dict[str, Counted] = {}  # what counts against a unit, by its stream
        self._proposed: dict[str, Counted] = {}  # what will count once it is carried out
        self._ranked: dict[tuple[str, str], list[Period]] = {}

    def remember(self, until: int) -> None:
        """What has happened up to a position and nothing else, without any consequence."""
        self._slips, self._latest, self._counted = {}, {}, {}
        self._proposed, self._ranked = {}, {}
        past = [e for kind in REMEMBERED for e in self._store.load_kind(kind)]
        for envelope in sorted(past, key=lambda e: e.position):
            if envelope.position <= until:
                self._learn(envelope)

    def follow(self, envelope: Envelope) -> Iterator[Reaction | Unanswered]:
        kind = envelope.stream_id.partition("-")[0]
        if kind in REMEMBERED:
            self._learn(envelope)
        elif envelope.event.NAME not in STARTS:
            return
        policies = self._book().files(envelope.metadata.policies)
        if not any(isinstance(p, FOLLOWED) for p in policies):
            return
        try:
            for cause, command in self._follows(envelope, policies):
                at = envelope.occurred_at
                yield Reaction(f"react:{cause}", envelope.position, at, command)
        except Refused as refusal:
            yield Unanswered(envelope.position, refusal)

    def _follows(
        self, envelope: Envelope, policies: Sequence[PolicyFile]
    ) -> Iterator[tuple[str, Command]]:
        position = envelope.position
        match envelope.event:
            case RankingPublished() as ranking:
                for policy in policies:
                    commands: list[Any] = []
                    if isinstance(policy, MoneyPolicy):
                        commands = list(money_proposals(policy, ranking, position))
                    elif isinstance(policy, ListingPolicy):
                        commands = list(list_proposals(policy, ranking, position))
                    yield from ((f"{c.NAME}:{c.stream_key}", c) for c in commands)
            case su.SlipFailed():
                yield from self._escalation(envelope, policies)
            case su.SlipIssued() | li.ListingPublished() | AccountabilityCarriedOut():
                yield from self._counting(envelope, policies)
            case _ if envelope.event.NAME in STARTS:
                yield from self._start(envelope, policies)

    def _start(
        self, envelope: Envelope, policies: Sequence[PolicyFile]
    ) -> Iterator[tuple[str, Command]]:
        latest = self._latest.get(envelope.key)
        if latest is not None and not self._slips[latest].over:
            return  # one matter, one slip
        if not any(isinstance(p, SupervisionPolicy) for p in policies):
            return
        fact = FACTS["case"](self._step(envelope))
        ordinal = 1 if latest is None else self._slips[latest].ordinal + 1
        slip_id = f"{envelope.key}.{ordinal}"
        slip = first_slip(policies, fact, slip_id, envelope.position) if fact.unit else None
        if slip is not None:
            yield f"slip:{envelope.position}", slip

    def _escalation(
        self, envelope: Envelope, policies: Sequence[PolicyFile]
    ) -> Iterator[tuple[str, Command]]:
        slip = self._slips.get(envelope.key)
        if slip is None or self._latest.get(slip.matter) != envelope.key:
            return
        for policy in policies:
            if isinstance(policy, SupervisionPolicy):
                follows = next_slip(
                    policy, slip.ladder, slip.colour, slip.excused,
                    f"{slip.matter}.{slip.ordinal + 1}", slip.unit, slip.case_id,
                    envelope.position,
                )  # fmt: skip
                if follows is not None:
                    yield f"slip:{envelope.position}", follows
                    return

    def _counting(
        self, envelope: Envelope, policies: Sequence[PolicyFile]
    ) -> Iterator[tuple[str, Command]]:
        newest = self._counted.get(envelope.stream_id)
        if newest is None:
            return
        things = [c for c in self._counted.values() if c.unit == newest.unit]
        things.sort(key=lambda thing: thing.position)
        for policy in policies:
            if isinstance(policy, AccountabilityPolicy):
                for rule in policy.rules:
                    for found in proposals(rule, things, self._ranked_in, self._zone()):
                        if found.counted[-1].position == newest.position:
                            command = accountability_proposal(policy, found, self._named)
                            yield f"accountability:{command.accountability_id}", command

    def _learn(self, envelope: Envelope) -> None:
        event, key = envelope.event, envelope.key
        match event:
            case RankingPublished() if event.board:
                period = Period.parse(event.period)
                for row in event.rows:
                    periods = self._ranked.setdefault((event.board, row.unit), [])
                    if period not in periods:
                        periods.append(period)
                        periods.sort()
            case su.SlipProposed():
                ordinal = int(key.rpartition(".")[2])
                self._slips[key] = _Slip(
                    event.matter, ordinal, event.unit, event.ladder, event.colour, event.case_id
                )
                self._latest[event.matter] = key
            case li.ListingProposed():
                self._proposed[envelope.stream_id] = Counted(
                    envelope.occurred_at, event.unit, "list", event.rule,
                    board=event.ranking.partition(":")[0],
                    period=Period.parse(event.period) if event.period else None,
                )  # fmt: skip
            case AccountabilityProposed():
                self._proposed[envelope.stream_id] = Counted(
                    envelope.occurred_at, event.unit, "action", event.action
                )
            case _:
                self._learn_more(envelope)

    def _learn_more(self, envelope: Envelope) -> None:
        stream, slip = envelope.stream_id, self._slips.get(envelope.key)
        match envelope.event:
            case su.SlipIssued() if slip is not None:
                at = envelope.occurred_at
                self._counted[stream] = Counted(
                    at, slip.unit, "slip", slip.colour, position=envelope.position
                )
            case su.SlipExcused() if slip is not None:
                slip.excused = True
            case su.SlipFailed() if slip is not None:
                slip.over = True
            case su.SlipLifted() if slip is not None:
                slip.over = True
            case su.SlipWithdrawn() if slip is not None:
                slip.over = True
                self._counted.pop(stream, None)
            case li.ListingPublished() | AccountabilityCarriedOut() if stream in self._proposed:
                proposed = self._proposed[stream]
                self._counted[stream] = proposed._replace(
                    at=envelope.occurred_at, position=envelope.position
                )
            case li.ListingWithdrawn() | li.ListingObjectionUpheld():
                self._counted.pop(stream, None)

    def _ranked_in(self, board: str, unit: str) -> Sequence[Period]:
        return self._ranked.get((board, unit), ())

    def _named(self, unit: str) -> str:
        """What the unit was called when it was registered: a later name changes no proposal."""
        return str(getattr(self._store.load(f"unit-{unit}")[0].event, "name", unit))

    def _step(self, envelope: Envelope) -> Step:
        """The case around the event, folded from its own stream."""
        before: CaseRow | None = None
        after: CaseRow | None = None
        for each in self._store.load(envelope.stream_id):
            if each.position <= envelope.position:
                before, after = after, CASES.fold(after, each)
        kind, _, key = envelope.stream_id.partition("-")
        return Step(envelope, kind, key, "", b"", b"", 0, before, after)


FOLLOWED = (SupervisionPolicy, MoneyPolicy, ListingPolicy, AccountabilityPolicy)
