"""Rankings on their way: composed, approved, published, corrected, withdrawn."""

from datetime import datetime

import msgspec

from domain.messages import Envelope, Event
from domain.rankings.events import (
    RankingApproved,
    RankingComposed,
    RankingCorrected,
    RankingPublished,
    RankingWithdrawn,
)
from projections.projection import Snapshot


class BulletinRow(msgspec.Struct, kw_only=True, gc=False):
    ranking_id: str
    board: str
    period: str
    peer_group: str
    status: str = "composed"
    composed_by: str = ""
    approved_by: str = ""
    published_by: str = ""
    composed_at: datetime
    approved_at: datetime | None = None
    published_at: datetime | None = None
    ended_at: datetime | None = None
    corrections: int = 0
    checksum: str = ""
    draft_checksum: str = ""
    draft_status: str = ""
    computed_at: int
    units: int
    reason: str = ""
    recorded_at: datetime
    version: int
    position: int


def begin(event: RankingComposed | RankingPublished, envelope: Envelope) -> BulletinRow:
    row = BulletinRow(
        ranking_id=envelope.key,
        board=event.board,
        period=event.period,
        peer_group=event.peer_group,
        composed_at=envelope.occurred_at,
        computed_at=event.computed_at,
        units=len(event.rows),
        recorded_at=envelope.recorded_at,
        version=envelope.version,
        position=envelope.position,
    )
    evolve(row, event, envelope)
    return row


def evolve(row: BulletinRow, event: Event, envelope: Envelope) -> None:
    at, actor = envelope.occurred_at, envelope.actor
    match event:
        case RankingComposed():
            row.composed_by, row.composed_at = actor, at
            row.approved_by, row.approved_at = "", None
            row.draft_checksum, row.draft_status = event.checksum, "composed"
            row.computed_at, row.units = event.computed_at, len(event.rows)
            row.status = "composed" if row.published_at is None else row.status
        case RankingApproved():
            row.approved_by, row.approved_at, row.draft_status = actor, at, "approved"
            row.status = "approved" if row.published_at is None else row.status
        case RankingPublished():
            _publish(row, event, envelope)
        case RankingCorrected():
            _publish(row, event, envelope)
            row.corrections += 1
            row.reason = event.reason
        case RankingWithdrawn():
            row.status, row.ended_at, row.reason = "withdrawn", at, event.reason


def _publish(
    row: BulletinRow, event: RankingPublished | RankingCorrected, envelope: Envelope
) -> None:
    row.status, row.ended_at = "published", None
    row.published_by, row.published_at = envelope.actor, envelope.occurred_at
    row.composed_by, row.approved_by = event.composed_by, event.approved_by
    row.checksum, row.draft_checksum, row.draft_status = event.checksum, "", ""


BULLETINS = Snapshot(
    table="bulletins", version=1, kind="ranking", row=BulletinRow, begin=begin, evolve=evolve
)
