"""What can be asked of cases."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from domain.cases.events import Evidence, Limit, Place, Source
from domain.messages import Command

Text = Field(min_length=1, max_length=4000)


class CaseCommand(Command):
    STREAM: ClassVar[str] = "case"

    case_id: str = Field(min_length=1, max_length=100, description="id of the case")

    @property
    def stream_key(self) -> str:
        return self.case_id


class ReportCase(CaseCommand):
    """Report a problem (提报). The district is derived from the grid, or from the unit it is
    about, when it is not given."""

    NAME: ClassVar[str] = "case.report"

    source: Source
    category: str = Field(min_length=1, max_length=200)
    text: str = Text
    case_no: str = Field(default="", max_length=100, description="number on paper; else the id")
    severity: str = Field(default="", max_length=50)
    about: str = Field(default="", description="unit the report is about, if it names one")
    place: Place = Place()
    inspection_id: str = ""
    reporter: str = Field(default="", description="pseudonym, never a name")
    evidence: tuple[Evidence, ...] = ()


class FileCase(CaseCommand):
    """Make the report a case (立案); needs the filing standard that it meets."""

    NAME: ClassVar[str] = "case.file"

    standard: str = Field(min_length=1, max_length=200)


class RejectCase(CaseCommand):
    """Do not file (不予立案)."""

    NAME: ClassVar[str] = "case.reject"

    reason: str = Text


class DispatchCase(CaseCommand):
    """Give the case to a lead unit with a limit (派遣)."""

    NAME: ClassVar[str] = "case.dispatch"

    unit: str = Field(min_length=1)
    assisting: tuple[str, ...] = ()
    limit: Limit | None = None
    instructions: str = Field(default="", max_length=4000)


class ClaimCase(CaseCommand):
    """Accept the case (认领)."""

    NAME: ClassVar[str] = "case.claim"


class ReturnCase(CaseCommand):
    """Send the case back (退回); the reason is mandatory and the bounce is counted."""

    NAME: ClassVar[str] = "case.return"

    reason: str = Text


class DisputeCase(CaseCommand):
    """Say that it is not ours (权属争议)."""

    NAME: ClassVar[str] = "case.dispute"

    reason: str = Text
    owner: str = ""


class RuleCase(CaseCommand):
    """Rule on the dispute (裁定): binds the unit it names."""

    NAME: ClassVar[str] = "case.rule"

    unit: str = Field(min_length=1)
    basis: str = Text
    assisting: tuple[str, ...] = ()
    limit: Limit | None = None


class RectifyCase(CaseCommand):
    """Answer that it is put right (整改反馈)."""

    NAME: ClassVar[str] = "case.rectify"

    note: str = Text
    evidence: tuple[Evidence, ...] = ()


class VerifyCase(CaseCommand):
    """The check on site found it put right (核查通过)."""

    NAME: ClassVar[str] = "case.verify"

    note: str = Field(default="", max_length=4000)
    inspection_id: str = ""
    evidence: tuple[Evidence, ...] = ()


class OrderRework(CaseCommand):
    """The check on site found it still there (返工). A new ``limit`` starts a new clock; without
    one the old deadline stands."""

    NAME: ClassVar[str] = "case.order_rework"

    reason: str = Text
    inspection_id: str = ""
    limit: Limit | None = None
    evidence: tuple[Evidence, ...] = ()


class RequestExtension(CaseCommand):
    """Ask for one more original limit (延期)."""

    NAME: ClassVar[str] = "case.request_extension"

    reason: str = Text


class ApproveExtension(CaseCommand):
    NAME: ClassVar[str] = "case.approve_extension"


class RefuseExtension(CaseCommand):
    NAME: ClassVar[str] = "case.refuse_extension"

    reason: str = Text


class SuspendCase(CaseCommand):
    """Stop the clock (挂账) until a date at most a year away."""

    NAME: ClassVar[str] = "case.suspend"

    reason: str = Text
    until: datetime


class ResumeCase(CaseCommand):
    """Let the clock run on."""

    NAME: ClassVar[str] = "case.resume"


class MarkOverdue(CaseCommand):
    """Record that the deadline ``due_at`` has passed without an answer."""

    NAME: ClassVar[str] = "case.mark_overdue"

    due_at: datetime


class ExemptCase(CaseCommand):
    """Take the missed deadline ``due_at`` out of the statistics after an upheld appeal."""

    NAME: ClassVar[str] = "case.exempt"

    due_at: datetime
    appeal: str = Field(min_length=1, max_length=100)


class CloseCase(CaseCommand):
    """Strike the case off (结案销号)."""

    NAME: ClassVar[str] = "case.close"

    on_the_spot: bool = False
    note: str = Field(default="", max_length=4000)


class ReopenCase(CaseCommand):
    """The problem came back (回潮重开): the same unit answers, its limit starts anew."""

    NAME: ClassVar[str] = "case.reopen"

    reason: str = Text


class VoidCase(CaseCommand):
    """Take the case out of all counts (作废); its history stays."""

    NAME: ClassVar[str] = "case.void"

    reason: str = Text


COMMANDS = (
    ReportCase, FileCase, RejectCase, DispatchCase, ClaimCase, ReturnCase, DisputeCase, RuleCase,
    RectifyCase, VerifyCase, OrderRework, RequestExtension, ApproveExtension, RefuseExtension,
    SuspendCase, ResumeCase, MarkOverdue, ExemptCase, CloseCase, ReopenCase, VoidCase,
)  # fmt: skip
