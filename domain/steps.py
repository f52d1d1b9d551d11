"""What every step of an instrument has to hold: it is legal now, and not before the last one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.decider import Context
from domain.errors import Conflict, Refused
from domain.messages import Command

# What is noticed later than this after its due time was noticed late (the clock stood still, or
# somebody only then took the answer back).
PUNCTUAL = timedelta(seconds=60)

Legal = Mapping[type[Any], tuple[Any, ...]]


def not_legal(what: str, status: str, legal: Legal, command: Command) -> Refused:
    """The refusal of an illegal move, saying what would be legal now."""
    possible = [other.NAME for other, statuses in legal.items() if status in statuses]
    now = "only this is possible now: " + ", ".join(possible) if possible else "that is final"
    return Conflict(
        f"{command.STREAM}.{status}",
        f"{what} is {status.replace('_', ' ')}, so {command.NAME} is not possible; {now}",
    )


def check_order(what: str, last_at: datetime, context: Context) -> None:
    """Raises ``Conflict`` (``time.before_previous``)."""
    if context.occurred_at < last_at:
        raise Conflict(
            "time.before_previous",
            f"the last step of {what} happened at {last_at.isoformat()}; what follows it cannot "
            f"have happened at {context.occurred_at.isoformat()}",
        )


def check_due(what: str, due_at: datetime, context: Context) -> None:
    """Raises ``Conflict`` (``<kind>.not_due``) before that moment has come."""
    if context.now < due_at:
        kind = what.partition(" ")[0]
        raise Conflict(f"{kind}.not_due", f"{what} is due at {due_at.isoformat()}: not before")


def is_late(due_at: datetime, context: Context) -> bool:
    """Whether what was due at ``due_at`` is noticed late now."""
    return context.now - due_at > PUNCTUAL
