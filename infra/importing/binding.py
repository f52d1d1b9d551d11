"""A mapping's columns bound to a table: from the cells of a row to its values by name."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from infra.importing.cells import Cell, Parser, Unreadable, Value, constant, parser
from infra.importing.model import Mapping


class Values(dict[str, Value]):
    """The values of one row by the names the mapping gives them. A word of the mapping that is
    left out ("") has no value; ``faults`` says in words which cells could not be read."""

    faults: Sequence[str] = ()

    def text(self, name: str) -> str:
        value = self.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> Decimal | None:
        value = self.get(name)
        return Decimal(value) if isinstance(value, int | Decimal) else None

    def degrees(self, name: str) -> float | None:
        value = self.number(name)
        return None if value is None else float(value)

    def moment(self, name: str) -> datetime | None:
        value = self.get(name)
        return value if isinstance(value, datetime) else None


class Binding:
    """``required`` and ``optional`` are the headings that the mapping reads."""

    def __init__(self, mapping: Mapping) -> None:
        zone = ZoneInfo(mapping.city.timezone)
        read = {name: column for name, column in mapping.columns.items() if column.column}
        headings = {name: " ".join(column.column.split()) for name, column in read.items()}
        lacking = {headings[name] for name, column in read.items() if column.optional}
        self.headings = list(dict.fromkeys(headings.values()))
        self.required = [heading for heading in self.headings if heading not in lacking]
        self.optional = [heading for heading in self.headings if heading in lacking]
        self._constants = {
            name: constant(column, zone)
            for name, column in mapping.columns.items()
            if not column.column
        }
        self._parsers: list[tuple[str, int, Parser]] = [
            (name, self.headings.index(headings[name]), parser(column, mapping.empty, zone))
            for name, column in read.items()
        ]

    def values(self, cells: Sequence[Cell]) -> Values:
        """``cells`` stand in the order of ``headings``."""
        values = Values(self._constants)
        for name, position, parse in self._parsers:
            try:
                values[name] = parse(cells[position])
            except Unreadable as error:
                values.faults = [*values.faults, f"{self.headings[position]}: {error}"]
        return values
