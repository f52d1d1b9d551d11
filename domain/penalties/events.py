"""What happens to statutory penalties (行政处罚): never money between the city and a unit."""

from decimal import Decimal
from typing import Literal

from domain.messages import Event

Decision = Literal["fined", "suspended_sentence", "other"]


class PenaltyOpened(Event, frozen=True):
    """``amount`` is what the notice or the source states, if it states one; the decision rules."""

    NAME = "penalty.opened"
    unit: str
    kind: str
    currency: str
    grounds: str = ""
    amount: Decimal | None = None
    inspection_id: str = ""
    case_id: str = ""


class PenaltyDecided(Event, frozen=True):
    NAME = "penalty.decided"
    decision: Decision
    amount: Decimal | None = None
    note: str = ""


class PenaltyWithdrawn(Event, frozen=True):
    NAME = "penalty.withdrawn"
    reason: str


class PenaltySettled(Event, frozen=True):
    """Paid or served in full."""

    NAME = "penalty.settled"
    note: str = ""


EVENTS = (PenaltyOpened, PenaltyDecided, PenaltyWithdrawn, PenaltySettled)
