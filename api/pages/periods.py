"""Which period and which policy a page is about, and what the reader can turn to from there."""

from dataclasses import dataclass
from datetime import date, timedelta

from api.pages.rendering import View
from domain.errors import NotFound
from domain.periods import Period, PeriodKind
from domain.policies.model import Board
from projections.explanations import scored_days
from projections.standings import policy_for

# A city that has recorded nothing for longer than this is looked back on.
STILL_RUNNING = timedelta(days=14)
KINDS: tuple[PeriodKind, ...] = ("week", "fortnight", "month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class Turning:
    """A period as a page shows it. ``kinds`` are the other lengths of period that hold its first
    day (for the running one: today), each with its name."""

    period: Period
    label: str
    kinds: tuple[tuple[str, str], ...]
    has_next: bool

    @property
    def text(self) -> str:
        return str(self.period)

    @property
    def first(self) -> date:
        return self.period.first

    @property
    def last(self) -> date:
        return self.period.end - timedelta(days=1)

    @property
    def previous(self) -> str:
        return str(self.period.previous())

    @property
    def next(self) -> str:
        return str(self.period.next())


def turning(view: View, asked: str) -> Turning:
    """The period asked for, else the last one that has something to show: the week while records
    come in, the month where they are history."""
    today = today_in(view)
    period = Period.parse(asked) if asked else _last(view, today)
    inside = today if period.first <= today < period.end else period.first
    return Turning(
        period=period,
        label=period.label(view.t.language),
        kinds=tuple((str(Period.on(k, inside)), view.t(f"period.{k}")) for k in KINDS),
        has_next=period.end <= today,
    )


def today_in(view: View) -> date:
    return view.now.astimezone(view.city.zone).date()


def _last(view: View, today: date) -> Period:
    policy = ruling(view, Period.on("month", today))
    days = scored_days(view.services.reader, policy) if policy else None
    newest = min(days[1], today) if days else today
    return Period.on("week" if today - newest < STILL_RUNNING else "month", newest)


def ruling(view: View, period: Period, board: str = "") -> Board | None:
    """The board that ranks a period: the one named, else the first; ``None``: none does."""
    book = view.services.desk.standing.policies
    try:
        return policy_for(book, period, view.city.zone, view.now, board)
    except NotFound:
        return None
