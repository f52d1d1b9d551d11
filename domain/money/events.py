"""What happens to money between the city and its units (考核扣款/奖励): never a statutory fine."""

from decimal import Decimal
from typing import Literal

from domain.messages import Event
from domain.reasons import Reason

Direction = Literal["deduction", "reward"]


class MoneyProposed(Event, frozen=True):
    """``amount`` is positive; a deduction goes from the unit to the city, a reward from the city
    to the unit. ``ranking`` is the id of the published ranking it follows from."""

    NAME = "money.proposed"
    unit: str
    direction: Direction
    amount: Decimal
    currency: str
    period: str
    ranking: str
    authority: str
    reason: Reason


class MoneyReviewed(Event, frozen=True):
    """A person has checked the figures against the ranking."""

    NAME = "money.reviewed"
    note: str = ""


class MoneyApproved(Event, frozen=True):
    """``authority`` is the id of the unit in whose name it was approved."""

    NAME = "money.approved"
    authority: str
    note: str = ""


class MoneyDeclined(Event, frozen=True):
    NAME = "money.declined"
    reason: str


class MoneyIssued(Event, frozen=True):
    """The unit is told to pay, or is promised the reward, under a number."""

    NAME = "money.issued"
    number: str


class MoneySettled(Event, frozen=True):
    """Paid, in full or in part; ``amount`` is what was paid this time."""

    NAME = "money.settled"
    amount: Decimal
    note: str = ""


class MoneyRevoked(Event, frozen=True):
    """Taken back after it was approved or issued; what was paid is owed back."""

    NAME = "money.revoked"
    reason: str


EVENTS = (
    MoneyProposed, MoneyReviewed, MoneyApproved, MoneyDeclined, MoneyIssued, MoneySettled,
    MoneyRevoked,
)  # fmt: skip
