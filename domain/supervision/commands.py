"""What can be asked of supervision slips."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from domain.cases.events import Evidence, Limit
from domain.messages import Command
from domain.reasons import Reason

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class SlipCommand(Command):
    STREAM: ClassVar[str] = "slip"

    slip_id: str = Field(
        min_length=3, max_length=100, pattern=r"^.+\.[1-9][0-9]{0,3}$",
        description="the matter, a dot, and the ordinal of the slip about it",
    )  # fmt: skip

    @property
    def stream_key(self) -> str:
        return self.slip_id


class ProposeSlip(SlipCommand):
    """Propose a slip (督办单). One matter has one slip at a time: the one before must be over."""

    NAME: ClassVar[str] = "slip.propose"

    unit: Name
    ladder: Name
    colour: Name
    limit: Limit
    authority: Name
    reason: Reason
    case_id: str = ""


class IssueSlip(SlipCommand):
    """Issue it under a number; without one it is numbered by colour, year and id."""

    NAME: ClassVar[str] = "slip.issue"

    number: str = Field(default="", max_length=100)
    authority: str = Field(default="", max_length=200, description="left out: as proposed")
    demand: str = Field(default="", max_length=4000, description="what the unit has to do")


class ServeSlip(SlipCommand):
    """Hand it over (送达): the limit runs from now."""

    NAME: ClassVar[str] = "slip.serve"

    receiver: Name


class AnswerSlip(SlipCommand):
    NAME: ClassVar[str] = "slip.answer"

    note: Text
    evidence: tuple[Evidence, ...] = ()


class RejectAnswer(SlipCommand):
    """The answer does not do: the unit has to answer again."""

    NAME: ClassVar[str] = "slip.reject_answer"

    reason: Text


class ExcuseSlip(SlipCommand):
    """Record a good reason (正当理由): the slip does not escalate."""

    NAME: ClassVar[str] = "slip.excuse"

    reason: Text


class FailSlip(SlipCommand):
    """Record that the deadline ``due_at`` has passed without an answer."""

    NAME: ClassVar[str] = "slip.fail"

    due_at: datetime


class LiftSlip(SlipCommand):
    """Lift it (解除)."""

    NAME: ClassVar[str] = "slip.lift"

    reason: Text


class WithdrawSlip(SlipCommand):
    """Take it back; its history stays."""

    NAME: ClassVar[str] = "slip.withdraw"

    reason: Text


COMMANDS = (
    ProposeSlip, IssueSlip, ServeSlip, AnswerSlip, RejectAnswer, ExcuseSlip, FailSlip, LiftSlip,
    WithdrawSlip,
)  # fmt: skip
