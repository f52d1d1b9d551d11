"""The rules of a case's time: its deadline, extension (延期), suspension (挂账) and lateness."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

from domain.cases import commands as c
from domain.cases import events as e
from domain.cases.state import Case
from domain.decider import Context
from domain.errors import Conflict, Forbidden, Invalid
from domain.messages import Event
from domain.steps import check_due, is_late

MOST_EXTENSIONS = 2
MOST_SUSPENSIONS = 1
LONGEST_SUSPENSION = timedelta(days=366)


def first(limit: e.Limit | None, context: Context) -> e.Deadline | None:
    """The deadline of a limit that starts now; no limit, no deadline. Raises ``Invalid``
    (``limit.out_of_range``) for an impossible one."""
    if limit is None:
        return None
    return context.calendars.due(context.occurred_at, limit)


def request_extension(case: Case, command: c.RequestExtension, context: Context) -> Sequence[Event]:
    _check_running(case, command, context, "extended")
    if case.extension_asked_by:
        raise Conflict(
            "case.extension_pending", f"case {command.case_id} waits for an answer to the last one"
        )
    if case.extensions >= MOST_EXTENSIONS:
        raise Conflict(
            "case.extensions_used",
            f"case {command.case_id} was extended {MOST_EXTENSIONS} times: a third is not possible",
        )
    return [e.CaseExtensionRequested(reason=command.reason)]


def approve_extension(case: Case, command: c.ApproveExtension, context: Context) -> Sequence[Event]:
    _check_asked(case, command, context)
    deadline, limit = _check_running(case, command, context, "extended")
    return [e.CaseExtensionApproved(deadline=context.calendars.extend(deadline, limit))]


def refuse_extension(case: Case, command: c.RefuseExtension, context: Context) -> Sequence[Event]:
    _check_asked(case, command, context)
    return [e.CaseExtensionRefused(reason=command.reason)]


def suspend(case: Case, command: c.SuspendCase, context: Context) -> Sequence[Event]:
    if case.suspensions >= MOST_SUSPENSIONS:
        raise Conflict(
            "case.suspension_used", f"case {command.case_id} was suspended once: not again"
        )
    if command.until.tzinfo is None:
        raise Invalid("time.no_zone", f"the time {command.until} needs a time zone")
    if not context.occurred_at < command.until <= context.occurred_at + LONGEST_SUSPENSION:
        raise Invalid(
            "case.suspension_length", "a suspension ends later than it begins, within a year"
        )
    if case.deadline is not None:
        _check_running(case, command, context, "suspended")
    return [e.CaseSuspended(reason=command.reason, until=command.until)]


def resume(case: Case, command: c.ResumeCase, context: Context) -> Sequence[Event]:
    """The clock runs on from now, or from the agreed end if that has passed unnoticed."""
    if case.deadline is None or case.limit is None:
        return [e.CaseResumed()]
    if case.suspended_at is None or case.suspended_until is None:
        raise TypeError("a suspended case knows since when and until when")
    resumed_at = min(context.occurred_at, case.suspended_until)
    deadline = context.calendars.resume(
        case.deadline, case.limit.clock, case.suspended_at, resumed_at
    )
    return [e.CaseResumed(deadline=deadline)]


def mark_overdue(case: Case, command: c.MarkOverdue, context: Context) -> Sequence[Event]:
    """Says nothing when the deadline has been moved or was recorded as missed already."""
    if case.deadline is None or case.deadline.due_at != command.due_at:
        return []
    if case.missed == command.due_at:
        return []
    check_due(f"case {command.case_id}", command.due_at, context)
    late = is_late(command.due_at, context)
    return [e.CaseOverdue(due_at=command.due_at, detected_late=late)]


def exempt(case: Case, command: c.ExemptCase, context: Context) -> Sequence[Event]:
    """Only by an appeal against this timeout that was upheld. Says nothing when that deadline was
    exempted before."""
    if command.due_at in case.exempted:
        return []
    if command.due_at not in case.misses:
        raise Conflict(
            "case.not_missed",
            f"case {command.case_id} has not missed a deadline at {command.due_at.isoformat()}",
        )
    appeal: Any = context.state(f"appeal-{command.appeal}")
    subject = f"{command.case_id}@{command.due_at.astimezone(UTC).isoformat()}"
    if appeal is None or (appeal.status, appeal.subject) != ("upheld", subject):
        raise Conflict(
            "case.not_appealed",
            f"no appeal against the timeout {subject} was upheld: file one, and have it reviewed",
        )
    return [e.CaseExempted(due_at=command.due_at, appeal=command.appeal)]


def _check_running(
    case: Case, command: c.CaseCommand, context: Context, wish: str
) -> tuple[e.Deadline, e.Limit]:
    """The deadline and limit in force. Refuses when there is none or when it has passed."""
    if case.deadline is None or case.limit is None:
        raise Conflict(
            "case.no_deadline", f"case {command.case_id} has no deadline that could be {wish}"
        )
    if context.occurred_at > case.deadline.due_at:
        raise Conflict(
            "case.overdue",
            f"case {command.case_id} was due at {case.deadline.due_at.isoformat()} and cannot be "
            f"{wish} once overdue: answer it",
        )
    return case.deadline, case.limit


def _check_asked(case: Case, command: c.CaseCommand, context: Context) -> None:
    if not case.extension_asked_by:
        raise Conflict(
            "case.no_request", f"nobody has asked for an extension of case {command.case_id}"
        )
    if case.extension_asked_by == context.actor:
        raise Forbidden(
            "case.own_request", f"{context.actor} asked for it: somebody else must decide"
        )
