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
    from), an issued slip (``name`` is its colour; no board) or an action that was carried out.
    ``position`` is where that stands in the log."""

    at: datetime
    unit: str
    kind: str
    name: str
    board: str = ""
    period: Period | None = None
    position: int = 0


class Proposal(NamedTuple):
    """``counted`` are those that count together, oldest first."""

    at: datetime
    unit: str
    rule: AccountabilityRule
    counted: tuple[Counted, ...]


def proposals(
    rule: AccountabilityRule, things: Iterable[Counted], ranked_in: RankedIn, zone: ZoneInfo
) -> Iterator[Proposal]:
    """``things`` in the order in which they happened."""
    kind, name = _wanted(rule)
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
        if len(together) == rule.times:
            yield Proposal(thing.at, thing.unit, rule, tuple(together))
            if rule.after == "begin_anew":
                known.clear()


def _wanted(rule: AccountabilityRule) -> tuple[str, str | None]:
    if rule.count.list:
        return "list", rule.count.list
    return ("slip", rule.count.slip) if rule.count.slip else ("action", rule.count.action)


def _together(
    window: Window, known: Sequence[Counted], ranked_in: RankedIn, zone: ZoneInfo
) -> list[Counted]:
    """Those that count together with the newest."""
    today = _day(known[-1], zone)
    match window.within:
        case "ever":
            return list(known)
        case "year":
            return [thing for thing in known if _day(thing, zone).year == today.year]
        case "rolling":
            days = window.days or 0
            return [thing for thing in known if (today - _day(thing, zone)).days <= days]
        case "consecutive":
            return _in_a_row(window, known, ranked_in, zone)


def _in_a_row(
    window: Window, known: Sequence[Counted], ranked_in: RankedIn, zone: ZoneInfo
) -> list[Counted]:
    """One for each period of the row."""
    if window.consecutive == "sequence":
        return list(known)
    newest_of = {_period(window, thing, zone): thing for thing in known}
    periods = sorted(newest_of)
    count = 1
    while count < len(periods):
        later, earlier = periods[-count], periods[-count - 1]
        if _before(window, known[-1], later, ranked_in) != earlier:
            break
        count += 1
    return [newest_of[period] for period in periods[-count:]]


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
