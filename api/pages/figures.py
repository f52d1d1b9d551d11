"""How numbers, money, dates and spans of time are written for people, in the city's zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from api.pages.language import Words

MINUS = "−"
NOTHING = "—"
A_DAY = 24 * 60  # in minutes
A_MONTH = 30 * A_DAY


@dataclass(frozen=True, slots=True)
class Figures:
    """Bound to a language and to the zone of the city."""

    words: Words
    zone: ZoneInfo

    def number(self, value: int | float | Decimal | None) -> str:
        """Thousands apart, no needless decimals, a real minus sign; nothing is a dash."""
        if value is None:
            return NOTHING
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
        # normalize() alone would write 100 as 1E+2.
        text = f"{exact.normalize():,f}"
        return text.replace("-", MINUS)

    def signed(self, value: int | float | Decimal | None) -> str:
        """A change: with its sign, and zero without one."""
        text = self.number(value)
        return f"+{text}" if value is not None and value > 0 else text

    def money(self, value: Decimal | None, currency: str) -> str:
        return NOTHING if value is None else f"{value:,.2f} {currency}".replace("-", MINUS)

    def share(self, part: int, whole: int) -> str:
        """A rate keeps its parts; of nothing there is no rate."""
        return NOTHING if whole == 0 else f"{part / whole:.1%}"

    def moment(self, value: datetime | None) -> str:
        """Local date and time. Midnight to the second is how a source that knows the day alone
        is recorded, so then the day is all that is said."""
        if value is None:
            return NOTHING
        local = value.astimezone(self.zone)
        return self._date(local) if local.time() == time() else f"{self._date(local)} {local:%H:%M}"

    def second(self, value: datetime | None) -> str:
        if value is None:
            return NOTHING
        local = value.astimezone(self.zone)
        return f"{self._date(local)} {local:%H:%M:%S}"

    def clock(self, value: datetime) -> str:
        return f"{value.astimezone(self.zone):%H:%M:%S}"

    def day(self, value: datetime | date | None) -> str:
        if value is None:
            return NOTHING
        if isinstance(value, datetime):
            value = value.astimezone(self.zone).date()
        if self.words.language == "en":
            return f"{value.day} {self.words(f'month.m{value.month}')} {value.year}"
        return f"{value.year}年{value.month}月{value.day}日"

    def _date(self, value: datetime) -> str:
        """As tables and timelines write it, shorter than a heading does in Chinese."""
        return self.day(value) if self.words.language == "en" else f"{value:%Y-%m-%d}"

    def stamp(self, value: datetime) -> str:
        """For the ``datetime`` attribute of ``<time>``, which machines read."""
        return value.astimezone(self.zone).isoformat(timespec="seconds")

    def field(self, value: datetime) -> str:
        """For an ``<input type=datetime-local>``."""
        return value.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M")

    def span(self, value: timedelta) -> str:
        """A length of time by its two largest units: 3 days 4 hours, 12 minutes; months of it
        by days alone."""
        minutes = abs(int(value.total_seconds())) // 60
        if minutes >= A_MONTH:
            minutes -= minutes % A_DAY
        parts = [
            ("days", minutes // A_DAY), ("hours", minutes // 60 % 24), ("minutes", minutes % 60),
        ]  # fmt: skip
        largest = next((index for index, (_, n) in enumerate(parts) if n), 2)
        said = [
            self.words(f"span.{unit}" if n != 1 else f"span.{unit}_one", n=self.number(n))
            for unit, n in parts[largest : largest + 2]
            if n
        ]
        return " ".join(said) or self.words("span.moment")
