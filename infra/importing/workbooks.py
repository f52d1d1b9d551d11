"""Workbooks (.xlsx): the rows of one sheet."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from domain.errors import Invalid, NotFound
from infra.importing.cells import Cell
from infra.importing.tables import BadRow, Row, Table, positions, wrong_width

BROKEN = (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, EOFError)


class WorkbookTable(Table):
    def __init__(self, path: Path, sheet: str) -> None:
        super().__init__(path)
        self._sheet = sheet

    def heading(self) -> list[str]:
        return self._heading

    @cached_property
    def _heading(self) -> list[str]:
        for _, cells in self._filled():
            return [" ".join(str(cell).split()) for cell in _trimmed(cells)]
        raise self._empty()

    def rows(self, names: Sequence[str]) -> Iterator[Row | BadRow]:
        width = len(self._heading)
        take = itemgetter(*positions(self._heading, names), -1)  # -1 twice, so always a tuple
        filled = self._filled()
        next(filled)
        for number, cells in filled:
            found = _trimmed(cells)
            if len(found) > width:
                yield wrong_width(number, found, width)
            else:
                yield Row(number, take([*found, *[""] * (width + 1 - len(found))])[:-1])

    def _filled(self) -> Iterator[tuple[int, list[Cell]]]:
        """The rows that hold anything. Raises ``Invalid`` (``import.corrupt``)."""
        try:
            book = load_workbook(self.path, read_only=True, data_only=True)
            try:
                for number, values in enumerate(self._chosen(book).iter_rows(values_only=True), 1):
                    cells = [_cell(value) for value in values]
                    if any(cells):
                        yield number, cells
            finally:
                book.close()
        except FileNotFoundError:
            raise NotFound("import.no_file", f"there is no file {self.path}") from None
        except BROKEN as error:
            raise Invalid(
                "import.corrupt", f"{self.path.name} is not a whole workbook: save it again"
            ) from error
        except OSError as error:
            raise Invalid("import.unreadable", f"{self.path} cannot be read: {error}") from error

    def _chosen(self, book: Any) -> Any:
        if self._sheet and self._sheet not in book.sheetnames:
            raise Invalid(
                "import.sheet",
                f"{self.path.name} has no sheet {self._sheet!r}, only {', '.join(book.sheetnames)}",
            )
        sheet = book[self._sheet or book.sheetnames[0]]
        sheet.reset_dimensions()  # programs that write workbooks often state them wrongly
        return sheet


def _cell(value: Any) -> Cell:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case str() | datetime() | date():
            return value
        case time() | timedelta():
            return str(value)
    return str(value)


def _trimmed(cells: list[Cell]) -> list[Cell]:
    """Without the empty cells at the end, which a sheet may or may not have stored."""
    width = len(cells)
    while width and cells[width - 1] == "":
        width -= 1
    return cells[:width]
