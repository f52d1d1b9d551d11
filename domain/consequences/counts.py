"""How often something was counted against a unit, and what would be proposed then."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.periods import Period
from domain.policies.consequences import AccountabilityRule, Window

# The periods of a board in which a unit was ranked, oldest first.
RankedIn = Callable[[str, str], Sequence[Period]]
ONE_DAY = timedelta(days=1)


class Counted(NamedTuple):
    """A published entry of a list (``name`` is its rule, ``board`` and ``period`` what it follows
    from), an issued slip (``name`` is its colour; no board) or an action that was carried out.
    ``position`` is where that stands in the log, ``gone`` where it was taken back (0: it stands);
    from then on it counts no more."""

    at: datetime
    unit: str
    kind: str
    name: str
    board: str = ""
    period: Period | None = None
    position: int = 0
    gone: int = 0


class Proposal(NamedTuple):
    """``counted`` are those that count together, oldest first; ``newest`` is the one that made
    the number full (an entry about an earlier period may be published last)."""

    at: datetime
    unit: str
    rule: AccountabilityRule
    counted: tuple[Counted, ...]
    newest: Counted


class _Together(NamedTuple):
    """Those that count together with the newest, and how many of them did so without it."""

    counted: Sequence[Counted]
    before: int


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
        known.append(thing)
        if thing.name != name:
            continue
        standing = [each for each in known if not 0 < each.gone < thing.position]
        together = _together(rule.window, standing, ranked_in, zone)
        if together.before < rule.times <= len(together.counted):
            yield Proposal(thing.at, thing.unit, rule, tuple(together.counted), thing)
            if rule.after == "begin_anew":
                known.clear()


def _wanted(rule: AccountabilityRule) -> tuple[str, str | None]:
    if rule.count.list:
        return "list", rule.count.list
    return ("slip", rule.count.slip) if rule.count.slip else ("action", rule.count.action)


def _together(
    window: Window, standing: Sequence[Counted], ranked_in: RankedIn, zone: ZoneInfo
) -> _Together:
    """The newest is the last that stands; others of its kind may have another name."""
    newest = standing[-1]
    same = [thing for thing in standing if thing.name == newest.name]
    today = _day(newest, zone)
    match window.within:
        case "ever":
            found = same
        case "year":
            found = [thing for thing in same if _day(thing, zone).year == today.year]
        case "rolling":
            days = timedelta(days=window.days or 0)
            found = [thing for thing in same if abs(today - _day(thing, zone)) <= days]
        case "consecutive" if window.consecutive == "sequence":
            others = [at for at, thing in enumerate(standing) if thing.name != newest.name]
            found = list(standing[max(others, default=-1) + 1 :])
        case "consecutive":
            return _in_a_row(window, same, ranked_in, zone)
    return _Together(found, len(found) - 1)


def _in_a_row(
    window: Window, same: Sequence[Counted], ranked_in: RankedIn, zone: ZoneInfo
) -> _Together:
    """The row of periods that the newest lies in, one thing for each: the first in it."""
    newest = same[-1]
    first_in: dict[Period, Counted] = {}
    for thing in same:
        first_in.setdefault(_period(window, thing, zone), thing)
    here = _period(window, newest, zone)
    if first_in[here] is not newest:
        return _Together((), 0)  # its period counts already
    earlier, period = [], _before(window, newest, here, ranked_in)
    while period in first_in:
        earlier.append(period)
        period = _before(window, newest, period, ranked_in)
    later, last = [], here
    for period in sorted(each for each in first_in if each > here):
        if _before(window, newest, period, ranked_in) != last:
            break
        later.append(period)
        last = period
    row = [*reversed(earlier), here, *later]
    return _Together([first_in[each] for each in row], max(len(earlier), len(later)))


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
    """A list entry counts on the last day of the period it is about, whenever it was published; a
    slip when it is issued."""
    if thing.period is not None:
        return thing.period.end - ONE_DAY
    return thing.at.astimezone(zone).date()
