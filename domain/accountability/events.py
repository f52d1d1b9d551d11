"""What happens to accountability actions (问责): proposed by rule or person, decided by people."""

from dataclasses import dataclass
from typing import Literal

from domain.messages import Event
from domain.policies.consequences import Action
from domain.reasons import Reason

Decision = Literal["ordered", "declined"]


@dataclass(frozen=True, slots=True)
class PackedEvent:
    """An event in a referral's package, with the SHA-256 of its stored bytes (RFC 6962 leaf)."""

    position: int
    stream: str
    event: str
    digest: str


class AccountabilityProposed(Event, frozen=True):
    """``unit`` is who is held to account (``person`` a pseudonym, never a name); ``organ`` carries
    the action out or receives the referral, ``authority`` decides."""

    NAME = "accountability.proposed"
    action: Action
    unit: str
    organ: str
    authority: str
    reason: Reason
    person: str = ""


class AccountabilityReviewed(Event, frozen=True):
    """A person has checked that the reasons are complete."""

    NAME = "accountability.reviewed"
    note: str = ""


class AccountabilityDecided(Event, frozen=True):
    """``authority`` is the id of the unit in whose name it was decided."""

    NAME = "accountability.decided"
    decision: Decision
    authority: str
    reason: str


class AccountabilityCarriedOut(Event, frozen=True):
    NAME = "accountability.carried_out"
    note: str


class AccountabilityAnswered(Event, frozen=True):
    """What the unit or person said to it."""

    NAME = "accountability.answered"
    note: str


class ReferralPacked(Event, frozen=True):
    """The package that went to the organ: the events the referral rests on, each with its digest,
    and the SHA-256 over them."""

    NAME = "accountability.packed"
    events: tuple[PackedEvent, ...]
    digest: str


class ReferralReceipted(Event, frozen=True):
    """The organ has confirmed that it has the package."""

    NAME = "accountability.receipted"
    organ: str
    receipt: str


class OutcomeRecorded(Event, frozen=True):
    """What the outside organ decided: a fact that is recorded, never a decision of ours."""

    NAME = "accountability.outcome_recorded"
    organ: str
    outcome: str
    document: str = ""


class AccountabilityRevoked(Event, frozen=True):
    NAME = "accountability.revoked"
    reason: str


EVENTS = (
    AccountabilityProposed, AccountabilityReviewed, AccountabilityDecided,
    AccountabilityCarriedOut, AccountabilityAnswered, ReferralPacked, ReferralReceipted,
    OutcomeRecorded, AccountabilityRevoked,
)  # fmt: skip
