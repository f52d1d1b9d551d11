"""Rows of a table of readings: each is what was measured of a unit in a period."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec

from domain.readings.commands import RecordReading
from domain.reasons import derived_id
from infra.importing.binding import Values
from infra.importing.jobs import Asking, Collected, Planned, Rejection, digest_of
from infra.importing.known import Known
from infra.importing.model import Mapping, Readings
from infra.importing.tables import BadRow
from infra.importing.units import UnitSeen, check_kind, entry, registration, unit_seen


class ReadingRow(msgspec.Struct, frozen=True):
    indicator: str
    period: str
    date: datetime
    unit: UnitSeen
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    source: str
    note: str

    @property
    def key(self) -> str:
        return derived_id(self.indicator, self.unit.unit_id, self.period)


@dataclass(frozen=True)
class Recording:
    """A ``jobs.Job``: one reading."""

    mapping: Mapping
    row: ReadingRow
    rows: Iterable[tuple[int, int]]
    touches: str = ""

    @property
    def command_id(self) -> str:
        return f"import/{self.mapping.name}/{self.row.key}"

    @property
    def digest(self) -> str:
        return digest_of(self.row)

    @property
    def at(self) -> datetime:
        return self.row.date

    def plan(self, known: Known) -> Planned:
        row, city = self.row, self.mapping.city.code
        asking = Asking(self.mapping.actor, row.date, f"import:{self.mapping.name}:{row.key}")
        numbers = {
            name: number
            for name in ("value", "numerator", "denominator")
            if (number := getattr(row, name)) is not None
        }
        words = {"indicator": row.indicator, "unit": row.unit.unit_id, "period": row.period}
        more = {"source": row.source, "note": row.note}
        asking.ask(RecordReading.model_validate(words | numbers | more))
        first = [registration(row.unit.home, city)] if row.unit.home.kind else []
        known_unit = known.units.get(row.unit.unit_id)
        if known_unit is None:
            first.append(entry(row.unit))
        else:
            check_kind(row.unit, known_unit)
        return Planned(asking.requests, first)


class ReadingTable:
    """Each row is judged by itself."""

    def __init__(self, mapping: Mapping, words: Readings) -> None:
        self._mapping = mapping
        self._words = words
        self._jobs: dict[str, Recording] = {}
        self._rejections: list[Rejection] = []
        self._repeated = 0

    def add_bad(self, file: int, row: BadRow) -> None:
        self._rejections.append(Rejection(file, row.number, row.code, row.reason))

    def add(self, file: int, number: int, values: Values) -> None:
        faults = "; ".join(self._faults(values))
        if faults:
            self._rejections.append(Rejection(file, number, "import.value", faults))
            return
        job = Recording(self._mapping, self._row(values), [(file, number)])
        first = self._jobs.setdefault(job.command_id, job)
        if first is job:
            return
        if first.digest == job.digest:
            self._repeated += 1
        else:
            row = job.row
            what = f"{row.indicator} of {row.unit.unit_id} in {row.period}"
            (_, other), *_ = first.rows
            reason = f"{what} stands otherwise in row {other}"
            self._rejections.append(Rejection(file, number, "import.changed", reason))

    def finish(self) -> Collected:
        jobs = sorted(self._jobs.values(), key=lambda job: (job.at, job.row.key))
        return Collected(jobs, self._rejections, self._repeated)

    def _faults(self, values: Values) -> Iterator[str]:
        yield from values.faults
        words = self._words
        needed = (words.indicator, words.period, words.date, self._mapping.unit.code)
        for name in dict.fromkeys(needed):
            if name in values and values[name] in ("", None):
                yield f"{self._mapping.columns[name].column or name}: is empty, and it is needed"

    def _row(self, values: Values) -> ReadingRow:
        """``values`` have no faults."""
        words = self._words
        date = values.moment(words.date)
        assert date is not None
        return ReadingRow(
            indicator=values.text(words.indicator),
            period=values.text(words.period),
            date=date,
            unit=unit_seen(self._mapping.unit, values, self._mapping.city),
            value=values.number(words.value),
            numerator=values.number(words.numerator),
            denominator=values.number(words.denominator),
            source=values.text(words.source),
            note=values.text(words.note),
        )
