"""The rules of money between city and units: proposed, reviewed, approved by another, settled."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from domain.decider import Context, Decider
from domain.errors import Conflict, Invalid, NotFound
from domain.grounds import check_authority, check_ranked, check_reason, check_stands, check_unit
from domain.messages import Envelope, Event
from domain.money import commands as c
from domain.money import events as e
from domain.steps import check_order, not_legal
from domain.two_people import check_other_hand, check_person

Status = Literal["proposed", "reviewed", "approved", "declined", "issued", "settled", "revoked"]

LEGAL: Mapping[type[c.MoneyCommand], tuple[Status, ...]] = {
    c.ReviewMoney: ("proposed",),
    c.ApproveMoney: ("reviewed",),
    c.DeclineMoney: ("proposed", "reviewed"),
    c.IssueMoney: ("approved",),
    c.SettleMoney: ("issued",),
    c.RevokeMoney: ("approved", "issued", "settled"),
}


class Money(msgspec.Struct, frozen=True):
    """``settled`` is what was paid so far."""

    status: Status
    unit: str
    direction: e.Direction
    amount: Decimal
    ranking: str
    proposed_by: str
    last_at: datetime
    reviewed_by: str = ""
    settled: Decimal = Decimal(0)


STATUS_AFTER: Mapping[type[Event], Status] = {
    e.MoneyApproved: "approved",
    e.MoneyDeclined: "declined",
    e.MoneyIssued: "issued",
    e.MoneyRevoked: "revoked",
}


def evolve(money: Money | None, envelope: Envelope) -> Money | None:
    event, at = envelope.event, envelope.occurred_at
    if isinstance(event, e.MoneyProposed):
        return Money(
            "proposed", event.unit, event.direction, event.amount, event.ranking, envelope.actor, at
        )
    if money is None:
        return None
    change = msgspec.structs.replace
    money = change(money, last_at=at, status=STATUS_AFTER.get(type(event), money.status))
    match event:
        case e.MoneyReviewed():
            return change(money, status="reviewed", reviewed_by=envelope.actor)
        case e.MoneySettled(amount=amount):
            settled = money.settled + amount
            done = settled == money.amount
            return change(money, settled=settled, status="settled" if done else "issued")
    return money


def decide(money: Money | None, command: c.MoneyCommand, context: Context) -> Sequence[Event]:
    if isinstance(command, c.ProposeMoney):
        return _propose(money, command, context)
    if money is None:
        raise NotFound("money.unknown", f"there is no deduction or reward {command.money_id}")
    what = f"{money.direction} {command.money_id}"
    if money.status not in LEGAL[type(command)]:
        raise not_legal(what, money.status, LEGAL, command)
    check_person("money", "review, approve, settle or revoke money", context)
    check_order(what, money.last_at, context)
    return RULES[type(command)](money, command, context)


def _propose(money: Money | None, command: c.ProposeMoney, context: Context) -> Sequence[Event]:
    if money is not None:
        raise Conflict("money.exists", f"money {command.money_id} has been proposed")
    check_unit(command.unit, context)
    check_reason("money", command.reason, context)
    check_ranked("money", command.ranking, command.unit, command.period, context)
    words = type(command).model_fields.keys() - {"money_id"}
    return [e.MoneyProposed(**{name: getattr(command, name) for name in words})]


def _approve(money: Money, command: c.ApproveMoney, context: Context) -> Sequence[Event]:
    taken = {"proposed": money.proposed_by, "reviewed": money.reviewed_by}
    check_other_hand("money", f"{money.direction} {command.money_id}", taken, context)
    check_authority("money", command.authority, money.unit, context)
    check_stands("money", money.ranking, context)
    return [e.MoneyApproved(authority=command.authority, note=command.note)]


def _issue(money: Money, command: c.IssueMoney, context: Context) -> Sequence[Event]:
    check_stands("money", money.ranking, context)
    year = context.occurred_at.astimezone(context.calendars.zone).year
    return [e.MoneyIssued(number=command.number or f"{year}-{command.money_id}")]


def _settle(money: Money, command: c.SettleMoney, context: Context) -> Sequence[Event]:
    owed = money.amount - money.settled
    if command.amount > owed:
        raise Invalid(
            "money.too_much", f"{owed} of {money.amount} is open: {command.amount} is too much"
        )
    return [e.MoneySettled(amount=command.amount, note=command.note)]


RULES: Mapping[type[c.MoneyCommand], Callable[[Money, Any, Context], Sequence[Event]]] = {
    c.ReviewMoney: lambda money, x, context: [e.MoneyReviewed(note=x.note)],
    c.ApproveMoney: _approve,
    c.DeclineMoney: lambda money, x, context: [e.MoneyDeclined(reason=x.reason)],
    c.IssueMoney: _issue,
    c.SettleMoney: _settle,
    c.RevokeMoney: lambda money, x, context: [e.MoneyRevoked(reason=x.reason)],
}

MONEY: Decider[Money | None, c.MoneyCommand] = Decider(
    kind="money", commands=c.COMMANDS, initial=None, evolve=evolve, decide=decide
)
