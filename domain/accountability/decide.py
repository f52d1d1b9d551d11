"""The rules of accountability: proposed with reasons, decided by a named authority, carried out."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from domain.accountability import commands as c
from domain.accountability import events as e
from domain.decider import Context, Decider
from domain.errors import Conflict, Invalid, NotFound
from domain.grounds import check_authority, check_reason, check_unit
from domain.messages import Envelope, Event
from domain.personal_data import check_pseudonym, check_texts
from domain.persons.decide import check_registered
from domain.policies.consequences import Action
from domain.steps import check_order, not_legal
from domain.two_people import check_other_hand, check_person

Status = Literal[
    "proposed", "reviewed", "ordered", "declined", "carried_out", "answered", "packed", "receipted",
    "concluded", "revoked",
]  # fmt: skip
Legal = dict[type[c.AccountabilityCommand], tuple[Status, ...]]

OF_ALL: Legal = {
    c.ReviewAccountability: ("proposed",),
    c.DecideAccountability: ("reviewed",),
    c.AnswerAccountability: (
        "ordered",
        "carried_out",
        "answered",
        "packed",
        "receipted",
        "concluded",
    ),
    # A proposal is declined by another person, never taken back by one alone.
    c.RevokeAccountability: ("ordered", "carried_out", "answered", "packed", "receipted"),
}
OF_REFERRALS: Legal = {
    **OF_ALL,
    c.PackReferral: ("ordered",),
    c.ReceiptReferral: ("packed",),
    c.RecordOutcome: ("receipted",),
}
OF_OTHERS: Legal = {**OF_ALL, c.CarryOutAccountability: ("ordered",)}

# What people write is kept for ever. (Numbers of documents and receipts may look like anything.)
FREE_TEXTS = ("note", "reason", "outcome")


class Accountability(msgspec.Struct, frozen=True):
    """``because`` are the positions of the events it rests on. What the unit says ends only an
    action that was carried out: a referral, or an order still to be carried out, goes on."""

    status: Status
    action: Action
    unit: str
    proposed_by: str
    last_at: datetime
    because: tuple[int, ...] = ()
    reviewed_by: str = ""

    @property
    def legal(self) -> Legal:
        """A referral is packed and receipted; everything else is carried out."""
        return OF_REFERRALS if self.action == "referral" else OF_OTHERS


STATUS_AFTER: Mapping[type[Event], Status] = {
    e.AccountabilityReviewed: "reviewed",
    e.AccountabilityCarriedOut: "carried_out",
    e.ReferralPacked: "packed",
    e.ReferralReceipted: "receipted",
    e.OutcomeRecorded: "concluded",
    e.AccountabilityRevoked: "revoked",
}


def evolve(state: Accountability | None, envelope: Envelope) -> Accountability | None:
    event, at = envelope.event, envelope.occurred_at
    if isinstance(event, e.AccountabilityProposed):
        because = event.reason.events
        return Accountability("proposed", event.action, event.unit, envelope.actor, at, because)
    if state is None:
        return None
    change = msgspec.structs.replace
    state = change(state, last_at=at, status=STATUS_AFTER.get(type(event), state.status))
    match event:
        case e.AccountabilityReviewed():
            return change(state, reviewed_by=envelope.actor)
        case e.AccountabilityDecided(decision=decision):
            return change(state, status=decision)
        case e.AccountabilityAnswered() if state.status == "carried_out":
            return change(state, status="answered")
    return state


def decide(
    state: Accountability | None, command: c.AccountabilityCommand, context: Context
) -> Sequence[Event]:
    if isinstance(command, c.ProposeAccountability):
        return _propose(state, command, context)
    if state is None:
        raise NotFound(
            "accountability.unknown", f"there is no action {command.accountability_id}: propose it"
        )
    what = f"{state.action.replace('_', ' ')} {command.accountability_id}"
    if state.status not in state.legal.get(type(command), ()):
        raise not_legal(what, state.status, state.legal, command)
    check_person("accountability", "review, decide or carry out an action", context)
    check_order(what, state.last_at, context)
    check_texts("accountability", **{name: getattr(command, name, "") for name in FREE_TEXTS})
    return RULES[type(command)](state, command, context)


def _propose(
    state: Accountability | None, command: c.ProposeAccountability, context: Context
) -> Sequence[Event]:
    if state is not None:
        raise Conflict(
            "accountability.exists", f"action {command.accountability_id} has been proposed"
        )
    check_unit(command.unit, context)
    check_reason("accountability", command.reason, context)
    check_texts("accountability", zh=command.reason.zh, en=command.reason.en)
    if command.person:
        check_pseudonym("accountability", "person", command.person)
        check_registered(command.person, context)
    words = type(command).model_fields.keys() - {"accountability_id"}
    return [e.AccountabilityProposed(**{name: getattr(command, name) for name in words})]


def _decide(
    state: Accountability, command: c.DecideAccountability, context: Context
) -> Sequence[Event]:
    taken = {"proposed": state.proposed_by, "reviewed": state.reviewed_by}
    check_other_hand("accountability", f"action {command.accountability_id}", taken, context)
    check_authority("accountability", command.authority, state.unit, context)
    return [
        e.AccountabilityDecided(
            decision=command.decision, authority=command.authority, reason=command.reason
        )
    ]


def _pack(state: Accountability, command: c.PackReferral, context: Context) -> Sequence[Event]:
    if not command.events:
        raise Invalid("accountability.empty_package", "a referral names the events it rests on")
    missing = sorted(set(state.because) - {packed.position for packed in command.events})
    if missing:
        raise Invalid(
            "accountability.incomplete_package",
            f"the package lacks {', '.join(map(str, missing))}, on which the referral rests: pack "
            "it once the tables hold all events",
        )
    return [e.ReferralPacked(events=command.events, digest=package_digest(command.events))]


def package_digest(events: Sequence[e.PackedEvent]) -> str:
    """SHA-256 over one line for each event: position, stream, name and digest, set apart by tabs;
    anybody can compute it again from the package."""
    lines = [f"{p.position}\t{p.stream}\t{p.event}\t{p.digest}\n" for p in events]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


Rule = Callable[[Accountability, Any, Context], Sequence[Event]]

RULES: Mapping[type[c.AccountabilityCommand], Rule] = {
    c.ReviewAccountability: lambda state, x, context: [e.AccountabilityReviewed(note=x.note)],
    c.DecideAccountability: _decide,
    c.CarryOutAccountability: lambda state, x, context: [e.AccountabilityCarriedOut(note=x.note)],
    c.AnswerAccountability: lambda state, x, context: [e.AccountabilityAnswered(note=x.note)],
    c.PackReferral: _pack,
    c.ReceiptReferral: lambda state, x, context: [
        e.ReferralReceipted(organ=x.organ, receipt=x.receipt)
    ],
    c.RecordOutcome: lambda state, x, context: [
        e.OutcomeRecorded(organ=x.organ, outcome=x.outcome, document=x.document)
    ],
    c.RevokeAccountability: lambda state, x, context: [e.AccountabilityRevoked(reason=x.reason)],
}

ACCOUNTABILITY: Decider[Accountability | None, c.AccountabilityCommand] = Decider(
    kind="accountability", commands=c.COMMANDS, initial=None, evolve=evolve, decide=decide
)
