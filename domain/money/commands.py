"""What can be asked of money between the city and its units."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from domain.messages import Command
from domain.money.events import Direction
from domain.reasons import Reason

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Amount = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=2)]


class MoneyCommand(Command):
    STREAM: ClassVar[str] = "money"

    money_id: str = Field(min_length=1, max_length=100, description="id of the deduction or reward")

    @property
    def stream_key(self) -> str:
        return self.money_id


class ProposeMoney(MoneyCommand):
    """Propose a deduction or reward that follows from a published ranking."""

    NAME: ClassVar[str] = "money.propose"

    unit: Name
    direction: Direction
    amount: Amount
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217")
    period: str = Field(min_length=1, max_length=20, description="2026-03, 2026-W15, …")
    ranking: Name = Field(description="id of the published ranking it follows from")
    authority: Name
    reason: Reason


class ReviewMoney(MoneyCommand):
    """Say that the figures are right; somebody else approves them."""

    NAME: ClassVar[str] = "money.review"

    note: str = Field(default="", max_length=4000)


class ApproveMoney(MoneyCommand):
    """Approve it in the name of a unit of the register (``authority``)."""

    NAME: ClassVar[str] = "money.approve"

    authority: Name
    note: str = Field(default="", max_length=4000)


class DeclineMoney(MoneyCommand):
    NAME: ClassVar[str] = "money.decline"

    reason: Text


class IssueMoney(MoneyCommand):
    """Tell the unit, under a number; without one it is numbered by year and id."""

    NAME: ClassVar[str] = "money.issue"

    number: str = Field(default="", max_length=100)


class SettleMoney(MoneyCommand):
    """Record a payment; several add up to the amount."""

    NAME: ClassVar[str] = "money.settle"

    amount: Amount
    note: str = Field(default="", max_length=4000)


class RevokeMoney(MoneyCommand):
    """Take back what was approved or issued."""

    NAME: ClassVar[str] = "money.revoke"

    reason: Text


COMMANDS = (
    ProposeMoney, ReviewMoney, ApproveMoney, DeclineMoney, IssueMoney, SettleMoney, RevokeMoney,
)  # fmt: skip
