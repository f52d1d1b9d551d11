"""The rules of the closed loop 发现→立案→派遣→整改→核查→销号: what may follow what, and by whom."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from domain.cases import clocks
from domain.cases import commands as c
from domain.cases import events as e
from domain.cases.state import Case, Status, evolve
from domain.decider import Context, Decider
from domain.errors import Conflict, Forbidden, NotFound, Refused
from domain.evidence import commands as evidence
from domain.evidence.decide import decide as decide_evidence
from domain.messages import Event
from domain.personal_data import check_pseudonym
from domain.persons.decide import check_registered
from domain.units.decide import territory

WITH_THE_UNIT: tuple[Status, ...] = ("dispatched", "claimed")

# Which command is legal in which status: the refusals are worded from this table too.
LEGAL: Mapping[type[c.CaseCommand], tuple[Status, ...]] = {
    c.FileCase: ("reported",),
    c.RejectCase: ("reported",),
    c.DispatchCase: ("filed",),
    c.ClaimCase: ("dispatched",),
    c.ReturnCase: WITH_THE_UNIT,
    c.DisputeCase: WITH_THE_UNIT,
    c.RuleCase: ("disputed",),
    c.RectifyCase: WITH_THE_UNIT,
    c.VerifyCase: (*WITH_THE_UNIT, "rectified"),
    c.OrderRework: (*WITH_THE_UNIT, "rectified"),
    c.RequestExtension: WITH_THE_UNIT,
    c.ApproveExtension: WITH_THE_UNIT,
    c.RefuseExtension: WITH_THE_UNIT,
    c.SuspendCase: WITH_THE_UNIT,
    c.ResumeCase: ("suspended",),
    c.MarkOverdue: WITH_THE_UNIT,
    c.ExemptCase: (
        "filed", "dispatched", "claimed", "disputed", "rectified", "suspended", "closed",
    ),
    c.CloseCase: ("rectified",),
    c.ReopenCase: ("closed",),
    c.VoidCase: (
        "reported", "filed", "dispatched", "claimed", "disputed", "rectified", "suspended",
        "closed",
    ),
}  # fmt: skip


def decide(case: Case | None, command: c.CaseCommand, context: Context) -> Sequence[Event]:
    if isinstance(command, c.ReportCase):
        return _report(case, command, context)
    if case is None:
        raise NotFound("case.unknown", f"there is no case {command.case_id}: report it first")
    if isinstance(command, evidence.COMMANDS):
        return decide_evidence(case, command, context)
    if case.status not in LEGAL[type(command)]:
        raise not_legal(case, command)
    if context.occurred_at < case.last_at and not isinstance(command, c.MarkOverdue):
        raise Conflict(
            "time.before_previous",
            f"the last step of {command.case_id} happened at {case.last_at.isoformat()}; "
            f"what follows it cannot have happened at {context.occurred_at.isoformat()}",
        )
    return RULES[type(command)](case, command, context)


def not_legal(case: Case, command: c.CaseCommand) -> Refused:
    """The refusal of an illegal move, saying what would be legal now."""
    legal = [other.NAME for other, statuses in LEGAL.items() if case.status in statuses]
    now = "only this is possible now: " + ", ".join(legal) if legal else "nothing follows that"
    return Conflict(
        f"case.{case.status}",
        f"case {command.case_id} is {case.status}, so {command.NAME} is not possible; {now}",
    )


def _report(case: Case | None, command: c.ReportCase, context: Context) -> Sequence[Event]:
    if case is not None:
        raise Conflict("case.exists", f"case {command.case_id} has been reported")
    district, grid = command.place.district, command.place.grid
    if grid:
        _known(grid, context)
        district = territory(grid, context.unit)[0] or district
    if command.about:
        _known(command.about, context)
        home = territory(command.about, context.unit)
        district, grid = district or home[0], grid or home[1]
    if command.reporter:
        check_pseudonym("case", "reporter", command.reporter)
        check_registered(command.reporter, context)
    place = e.Place(
        grid, district, command.place.address, command.place.latitude, command.place.longitude
    )
    return [
        e.CaseReported(
            case_no=command.case_no or command.case_id,
            source=command.source,
            category=command.category,
            text=command.text,
            severity=command.severity,
            about=command.about,
            place=place,
            inspection_id=command.inspection_id,
            reporter=command.reporter,
            evidence=command.evidence,
        )
    ]


def _dispatch(case: Case, command: c.DispatchCase, context: Context) -> Sequence[Event]:
    _check_units(command.unit, command.assisting, context)
    return [
        e.CaseDispatched(
            unit=command.unit,
            assisting=command.assisting,
            limit=command.limit,
            deadline=clocks.first(command.limit, context),
            district=territory(command.unit, context.unit)[0],
            instructions=command.instructions,
        )
    ]


def _rule(case: Case, command: c.RuleCase, context: Context) -> Sequence[Event]:
    _check_units(command.unit, command.assisting, context)
    limit = command.limit or case.limit
    return [
        e.CaseRuled(
            unit=command.unit,
            basis=command.basis,
            assisting=command.assisting,
            limit=limit,
            deadline=clocks.first(limit, context),
            district=territory(command.unit, context.unit)[0],
        )
    ]


def _return(case: Case, command: c.ReturnCase, context: Context) -> Sequence[Event]:
    _check_unbound(case, command)
    return [e.CaseReturned(reason=command.reason)]


def _dispute(case: Case, command: c.DisputeCase, context: Context) -> Sequence[Event]:
    _check_unbound(case, command)
    if command.owner:
        _known(command.owner, context)
    return [e.CaseDisputed(reason=command.reason, owner=command.owner)]


def _verify(case: Case, command: c.VerifyCase, context: Context) -> Sequence[Event]:
    _check_other_hand(case, context)
    if case.verified:
        raise Conflict("case.verified", f"case {command.case_id} is verified: close it")
    return [
        e.CaseVerified(
            note=command.note, inspection_id=command.inspection_id, evidence=command.evidence
        )
    ]


def _rework(case: Case, command: c.OrderRework, context: Context) -> Sequence[Event]:
    _check_other_hand(case, context)
    if case.verified:
        raise Conflict("case.verified", f"case {command.case_id} is verified: close it")
    return [
        e.CaseReworkOrdered(
            reason=command.reason,
            inspection_id=command.inspection_id,
            limit=command.limit,
            deadline=clocks.first(command.limit, context),
            evidence=command.evidence,
        )
    ]


def _close(case: Case, command: c.CloseCase, context: Context) -> Sequence[Event]:
    if not case.verified:
        raise Conflict(
            "case.not_verified",
            f"case {command.case_id} is answered but not verified: verify it or order rework first",
        )
    return [e.CaseClosed(on_the_spot=command.on_the_spot, note=command.note)]


def _known(unit_id: str, context: Context) -> None:
    if context.unit(unit_id) is None:
        raise NotFound("unit.unknown", f"there is no unit {unit_id}: register it first")


def _check_units(lead: str, assisting: Sequence[str], context: Context) -> None:
    for unit_id in (lead, *assisting):
        unit = context.unit(unit_id)
        if unit is None:
            raise NotFound("unit.unknown", f"there is no unit {unit_id}: register it first")
        if unit.retired:
            raise Conflict("unit.retired", f"{unit.name} is retired: choose another unit")
    if len({lead, *assisting}) <= len(assisting):
        raise Conflict("case.unit_twice", "a unit is named twice: one leads, the others assist")


def _check_unbound(case: Case, command: c.CaseCommand) -> None:
    if case.bound:
        raise Conflict(
            "case.bound",
            f"a ruling gave case {command.case_id} to {case.unit}: it can neither be returned "
            "nor disputed again, only answered",
        )


def _check_other_hand(case: Case, context: Context) -> None:
    """Who rectifies may not verify."""
    if case.rectified_by and case.rectified_by == context.actor:
        raise Forbidden(
            "case.own_work", f"{context.actor} answered this case: somebody else must check it"
        )


RULES: Mapping[type[c.CaseCommand], Callable[[Case, Any, Context], Sequence[Event]]] = {
    c.FileCase: lambda case, x, context: [e.CaseFiled(standard=x.standard)],
    c.RejectCase: lambda case, x, context: [e.CaseRejected(reason=x.reason)],
    c.DispatchCase: _dispatch,
    c.ClaimCase: lambda case, x, context: [e.CaseClaimed()],
    c.ReturnCase: _return,
    c.DisputeCase: _dispute,
    c.RuleCase: _rule,
    c.RectifyCase: lambda case, x, context: [e.CaseRectified(note=x.note, evidence=x.evidence)],
    c.VerifyCase: _verify,
    c.OrderRework: _rework,
    c.RequestExtension: clocks.request_extension,
    c.ApproveExtension: clocks.approve_extension,
    c.RefuseExtension: clocks.refuse_extension,
    c.SuspendCase: clocks.suspend,
    c.ResumeCase: clocks.resume,
    c.MarkOverdue: clocks.mark_overdue,
    c.ExemptCase: clocks.exempt,
    c.CloseCase: _close,
    c.ReopenCase: lambda case, x, context: [
        e.CaseReopened(reason=x.reason, deadline=clocks.first(case.limit, context))
    ],
    c.VoidCase: lambda case, x, context: [e.CaseVoided(reason=x.reason)],
}

CASES: Decider[Case | None, c.CaseCommand] = Decider(
    kind="case",
    commands=(*c.COMMANDS, *evidence.COMMANDS),
    initial=None,
    evolve=evolve,
    decide=decide,
)
