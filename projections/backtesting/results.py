"""What a back-test shows: who would have moved, and what would have followed."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["slip", "colour", "money", "listing", "accountability"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a unit stands on a board in a period, and with what."""

    place: int
    points: Decimal
    veto: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A unit whose place, points or veto would have been others. ``real`` or ``new`` is ``None``
    where it would not have been ranked."""

    board: str
    period: str
    peer_group: str
    unit: str
    name: str
    real: Standing | None
    new: Standing | None

    @property
    def places(self) -> int:
        """Places won (positive) or lost under the new policies."""
        return self.real.place - self.new.place if self.real and self.new else 0

    @property
    def points(self) -> Decimal:
        """Points won (positive) or lost under the new policies."""
        return self.new.points - self.real.points if self.real and self.new else Decimal(0)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that would have followed for a unit under one set of policies and not, or not so,
    under the other: how many slips of a colour, its colour at the end of the period, how much
    money (negative: a deduction), how many entries of a list, how many proposals of an action.
    ``what`` says which of them; ``real`` and ``new`` are what each set gives ("": nothing)."""

    kind: Kind
    period: str
    unit: str
    name: str
    what: str
    real: str
    new: str


@dataclass(frozen=True, slots=True)
class Backtest:
    """History from ``first`` to before ``end`` (whole periods) under the policies that judged it
    and under the ``new`` ones, side by side. Nothing of it was written anywhere.

    ``real`` and ``new`` are refs of the policies that differ, in pairs; "" where there was none.
    ``ranked`` counts places compared (unit, board and period), ``events`` the events replayed.
    ``notes`` say what could not be told from the log."""

    first: date
    end: date
    periods: tuple[str, ...]
    replaced: tuple[tuple[str, str], ...]
    moves: tuple[Move, ...]
    changes: tuple[Change, ...]
    ranked: int
    events: int
    notes: tuple[str, ...] = ()

    @property
    def units_moved(self) -> int:
        """Units with another place, points or veto in at least one period."""
        return len({move.unit for move in self.moves})

    def counted(self) -> Counter[Kind]:
        """How many things would have been others, by kind."""
        return Counter(change.kind for change in self.changes)
