"""Accountability actions as they stand."""

from datetime import datetime

import msgspec

from domain.accountability import events as e
from domain.messages import Envelope, Event
from projections.projection import Snapshot
from projections.proposing import proposed


class AccountabilityRow(msgspec.Struct, kw_only=True, gc=False):
    accountability_id: str
    action: str
    unit: str
    person: str
    organ: str
    authority: str
    decided_for: str = ""
    status: str = "proposed"
    reason: str
    reason_en: str
    policy: str
    clause: str
    because: tuple[int, ...]
    proposed_by: str
    reviewed_by: str = ""
    decided_by: str = ""
    proposed_at: datetime
    decided_at: datetime | None = None
    ended_at: datetime | None = None
    package: str = ""
    receipt: str = ""
    outcome: str = ""
    answer: str = ""
    note: str = ""
    policies: tuple[str, ...]
    recorded_at: datetime
    version: int
    position: int


def begin(event: e.AccountabilityProposed, envelope: Envelope) -> AccountabilityRow:
    return AccountabilityRow(
        accountability_id=envelope.key,
        action=event.action,
        unit=event.unit,
        person=event.person,
        organ=event.organ,
        authority=event.authority,
        policies=envelope.metadata.policies,
        **proposed(event.reason, envelope),
    )


def evolve(row: AccountabilityRow, event: Event, envelope: Envelope) -> None:
    at = envelope.occurred_at
    match event:
        case e.AccountabilityReviewed():
            row.status, row.reviewed_by, row.note = "reviewed", envelope.actor, event.note
        case e.AccountabilityDecided():
            row.status, row.decided_by, row.decided_at = event.decision, envelope.actor, at
            row.decided_for, row.note = event.authority, event.reason
            row.ended_at = at if event.decision == "declined" else None
        case e.AccountabilityCarriedOut():
            row.status, row.ended_at, row.note = "carried_out", at, event.note
        case e.AccountabilityAnswered():
            row.answer = event.note
            row.status = "answered" if row.status == "carried_out" else row.status
        case e.ReferralPacked():
            row.status, row.package = "packed", event.digest
        case e.ReferralReceipted():
            row.status, row.receipt = "receipted", event.receipt
        case e.OutcomeRecorded():
            row.status, row.ended_at, row.outcome = "concluded", at, event.outcome
        case e.AccountabilityRevoked():
            row.status, row.ended_at, row.note = "revoked", at, event.reason


ACCOUNTABILITY = Snapshot(
    table="accountability",
    version=1,
    kind="accountability",
    row=AccountabilityRow,
    begin=begin,
    evolve=evolve,
)
