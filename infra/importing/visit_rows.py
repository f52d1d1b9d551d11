"""One row of a table of inspections, and the visit that such rows make together."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from infra.importing.binding import Values
from infra.importing.cells import normalised
from infra.importing.jobs import digest_of
from infra.importing.model import Inspections, Mapping, Penalties, Test
from infra.importing.units import UnitSeen, unit_seen


class Line(msgspec.Struct, frozen=True, gc=False):
    """A finding (no ``text``: none) and what was done about it. ``key`` is the text in the form
    that is compared; ``penalty`` the kind of penalty that was opened, if any."""

    number: int
    order: Decimal
    text: str
    key: str
    category: str
    standard: str
    severity: str
    action: str
    on_the_spot: bool
    penalty: str
    amount: Decimal | None
    outcome: str
    note: str


class Visit(msgspec.Struct):
    file: int
    visit_id: str
    at: datetime
    unit: UnitSeen
    source: str
    result: str
    score: Decimal | None
    closure: bool
    lines: list[Line]

    @property
    def head(self) -> tuple[datetime, str, str, str, Decimal | None]:
        """What all rows of a visit must agree on."""
        return self.at, self.unit.unit_id, self.source, self.result, self.score

    @property
    def digest(self) -> str:
        """Over what was found and decided, not over where it stood or how the unit is called."""
        lines = sorted(
            (line.text, line.severity, line.action, line.outcome, str(line.amount))
            for line in self.lines
        )
        return digest_of((self.visit_id, *self.head, self.closure, lines))


class VisitReader:
    """Makes lines and visits from the values of rows, as one mapping says."""

    def __init__(self, mapping: Mapping, words: Inspections) -> None:
        self._mapping = mapping
        self._words = words
        self._units: dict[UnitSeen, UnitSeen] = {}

    def faults(self, values: Values) -> Iterator[str]:
        """What is wrong with a row, in sentences."""
        yield from values.faults
        words, findings = self._words, self._words.findings
        needed = [words.id, words.date, words.source, words.result, self._mapping.unit.code]
        if findings is not None and values.text(findings.text):
            needed += [findings.category, findings.standard]
        for name in dict.fromkeys(needed):
            if name in values and values[name] in ("", None):
                heading = self._mapping.columns[name].column or name
                yield f"{heading}: is empty, and it is needed"

    def visit(self, file: int, values: Values) -> Visit:
        """The visit as this row tells of it, without its lines; the row has no faults."""
        words = self._words
        at = values.moment(words.date)
        assert at is not None
        seen = unit_seen(self._mapping.unit, values, self._mapping.city)
        return Visit(
            file=file,
            visit_id=values.text(words.id),
            at=at,
            unit=self._units.setdefault(seen, seen),
            source=values.text(words.source),
            result=values.text(words.result),
            score=values.number(words.score),
            closure=words.closure is not None and holds(words.closure, values),
            lines=[],
        )

    def line(self, number: int, values: Values) -> Line:
        found, penalties = self._words.findings, self._words.penalties
        text = values.text(found.text) if found else ""
        return Line(
            number=number,
            order=values.number(self._words.order) or Decimal(0),
            text=text,
            key=normalised(text, found.compare) if found else "",
            category=values.text(found.category) if found else "",
            standard=values.text(found.standard) if found else "",
            severity=values.text(found.severity) if found else "",
            action=values.text(found.action) if found else "",
            on_the_spot=bool(found and found.on_the_spot and holds(found.on_the_spot, values)),
            penalty=_penalty(penalties, values) if penalties else "",
            amount=values.number(penalties.amount) if penalties else None,
            outcome=values.text(penalties.outcome) if penalties else "",
            note=values.text(penalties.note) if penalties else "",
        )


def holds(test: Test, values: Values) -> bool:
    text = values.text(test.column).casefold()
    return any(text == answer.casefold() for answer in test.any_of) or any(
        text.startswith(start.casefold()) for start in test.starts_with
    )


def _penalty(penalties: Penalties, values: Values) -> str:
    """The kind of penalty that the row tells of; "" for none."""
    for kind in penalties.kinds:
        if holds(kind, values):
            return kind.kind
    told = values.text(penalties.outcome) or values.number(penalties.amount) is not None
    return penalties.otherwise if told else ""
