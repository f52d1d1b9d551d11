"""What can be asked of statutory penalties."""

from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from domain.messages import Command
from domain.penalties.events import Decision

Amount = Decimal | None


class PenaltyCommand(Command):
    STREAM: ClassVar[str] = "penalty"

    penalty_id: str = Field(min_length=1, max_length=100, description="id of the penalty")

    @property
    def stream_key(self) -> str:
        return self.penalty_id


class OpenPenalty(PenaltyCommand):
    """Open proceedings. ``amount`` is what the notice states, if it states one."""

    NAME: ClassVar[str] = "penalty.open"

    unit: str = Field(min_length=1)
    kind: str = Field(min_length=1, max_length=100, description="ticket, summons, …")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217")
    grounds: str = Field(default="", max_length=4000)
    amount: Amount = Field(default=None, ge=0, max_digits=18, decimal_places=2)
    inspection_id: str = ""
    case_id: str = ""


class DecidePenalty(PenaltyCommand):
    """Record the decision: ``fined`` needs the amount, the others have none."""

    NAME: ClassVar[str] = "penalty.decide"

    decision: Decision
    amount: Amount = Field(default=None, ge=0, max_digits=18, decimal_places=2)
    note: str = Field(default="", max_length=2000)


class WithdrawPenalty(PenaltyCommand):
    """Give the proceedings up, before or after the decision."""

    NAME: ClassVar[str] = "penalty.withdraw"

    reason: str = Field(min_length=1, max_length=2000)


class SettlePenalty(PenaltyCommand):
    """Record that the decision has been paid or served in full."""

    NAME: ClassVar[str] = "penalty.settle"

    note: str = Field(default="", max_length=2000)


COMMANDS = (OpenPenalty, DecidePenalty, WithdrawPenalty, SettlePenalty)
