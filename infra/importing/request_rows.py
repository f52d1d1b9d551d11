"""One row of a table of service requests, and what may be wrong with it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from domain.calendar.local_time import moment_at
from infra.importing.binding import Values
from infra.importing.model import Mapping, Requests, Status
from infra.importing.units import Home, UnitSeen, home, unit_seen

BETWEEN_TEXTS = " · "
ONE_DAY = timedelta(days=1)


class RequestRow(msgspec.Struct, frozen=True):
    """``overdue``: the target passed without an answer, by the dates of a request that has ended,
    by the row's own word for one that is still open."""

    file: int
    number: int
    request_id: str
    opened: datetime
    target: datetime | None
    closed: datetime | None
    status: Status
    overdue: bool
    unit: UnitSeen
    source: str
    category: str
    text: str
    severity: str
    standard: str
    note: str
    address: str
    latitude: float | None
    longitude: float | None
    home: Home

    @property
    def ended(self) -> datetime:
        return self.closed or self.opened


class RequestReader:
    """Makes rows from values, as one mapping says."""

    def __init__(self, mapping: Mapping, words: Requests) -> None:
        self._mapping = mapping
        self._words = words
        self._zone = ZoneInfo(mapping.city.timezone)

    def faults(self, values: Values) -> Iterator[str]:
        """What is wrong with a row, in sentences."""
        yield from values.faults
        words = self._words
        needed = (words.id, words.opened, words.source, words.category, words.standard,
                  self._mapping.unit.code)  # fmt: skip
        for name in dict.fromkeys(needed):
            if name in values and values[name] in ("", None):
                heading = self._mapping.columns[name].column or name
                yield f"{heading}: is empty, and it is needed"
        opened = values.moment(words.opened)
        if opened is not None and not values.faults:
            yield from self._time_faults(opened, values)

    def row(self, file: int, number: int, values: Values) -> RequestRow:
        """``values`` have no faults."""
        words, place = self._words, self._words.place
        opened = values.moment(words.opened)
        assert opened is not None
        target, closed = self._target(values), self._closed(values, opened)
        latitude, longitude = values.number(place.latitude), values.number(place.longitude)
        texts = [text for name in words.text if (text := values.text(name))]
        return RequestRow(
            file=file,
            number=number,
            request_id=values.text(words.id),
            opened=opened,
            target=target,
            closed=closed,
            status=_status(values.text(words.status), closed),
            overdue=_overdue(values.text(words.outcome), target, closed),
            unit=unit_seen(self._mapping.unit, values, self._mapping.city),
            source=values.text(words.source),
            category=values.text(words.category),
            text=BETWEEN_TEXTS.join(texts) or values.text(words.category),
            severity=values.text(words.severity),
            standard=values.text(words.standard),
            note=values.text(words.note),
            address=values.text(place.address),
            latitude=_float(latitude),
            longitude=_float(longitude),
            home=home(place.territory, values, latitude, longitude, self._mapping.city),
        )

    def _time_faults(self, opened: datetime, values: Values) -> Iterator[str]:
        target, closed = self._target(values), self._closed(values, opened)
        if closed is not None and closed < opened:
            yield "it was closed before it was opened"
        if target is not None and target <= opened:
            yield "its target is not later than its opening"
        if self._words.contradictions == "use_dates":
            return
        status, outcome = values.text(self._words.status), values.text(self._words.outcome)
        if status == "closed" and closed is None:
            yield "it is said to be closed, but not when"
        if status == "open" and closed is not None:
            yield "it is said to be open, but has a closing time"
        late = target is not None and closed is not None and closed > target
        if outcome == "on_time" and late:
            yield "it is said to be on time, but was closed after its target"
        if outcome == "overdue" and (target is None or (closed is not None and not late)):
            yield "it is said to be overdue, but its dates do not say so"

    def _target(self, values: Values) -> datetime | None:
        """A target without a time of day ends with that day."""
        target = values.moment(self._words.target)
        if target is None or self._mapping.columns[self._words.target].type == "datetime":
            return target
        tomorrow = target.astimezone(self._zone).replace(tzinfo=None) + ONE_DAY
        return moment_at(tomorrow, self._zone)

    def _closed(self, values: Values, opened: datetime) -> datetime | None:
        """Closed on a day without a time of day: when it begins, but not before the opening."""
        closed = values.moment(self._words.closed)
        if closed is None or self._mapping.columns[self._words.closed].type == "datetime":
            return closed
        same_day = closed.astimezone(self._zone).date() == opened.astimezone(self._zone).date()
        return opened if same_day else closed


def _status(said: str, closed: datetime | None) -> Status:
    match said:
        case "rejected" | "void":
            return said
    return "closed" if closed is not None else "open"


def _overdue(said: str, target: datetime | None, closed: datetime | None) -> bool:
    if target is None:
        return False
    return closed > target if closed is not None else said == "overdue"


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)
