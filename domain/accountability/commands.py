"""What can be asked of accountability actions."""

from typing import Annotated, ClassVar

from pydantic import Field

from domain.accountability.events import Decision, PackedEvent
from domain.messages import Command
from domain.policies.consequences import Action
from domain.reasons import Reason

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class AccountabilityCommand(Command):
    STREAM: ClassVar[str] = "accountability"

    accountability_id: str = Field(min_length=1, max_length=100, description="id of the action")

    @property
    def stream_key(self) -> str:
        return self.accountability_id


class ProposeAccountability(AccountabilityCommand):
    """Propose a reminder, interview, circulated criticism, veto or referral, with its reasons."""

    NAME: ClassVar[str] = "accountability.propose"

    action: Action
    unit: Name
    organ: Name
    authority: Name
    reason: Reason
    person: str = Field(default="", max_length=200, description="pseudonym, never a name")


class ReviewAccountability(AccountabilityCommand):
    """Say that the reasons are complete; somebody else decides."""

    NAME: ClassVar[str] = "accountability.review"

    note: str = Field(default="", max_length=4000)


class DecideAccountability(AccountabilityCommand):
    """Order it or decline it, in the name of a unit of the register (``authority``)."""

    NAME: ClassVar[str] = "accountability.decide"

    decision: Decision
    authority: Name
    reason: Text


class CarryOutAccountability(AccountabilityCommand):
    """Record that the reminder, interview, criticism or veto was carried out."""

    NAME: ClassVar[str] = "accountability.carry_out"

    note: Text


class AnswerAccountability(AccountabilityCommand):
    NAME: ClassVar[str] = "accountability.answer"

    note: Text


class PackReferral(AccountabilityCommand):
    """Put the package of a referral together: the events that the proposal rests on, with the
    digests of what is stored."""

    NAME: ClassVar[str] = "accountability.pack"
    FOUND: ClassVar[tuple[str, ...]] = ("events",)

    events: tuple[PackedEvent, ...] = Field(default=(), max_length=100_000)


class ReceiptReferral(AccountabilityCommand):
    """Record the organ's receipt."""

    NAME: ClassVar[str] = "accountability.receipt"

    organ: Name
    receipt: Name


class RecordOutcome(AccountabilityCommand):
    """Record what the outside organ decided."""

    NAME: ClassVar[str] = "accountability.record_outcome"

    organ: Name
    outcome: Text
    document: str = Field(default="", max_length=200)


class RevokeAccountability(AccountabilityCommand):
    """Take it back; its history stays."""

    NAME: ClassVar[str] = "accountability.revoke"

    reason: Text


COMMANDS = (
    ProposeAccountability, ReviewAccountability, DecideAccountability, CarryOutAccountability,
    AnswerAccountability, PackReferral, ReceiptReferral, RecordOutcome, RevokeAccountability,
)  # fmt: skip
