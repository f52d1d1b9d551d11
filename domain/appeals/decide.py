"""The rules of appeals: by whom it concerns, in time, once; reviewed by who had no part in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from domain.appeals.commands import COMMANDS, DismissAppeal, FileAppeal, UpholdAppeal
from domain.appeals.events import Against, AppealDismissed, AppealFiled, AppealUpheld
from domain.decider import Context, Decider
from domain.errors import Conflict, Forbidden, NotFound, Refused
from domain.messages import Command, Envelope, Event
from domain.policies.measures import AppealPolicy, AppealRule
from domain.two_people import check_person

Status = Literal["filed", "upheld", "dismissed"]


class Appeal(msgspec.Struct, frozen=True):
    """``stream`` is where that happened which the appeal is against."""

    status: Status
    against: Against
    subject: str
    stream: str
    filed_by: str
    last_at: datetime


def evolve(appeal: Appeal | None, envelope: Envelope) -> Appeal | None:
    match envelope.event:
        case AppealFiled(against=against, subject=subject, stream=stream):
            return Appeal("filed", against, subject, stream, envelope.actor, envelope.occurred_at)
        case AppealUpheld() if appeal is not None:
            return msgspec.structs.replace(appeal, status="upheld")
        case AppealDismissed() if appeal is not None:
            return msgspec.structs.replace(appeal, status="dismissed")
    return appeal


def decide(appeal: Appeal | None, command: Command, context: Context) -> Sequence[Event]:
    match command:
        case FileAppeal():
            return [_file(appeal, command, context)]
        case UpholdAppeal():
            _check_may_decide(appeal, command.appeal_id, context)
            return [AppealUpheld(reason=command.reason)]
        case DismissAppeal():
            _check_may_decide(appeal, command.appeal_id, context)
            return [AppealDismissed(reason=command.reason)]
    raise TypeError(f"no rule for {type(command).__name__}")


def _file(appeal: Appeal | None, command: FileAppeal, context: Context) -> AppealFiled:
    what = f"{WHAT[command.against]} {command.subject}"
    if appeal is not None:
        raise Conflict(
            "appeal.exists", f"an appeal against {what} was filed and is {appeal.status}: once only"
        )
    check_person("appeal", "file an appeal", context)
    if command.known_at is None or not command.stream:
        raise NotFound("appeal.subject_unknown", f"there is no {what} to appeal against")
    if command.unit != command.concerned:
        raise Forbidden(
            "appeal.not_concerned",
            f"{what} concerns {command.concerned}, not {command.unit}: only {command.concerned} "
            "can appeal against it",
        )
    policy, rule = _rule(command.against, context)
    until = context.calendars.due(command.known_at, rule.within).due_at
    if context.occurred_at > until:
        raise Refused(
            "appeal.too_late",
            f"{what} was known since {_local(command.known_at, context)} and could be appealed "
            f"until {_local(until, context)} ({policy.ref}): it stands",
        )
    return AppealFiled(
        against=command.against,
        subject=command.subject,
        stream=command.stream,
        unit=command.unit,
        grounds=command.grounds,
        authority=rule.authority,
        known_at=command.known_at,
        due_at=context.calendars.due(context.occurred_at, rule.decide_within).due_at,
        policy=policy.ref,
        entries=command.entries,
    )


WHAT: dict[Against, str] = {
    "score_entry": "score entry",
    "timeout": "timeout",
    "list_entry": "list entry",
    "money": "deduction or reward",
}


def _rule(against: Against, context: Context) -> tuple[AppealPolicy, AppealRule]:
    """The first rule about it, by the id of the policy."""
    for policy in context.policies:
        if isinstance(policy, AppealPolicy):
            for rule in policy.rules:
                if rule.against == against:
                    return policy, rule
    raise NotFound(
        "appeal.no_rule",
        f"no policy in force says until when a {WHAT[against]} can be appealed: adopt one of kind "
        f"'appeals' with a rule 'against: {against}'",
    )


def _check_may_decide(appeal: Appeal | None, appeal_id: str, context: Context) -> None:
    """A decision after the time for it is allowed, since the unit is owed one; it shows."""
    if appeal is None:
        raise NotFound("appeal.unknown", f"there is no appeal {appeal_id}: file it first")
    if appeal.status != "filed":
        raise Conflict(
            f"appeal.{appeal.status}", f"appeal {appeal_id} is {appeal.status}: that is final"
        )
    check_person("appeal", "review an appeal", context)
    if context.actor == appeal.filed_by or context.actor in context.actors(appeal.stream):
        raise Forbidden(
            "appeal.took_part",
            f"{context.actor} filed appeal {appeal_id} or took part in what it is against "
            f"({appeal.stream}): somebody else must review it",
        )
    if context.occurred_at < appeal.last_at:
        raise Conflict(
            "time.before_previous",
            f"appeal {appeal_id} was filed at {appeal.last_at.isoformat()}: it cannot have been "
            f"decided at {context.occurred_at.isoformat()}",
        )


def _local(moment: datetime, context: Context) -> str:
    return moment.astimezone(context.calendars.zone).isoformat(timespec="minutes")


APPEALS: Decider[Appeal | None, Command] = Decider(
    kind="appeal", commands=COMMANDS, initial=None, evolve=evolve, decide=decide
)
