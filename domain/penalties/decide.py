"""The rules of penalties: open → decided → settled, or withdrawn."""

from collections.abc import Mapping, Sequence
from typing import Literal

from domain.decider import Context, Decider
from domain.errors import Conflict, Invalid, NotFound
from domain.messages import Envelope, Event
from domain.penalties.commands import (
    COMMANDS,
    DecidePenalty,
    OpenPenalty,
    PenaltyCommand,
    SettlePenalty,
    WithdrawPenalty,
)
from domain.penalties.events import (
    PenaltyDecided,
    PenaltyOpened,
    PenaltySettled,
    PenaltyWithdrawn,
)

Status = Literal["open", "decided", "withdrawn", "settled"]

LEGAL_NEXT: Mapping[Status, str] = {
    "open": "it can be decided or withdrawn",
    "decided": "it can be settled or withdrawn",
    "withdrawn": "nothing follows a withdrawal",
    "settled": "nothing follows a settlement",
}


def evolve(status: Status | None, envelope: Envelope) -> Status | None:
    match envelope.event:
        case PenaltyOpened():
            return "open"
        case PenaltyDecided():
            return "decided"
        case PenaltyWithdrawn():
            return "withdrawn"
        case PenaltySettled():
            return "settled"
    return status


def decide(status: Status | None, command: PenaltyCommand, context: Context) -> Sequence[Event]:
    if isinstance(command, OpenPenalty):
        return _open(status, command, context)
    if status is None:
        raise NotFound("penalty.unknown", f"there is no penalty {command.penalty_id}")
    match command:
        case DecidePenalty():
            _require(status, ("open",), "decided")
            if (command.decision == "fined") != (command.amount is not None):
                raise Invalid(
                    "penalty.amount", "a fine needs its amount, and no other decision has one"
                )
            return [PenaltyDecided(**command.model_dump(exclude={"penalty_id"}))]
        case WithdrawPenalty():
            _require(status, ("open", "decided"), "withdrawn")
            return [PenaltyWithdrawn(reason=command.reason)]
        case SettlePenalty():
            _require(status, ("decided",), "settled")
            return [PenaltySettled(note=command.note)]
    raise TypeError(f"no rule for {type(command).__name__}")


def _open(status: Status | None, command: OpenPenalty, context: Context) -> Sequence[Event]:
    if status is not None:
        raise Conflict("penalty.exists", f"penalty {command.penalty_id} has been opened")
    if context.unit(command.unit) is None:
        raise NotFound("unit.unknown", f"there is no unit {command.unit}: register it first")
    return [PenaltyOpened(**command.model_dump(exclude={"penalty_id"}))]


def _require(status: Status, allowed: Sequence[Status], wish: str) -> None:
    if status not in allowed:
        raise Conflict(
            f"penalty.{status}",
            f"the penalty is {status} and cannot be {wish}: {LEGAL_NEXT[status]}",
        )


PENALTIES: Decider[Status | None, PenaltyCommand] = Decider(
    kind="penalty", commands=COMMANDS, initial=None, evolve=evolve, decide=decide
)
