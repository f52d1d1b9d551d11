"""One ranking from draft to publication as JSON, straight from the record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path

from api.dependencies import Given
from api.moments import AskedThen
from api.reading import add
from domain.errors import NotFound
from domain.messages import Envelope
from domain.rankings.events import (
    RankedUnit,
    RankingApproved,
    RankingComposed,
    RankingCorrected,
    RankingPublished,
    RankingWithdrawn,
)
from projections.past.counting import counts

Step = Literal["composed", "approved", "published", "corrected"]


@dataclass(frozen=True, slots=True)
class Frozen:
    """Rows that were frozen, and how far they got: ``at`` and ``position`` are those of that step.
    ``corrects`` is the checksum of what was published before."""

    step: Step
    checksum: str
    computed_at: int
    policies: tuple[str, ...]
    rows: tuple[RankedUnit, ...]
    composed_by: str
    approved_by: str
    published_by: str
    corrects: str
    reason: str
    at: datetime
    recorded_at: datetime
    position: int


@dataclass(frozen=True, slots=True)
class Bulletin:
    """``published`` is the ranking as it came out first and then every correction beside it;
    ``draft`` what waits (null: nothing does); ``withdrawn`` why it no longer counts ("": it does
    count). ``version`` is the number of its events."""

    ranking_id: str
    board: str
    period: str
    peer_group: str
    draft: Frozen | None
    published: list[Frozen]
    withdrawn: str
    version: int


def router() -> APIRouter:
    routes = APIRouter(tags=["rankings"])
    add(routes, "/rankings/{ranking_id}", one, "One ranking: its draft, what was published")
    return routes


def one(
    services: Given,
    ranking_id: Annotated[str, Path(max_length=200, description="board:period:peer-group")],
    asked: AskedThen,
) -> Bulletin:
    stored = services.store.load(f"ranking-{ranking_id}")
    known = [envelope for envelope in stored if counts(asked.then, envelope, stored[0])]
    if not known:
        raise NotFound("ranking.unknown", f"there is no ranking {ranking_id}: compose it")
    return bulletin(ranking_id, known)


def bulletin(ranking_id: str, envelopes: list[Envelope]) -> Bulletin:
    """The events of one ranking, told as what they have left standing."""
    first = envelopes[0].event
    assert isinstance(first, RankingComposed | RankingPublished)
    draft: Frozen | None = None
    published: list[Frozen] = []
    withdrawn = ""
    for envelope in envelopes:
        match envelope.event:
            case RankingComposed() as event:
                draft = _frozen("composed", event, envelope, composed_by=envelope.actor)
            case RankingApproved() if draft is not None:
                hands = {"composed_by": draft.composed_by, "approved_by": envelope.actor}
                draft = _frozen("approved", draft, envelope, **hands)
            case RankingPublished() as event:
                published.append(_out("published", event, envelope))
                draft = None
            case RankingCorrected() as event:
                published.append(_out("corrected", event, envelope, event.corrects, event.reason))
                draft, withdrawn = None, ""
            case RankingWithdrawn() as event:
                withdrawn = event.reason
    return Bulletin(
        ranking_id, first.board, first.period, first.peer_group, draft, published, withdrawn,
        envelopes[-1].version,
    )  # fmt: skip


def _out(
    step: Step,
    event: RankingPublished | RankingCorrected,
    envelope: Envelope,
    corrects: str = "",
    reason: str = "",
) -> Frozen:
    hands = (event.composed_by, event.approved_by, envelope.actor)
    return _frozen(step, event, envelope, *hands, corrects, reason)


def _frozen(
    step: Step,
    rows_of: RankingComposed | RankingPublished | RankingCorrected | Frozen,
    envelope: Envelope,
    composed_by: str,
    approved_by: str = "",
    published_by: str = "",
    corrects: str = "",
    reason: str = "",
) -> Frozen:
    return Frozen(
        step=step,
        checksum=rows_of.checksum,
        computed_at=rows_of.computed_at,
        policies=rows_of.policies,
        rows=rows_of.rows,
        composed_by=composed_by,
        approved_by=approved_by,
        published_by=published_by,
        corrects=corrects,
        reason=reason,
        at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        position=envelope.position,
    )
