"""The rules of supervision slips: one matter, one slip; proposed, issued, served, answered or not.

A failed, lifted or withdrawn slip is over, so the next one about its matter can be proposed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from domain.decider import Context, Decider
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.grounds import check_reason, check_unit
from domain.messages import Event
from domain.policies.supervision import SupervisionPolicy
from domain.steps import check_due, check_order, is_late, not_legal
from domain.supervision import commands as c
from domain.supervision import events as e
from domain.supervision.state import OVER, Slip, Status, evolve
from domain.two_people import check_person, is_system
from domain.units.decide import territory

# Which command is legal in which status: the refusals are worded from this table too.
LEGAL: Mapping[type[c.SlipCommand], tuple[Status, ...]] = {
    c.IssueSlip: ("proposed",),
    c.ServeSlip: ("issued",),
    c.AnswerSlip: ("served",),
    c.RejectAnswer: ("answered",),
    c.ExcuseSlip: ("served", "answered", "failed"),
    c.FailSlip: ("served",),
    c.LiftSlip: ("issued", "served", "answered", "failed"),
    c.WithdrawSlip: ("proposed", "issued", "served", "answered", "failed"),
}


def decide(slip: Slip | None, command: c.SlipCommand, context: Context) -> Sequence[Event]:
    if isinstance(command, c.ProposeSlip):
        return _propose(slip, command, context)
    if slip is None:
        raise NotFound("slip.unknown", f"there is no slip {command.slip_id}: propose it first")
    if isinstance(command, c.FailSlip):
        return _fail(slip, command, context)
    check_person("slip", "issue, serve, answer, excuse, lift or withdraw a slip", context)
    what = f"slip {command.slip_id}"
    if slip.status not in LEGAL[type(command)]:
        raise not_legal(what, slip.status, LEGAL, command)
    check_order(what, slip.last_at, context)
    return RULES[type(command)](slip, command, context)


def matter_of(slip_id: str) -> tuple[str, int]:
    """``A1.2`` is the second slip about A1."""
    matter, _, ordinal = slip_id.rpartition(".")
    return matter, int(ordinal)


def _propose(slip: Slip | None, command: c.ProposeSlip, context: Context) -> Sequence[Event]:
    if slip is not None:
        raise Conflict("slip.exists", f"slip {command.slip_id} is {slip.status}: take the next one")
    matter, ordinal = matter_of(command.slip_id)
    if ordinal > 1:
        _check_over(f"{matter}.{ordinal - 1}", command, context)
    check_unit(command.unit, context)
    if context.unit(command.unit).retired:
        raise Conflict("unit.retired", f"{command.unit} is retired: it gets no slip any more")
    if command.case_id and context.state(f"case-{command.case_id}") is None:
        raise NotFound("case.unknown", f"there is no case {command.case_id}: report it first")
    check_reason("slip", command.reason, context)
    _check_ladder(command, context)
    context.calendars.due(context.occurred_at, command.limit)  # refuses an impossible limit now
    return [
        e.SlipProposed(
            matter=matter,
            unit=command.unit,
            ladder=command.ladder,
            colour=command.colour,
            limit=command.limit,
            authority=command.authority,
            reason=command.reason,
            case_id=command.case_id,
            district=territory(command.unit, context.unit)[0],
        )
    ]


def _check_over(before: str, command: c.ProposeSlip, context: Context) -> None:
    """One matter, one slip."""
    state: Slip | None = context.state(f"slip-{before}")
    if state is None:
        raise Conflict(
            "slip.skipped",
            f"there is no slip {before}: slips about a matter are numbered from 1 on",
        )
    if state.status not in OVER:
        raise Conflict(
            "slip.running",
            f"slip {before} is {state.status} and one matter has one slip at a time: lift or "
            f"withdraw it before {command.slip_id} is proposed",
        )


def _check_ladder(command: c.ProposeSlip, context: Context) -> None:
    """A person names a ladder and a colour of a policy in force, if there is any. What the system
    proposes follows from the policies of its cause, which may have been replaced since."""
    policies = [p for p in context.policies if isinstance(p, SupervisionPolicy)]
    if is_system(context.actor) or not policies:
        return
    ladders = {ladder.id: ladder for policy in policies for ladder in policy.ladders}
    ladder = ladders.get(command.ladder)
    if ladder is None:
        raise Invalid(
            "slip.ladder_unknown",
            f"no policy in force has a ladder {command.ladder!r}: there are {', '.join(ladders)}",
        )
    if ladder.step(command.colour) is None:
        raise Invalid(
            "slip.colour_unknown",
            f"the ladder {ladder.id} has no colour {command.colour!r}: it has "
            f"{', '.join(step.colour for step in ladder.steps)}",
        )


def _issue(slip: Slip, command: c.IssueSlip, context: Context) -> Sequence[Event]:
    return [
        e.SlipIssued(
            number=command.number or number_of(slip, command.slip_id, context),
            authority=command.authority or slip.authority,
            demand=command.demand,
        )
    ]


def number_of(slip: Slip, slip_id: str, context: Context) -> str:
    """Initial of the colour, year and id: no other slip has the same id."""
    zone: ZoneInfo = context.calendars.zone
    return f"{slip.colour[:1].upper()}{context.occurred_at.astimezone(zone).year}-{slip_id}"


def _serve(slip: Slip, command: c.ServeSlip, context: Context) -> Sequence[Event]:
    deadline = context.calendars.due(context.occurred_at, slip.limit)
    return [e.SlipServed(receiver=command.receiver, deadline=deadline)]


def _answer(slip: Slip, command: c.AnswerSlip, context: Context) -> Sequence[Event]:
    """An answer after the deadline must not save a slip whose failure nobody has recorded yet."""
    if slip.deadline is not None and context.occurred_at > slip.deadline.due_at:
        raise Conflict(
            "slip.overdue",
            f"slip {command.slip_id} was to be answered by {slip.deadline.due_at.isoformat()}, so "
            "it has failed: it can be excused for a good reason, or lifted once all is done",
        )
    return [e.SlipAnswered(note=command.note, evidence=command.evidence)]


def _reject(slip: Slip, command: c.RejectAnswer, context: Context) -> Sequence[Event]:
    _check_other_hand(slip, command, context)
    return [e.SlipAnswerRejected(reason=command.reason)]


def _lift(slip: Slip, command: c.LiftSlip, context: Context) -> Sequence[Event]:
    _check_other_hand(slip, command, context)
    return [e.SlipLifted(reason=command.reason)]


def _excuse(slip: Slip, command: c.ExcuseSlip, context: Context) -> Sequence[Event]:
    if slip.excused:
        raise Conflict("slip.excused", f"slip {command.slip_id} is excused already")
    _check_other_hand(slip, command, context)
    return [e.SlipExcused(reason=command.reason)]


def _check_other_hand(slip: Slip, command: c.SlipCommand, context: Context) -> None:
    """Who answers may not judge the answer."""
    if slip.answered_by and slip.answered_by == context.actor:
        raise Forbidden(
            "slip.own_answer",
            f"{context.actor} answered slip {command.slip_id}: somebody else must judge that",
        )


def _fail(slip: Slip, command: c.FailSlip, context: Context) -> Sequence[Event]:
    """Says nothing when the slip was answered, has failed or is over, or has another deadline."""
    deadline = slip.deadline
    if slip.status != "served" or deadline is None or deadline.due_at != command.due_at:
        return []
    check_due(f"slip {command.slip_id}", deadline.due_at, context)
    return [e.SlipFailed(deadline=deadline, detected_late=is_late(deadline.due_at, context))]


RULES: Mapping[type[c.SlipCommand], Callable[[Slip, Any, Context], Sequence[Event]]] = {
    c.IssueSlip: _issue,
    c.ServeSlip: _serve,
    c.AnswerSlip: _answer,
    c.RejectAnswer: _reject,
    c.ExcuseSlip: _excuse,
    c.LiftSlip: _lift,
    c.WithdrawSlip: lambda slip, x, context: [e.SlipWithdrawn(reason=x.reason)],
}

SLIPS: Decider[Slip | None, c.SlipCommand] = Decider(
    kind="slip", commands=c.COMMANDS, initial=None, evolve=evolve, decide=decide
)
