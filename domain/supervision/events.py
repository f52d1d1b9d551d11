"""What happens to supervision slips (督办单): an instrument with a number, a limit and an end."""

from domain.cases.events import Deadline, Evidence, Limit
from domain.messages import Event
from domain.reasons import Reason


class SlipProposed(Event, frozen=True):
    """A slip about a matter (the id of a case, or a name for another matter) should be issued.
    The slip's id is ``<matter>.<ordinal>``. ``ladder`` and ``colour`` are those of the policy;
    ``limit`` runs from service on; ``district`` is where the unit stood at the time."""

    NAME = "slip.proposed"
    matter: str
    unit: str
    ladder: str
    colour: str
    limit: Limit
    authority: str
    reason: Reason
    case_id: str = ""
    district: str = ""


class SlipIssued(Event, frozen=True):
    """Issued under a number by an authority."""

    NAME = "slip.issued"
    number: str
    authority: str
    demand: str = ""


class SlipServed(Event, frozen=True):
    """The unit has it; its limit runs."""

    NAME = "slip.served"
    receiver: str
    deadline: Deadline


class SlipAnswered(Event, frozen=True):
    NAME = "slip.answered"
    note: str
    evidence: tuple[Evidence, ...] = ()


class SlipAnswerRejected(Event, frozen=True):
    """The answer does not do; the limit goes on."""

    NAME = "slip.answer_rejected"
    reason: str


class SlipExcused(Event, frozen=True):
    """A good reason (正当理由) for not meeting it is on record: no escalation follows."""

    NAME = "slip.excused"
    reason: str


class SlipFailed(Event, frozen=True):
    """The limit passed without an answer. ``detected_late``: noticed more than a minute after."""

    NAME = "slip.failed"
    deadline: Deadline
    detected_late: bool = False


class SlipLifted(Event, frozen=True):
    """What it demanded is done (解除)."""

    NAME = "slip.lifted"
    reason: str


class SlipWithdrawn(Event, frozen=True):
    """It should not have been proposed or issued, or the next slip takes its place."""

    NAME = "slip.withdrawn"
    reason: str


EVENTS = (
    SlipProposed, SlipIssued, SlipServed, SlipAnswered, SlipAnswerRejected, SlipExcused,
    SlipFailed, SlipLifted, SlipWithdrawn,
)  # fmt: skip
