"""Entries of the red and black lists as they stand."""

from datetime import datetime

import msgspec

from domain.listings import events as e
from domain.messages import Envelope, Event
from projections.projection import Snapshot
from projections.proposing import proposed


class ListingRow(msgspec.Struct, kw_only=True, gc=False):
    listing_id: str
    list: str
    rule: str
    unit: str
    subject_kind: str
    subject: str
    period: str
    ranking: str
    status: str = "proposed"
    text: str = ""
    authority: str
    approved_for: str = ""
    reason: str
    reason_en: str
    policy: str
    clause: str
    because: tuple[int, ...]
    proposed_by: str
    reviewed_by: str = ""
    approved_by: str = ""
    published_by: str = ""
    proposed_at: datetime
    published_at: datetime | None = None
    until: datetime | None = None
    ended_at: datetime | None = None
    valid_days: int
    channel: str = ""
    note: str = ""
    recorded_at: datetime
    version: int
    position: int


def begin(event: e.ListingProposed, envelope: Envelope) -> ListingRow:
    return ListingRow(
        listing_id=envelope.key,
        list=event.list,
        rule=event.rule,
        unit=event.unit,
        subject_kind=event.subject_kind,
        subject=event.subject,
        period=event.period,
        ranking=event.ranking,
        authority=event.authority,
        valid_days=event.valid_days,
        **proposed(event.reason, envelope),
    )


def evolve(row: ListingRow, event: Event, envelope: Envelope) -> None:
    at = envelope.occurred_at
    match event:
        case e.ListingReviewed():
            row.status, row.reviewed_by, row.note = "reviewed", envelope.actor, event.note
            row.text = event.text
        case e.ListingApproved():
            row.status, row.approved_by, row.note = "approved", envelope.actor, event.note
            row.approved_for = event.authority
        case e.ListingPublished():
            row.status, row.published_by, row.published_at = "published", envelope.actor, at
            row.until, row.channel = event.until, event.channel
        case e.ListingObjected():
            row.status, row.note = "objected", event.grounds
        case e.ListingObjectionDismissed():
            row.status, row.note = "published", event.reason
        case e.ListingDeclined():
            row.status, row.ended_at, row.note = "declined", at, event.reason
        case e.ListingObjectionUpheld() | e.ListingWithdrawn():
            row.status, row.ended_at, row.note = "withdrawn", at, event.reason
        case e.ListingExpired():
            row.status, row.ended_at = "expired", at


LISTINGS = Snapshot(
    table="listings", version=1, kind="listing", row=ListingRow, begin=begin, evolve=evolve
)
