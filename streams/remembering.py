"""What is remembered of slips, lists, actions and rankings, because later events depend on it."""

from collections.abc import Iterable, Sequence

import msgspec

from domain.accountability.events import (
    AccountabilityCarriedOut,
    AccountabilityProposed,
    AccountabilityRevoked,
)
from domain.consequences.counts import Counted
from domain.consequences.ladders import Failed
from domain.listings import events as li
from domain.messages import Envelope
from domain.periods import Period
from domain.rankings.events import RankingCorrected, RankingPublished, RankingWithdrawn
from domain.supervision import events as su

# The kinds of streams whose past decides what follows; they are few beside the cases.
REMEMBERED = ("ranking", "slip", "listing", "accountability")
Published = RankingPublished | RankingCorrected


class Slip(msgspec.Struct):
    matter: str
    ordinal: int
    unit: str
    ladder: str
    colour: str
    case_id: str
    over: bool = False
    excused: bool = False

    def failed(self, position: int) -> Failed:
        return Failed(
            self.matter, self.ordinal, self.ladder, self.colour, self.unit, self.case_id,
            self.excused, position,
        )  # fmt: skip


class Memory:
    """The log up to some position, as far as it matters. ``replaced`` is what stood published
    before the newest correction of each ranking. Only registered units are held to account, so
    entries about others are not counted."""

    def __init__(self, past: Iterable[Envelope] = ()) -> None:
        self.slips: dict[str, Slip] = {}
        self.latest: dict[str, str] = {}  # matter → its newest slip
        self.counted: dict[str, Counted] = {}  # what counts or counted against a unit, by stream
        self.judged_by: dict[str, tuple[str, ...]] = {}  # stream → policies when it counted
        self.published: dict[str, Published] = {}
        self.replaced: dict[str, Published] = {}
        self._proposed: dict[str, Counted] = {}  # what will count once it is carried out
        self._ranked: dict[tuple[str, str], list[Period]] = {}
        for envelope in past:
            self.learn(envelope)

    def against(self, unit: str) -> list[tuple[str, Counted]]:
        """What has ever been counted against a unit, with its stream, in the order of the log."""
        found = [each for each in self.counted.items() if each[1].unit == unit]
        return sorted(found, key=lambda each: each[1].position)

    def ranked_in(self, board: str, unit: str) -> Sequence[Period]:
        return self._ranked.get((board, unit), ())

    def learn(self, envelope: Envelope) -> None:
        event, stream = envelope.event, envelope.stream_id
        match event:
            case RankingPublished() | RankingCorrected():
                self._publish(stream, event)
            case RankingWithdrawn():
                self._unrank(self.published.get(stream))
            case su.SlipProposed():
                ordinal = int(envelope.key.rpartition(".")[2])
                self.slips[envelope.key] = Slip(
                    event.matter, ordinal, event.unit, event.ladder, event.colour, event.case_id
                )
                self.latest[event.matter] = envelope.key
            case li.ListingProposed() if event.unit:
                self._proposed[stream] = Counted(
                    envelope.occurred_at, event.unit, "list", event.rule,
                    event.ranking.partition(":")[0],
                    Period.parse(event.period) if event.period else None,
                )  # fmt: skip
            case AccountabilityProposed():
                self._proposed[stream] = Counted(
                    envelope.occurred_at, event.unit, "action", event.action
                )
            case li.ListingPublished() | AccountabilityCarriedOut():
                self._count(envelope, self._proposed.get(stream))
            case li.ListingWithdrawn() | li.ListingObjectionUpheld() | AccountabilityRevoked():
                self._uncount(envelope)
            case _ if (slip := self.slips.get(envelope.key)) is not None:
                self._learn_of_slip(slip, envelope)

    def _learn_of_slip(self, slip: Slip, envelope: Envelope) -> None:
        match envelope.event:
            case su.SlipIssued():
                at = envelope.occurred_at
                self._count(envelope, Counted(at, slip.unit, "slip", slip.colour))
            case su.SlipExcused():
                slip.excused = True
            case su.SlipFailed() | su.SlipLifted():
                slip.over = True
            case su.SlipWithdrawn():
                slip.over = True
                self._uncount(envelope)

    def _count(self, envelope: Envelope, counted: Counted | None) -> None:
        if counted is not None:
            at, stream = envelope.occurred_at, envelope.stream_id
            self.counted[stream] = counted._replace(at=at, position=envelope.position)
            self.judged_by[stream] = envelope.metadata.policies

    def _uncount(self, envelope: Envelope) -> None:
        counted = self.counted.get(envelope.stream_id)
        if counted is not None:
            self.counted[envelope.stream_id] = counted._replace(gone=envelope.position)

    def _publish(self, stream: str, ranking: Published) -> None:
        before = self.published.get(stream)
        if before is not None:
            self.replaced[stream] = before
            self._unrank(before)
        self.published[stream] = ranking
        period = Period.parse(ranking.period)
        for row in ranking.rows:
            periods = self._ranked.setdefault((ranking.board, row.unit), [])
            if period not in periods:
                periods.append(period)
                periods.sort()

    def _unrank(self, ranking: Published | None) -> None:
        if ranking is not None:
            period = Period.parse(ranking.period)
            for row in ranking.rows:
                periods = self._ranked.get((ranking.board, row.unit), [])
                if period in periods:
                    periods.remove(period)
