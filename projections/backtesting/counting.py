"""How often something was counted against a unit, and what would be proposed then."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.periods import Period
from domain.policies.consequences import AccountabilityRule, Window

# The periods of a board in which a unit was ranked, oldest first.
RankedIn = Callable[[str, str], Sequence[Period]]


class Counted(NamedTuple):
    """A published entry of a list (``name`` is its rule, ``board`` and ``period`` what it follows
    from), or an issued slip (``name`` is its colour; no board)."""

    at: datetime
    unit: str
    kind: str
    name: str
    board: str = ""
    period: Period | None = None


class Proposal(NamedTuple):
    at: datetime
    unit: str
    rule: AccountabilityRule


def proposals(
    rule: AccountabilityRule, things: Iterable[Counted], ranked_in: RankedIn, zone: ZoneInfo
) -> Iterator[Proposal]:
    """``things`` in the order in which they happened."""
    kind, name = ("list", rule.count.list) if rule.count.list else ("slip", rule.count.slip)
    of_unit: dict[str, list[Counted]] = {}
    for thing in things:
        if thing.kind != kind:
            continue
        known = of_unit.setdefault(thing.unit, [])
        if thing.name != name:
            if kind == "slip" and rule.window.consecutive == "sequence":
                known.clear()
            continue
        known.append(thing)
        together = _together(rule.window, known, ranked_in, zone)
        if together == rule.times:
            yield Proposal(thing.at, thing.unit, rule)
            if rule.after == "begin_anew":
                known.clear()


def _together(window: Window, known: Sequence[Counted], ranked_in: RankedIn, zone: ZoneInfo) -> int:
    """How many of them count together with the newest."""
    newest = known[-1]
    today = _day(newest, zone)
    match window.within:
        case "ever":
            return len(known)
        case "year":
            return sum(_day(thing, zone).year == today.year for thing in known)
        case "rolling":
            days = window.days or 0
            return sum((today - _day(thing, zone)).days <= days for thing in known)
        case "consecutive":
            return _in_a_row(window, known, ranked_in, zone)


def _in_a_row(window: Window, known: Sequence[Counted], ranked_in: RankedIn, zone: ZoneInfo) -> int:
    if window.consecutive == "sequence":
        return len(known)
    periods = list(dict.fromkeys(_period(window, thing, zone) for thing in known))
    count = 1
    while count < len(periods):
        later, earlier = periods[-count], periods[-count - 1]
        if _before(window, known[-1], later, ranked_in) != earlier:
            break
        count += 1
    return count


def _period(window: Window, thing: Counted, zone: ZoneInfo) -> Period:
    kind = window.period
    if thing.period is not None and kind in (None, thing.period.kind):
        return thing.period
    return Period.on(kind or "day", _day(thing, zone))


def _before(window: Window, newest: Counted, period: Period, ranked_in: RankedIn) -> Period | None:
    """The period that the one before in the row must be."""
    if window.consecutive == "calendar_period":
        return period.previous()
    earlier = [each for each in ranked_in(newest.board, newest.unit) if each < period]
    return earlier[-1] if earlier else None


def _day(thing: Counted, zone: ZoneInfo) -> date:
    """A list entry counts when the period it is about ends, a slip when it is issued."""
    return thing.at.astimezone(zone).date()
