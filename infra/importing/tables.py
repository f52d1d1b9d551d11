"""A table in a file, whatever the kind of file: its heading and its rows."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from domain.errors import Invalid
from infra.importing.cells import Cell

# What a file of rejected rows has in front of the columns of the file it came from.
REJECTED = ("rejected_row", "rejected_code", "rejected_reason")


class Row(NamedTuple):
    """``number`` is the line of the file (or row of the sheet) on which the row begins."""

    number: int
    cells: Sequence[Cell]


class BadRow(NamedTuple):
    """A row that is no row of this table, with its cells if it can be split at all."""

    number: int
    code: str
    reason: str
    cells: Sequence[Cell] = ()


class Table(ABC):
    """One file. What is wrong with the file as a whole raises ``Invalid`` and gives no row."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @abstractmethod
    def heading(self) -> list[str]:
        """All names of columns, in their order."""

    @abstractmethod
    def rows(self, names: Sequence[str]) -> Iterator[Row | BadRow]:
        """The cells of these columns, row by row; "" where a row or the table has none."""

    def check(self, required: Sequence[str], optional: Sequence[str]) -> None:
        """Raises ``Invalid`` (``import.columns``) naming all that is missing and what is near."""
        heading = self.heading()
        twice = sorted({n for n in (*required, *optional) if heading.count(n) > 1})
        if twice:
            names = ", ".join(map(repr, twice))
            raise Invalid("import.columns", f"{self.path.name} has the column {names} twice")
        missing = [name for name in required if name not in heading]
        if missing:
            listed = ", ".join(_with_nearest(name, heading) for name in missing)
            raise Invalid("import.columns", f"{self.path.name} lacks the columns {listed}")

    def _empty(self) -> Invalid:
        return Invalid("import.empty", f"{self.path.name} is empty: it has not even a heading")


def positions(heading: Sequence[str], names: Sequence[str]) -> list[int]:
    """Where the named columns stand; -1, the cell put after the last one, for those missing."""
    return [heading.index(name) if name in heading else -1 for name in names]


def wrong_width(number: int, cells: Sequence[Cell], expected: int) -> BadRow:
    reason = f"the row has {len(cells)} cells, and the heading has {expected}"
    return BadRow(number, "import.width", reason, cells)


def _with_nearest(name: str, heading: Sequence[str]) -> str:
    folded = {other.casefold(): other for other in heading}
    close = get_close_matches(name.casefold(), list(folded), n=1)
    return f"{name!r} (it has {folded[close[0]]!r})" if close else repr(name)
