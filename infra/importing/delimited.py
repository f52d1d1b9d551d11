"""Comma-separated files, where one bad line must not take its neighbours with it."""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from pathlib import Path

from domain.errors import Invalid
from infra.importing.lines import BEGINNING, LONGEST, Line, read_lines, text_of
from infra.importing.tables import BadRow, Row, Table, positions, wrong_width


class DelimitedTable(Table):
    def __init__(self, path: Path, delimiter: str, encoding: str) -> None:
        super().__init__(path)
        self._delimiter = delimiter
        self._encoding = encoding

    def heading(self) -> list[str]:
        return self._heading

    @cached_property
    def _heading(self) -> list[str]:
        for record in self._records():
            if isinstance(record, BadRow):
                sentence = f"the heading of {self.path.name} cannot be read: {record.reason}"
                raise Invalid("import.heading", sentence)
            return [" ".join(name.split()) for name in record[1]]
        raise self._empty()

    def rows(self, names: Sequence[str]) -> Iterator[Row | BadRow]:
        width = len(self._heading)
        take = itemgetter(*positions(self._heading, names), -1)  # -1 twice, so always a tuple
        records = self._records()
        next(records)
        for record in records:
            if isinstance(record, BadRow):
                yield record
                continue
            number, cells = record
            if "".join(cells).strip():
                if len(cells) != width:
                    yield wrong_width(number, cells, width)
                    continue
                cells.append("")
                yield Row(number, take(cells)[:-1])

    def _records(self) -> Iterator[tuple[int, list[str]] | BadRow]:
        """Rows with the line they begin on. A quoted cell may run over several lines; when that
        leads nowhere, only the first of them is bad and the others are read again."""
        feed = _Feed(self.path, self._encoding)
        reader = csv.reader(feed, delimiter=self._delimiter, strict=True)
        width = 0
        while feed.ready():
            first = feed.peek()
            if first.too_long:
                feed.drop()
                yield _too_long(first, self._encoding)
                continue
            try:
                cells = next(reader)
            except (csv.Error, _Unfinished) as error:
                feed.back_to_second()
                yield BadRow(first.number, "import.csv", f"the line cannot be split: {error}")
                continue
            if len(feed.taken) > 1 and width and len(cells) != width:
                feed.back_to_second()
                yield BadRow(first.number, "import.csv", "a quotation mark is not closed")
                continue
            width = width or len(cells)
            if cells:
                yield first.number, cells


class _Unfinished(Exception):
    """A quoted cell that runs on for too long."""


class _Feed:
    """Gives the CSV reader its lines and remembers which of them made the present row."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path = path
        self._encoding = encoding
        self._lines = read_lines(path)
        self._waiting: deque[Line] = deque()
        self._size = 0
        self.taken: list[Line] = []

    def ready(self) -> bool:
        """Begins a new row, if there is one."""
        self.taken, self._size = [], 0
        if not self._waiting and (line := next(self._lines, None)) is not None:
            self._waiting.append(line)
        return bool(self._waiting)

    def peek(self) -> Line:
        return self._waiting[0]

    def drop(self) -> None:
        self._waiting.popleft()

    def back_to_second(self) -> None:
        self._waiting.extendleft(reversed(self.taken[1:]))

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._lines)
        self._size += len(line.content)
        if self.taken and (line.too_long or self._size > LONGEST):
            self._waiting.appendleft(line)
            raise _Unfinished("a quotation mark is not closed")
        self.taken.append(line)
        return text_of(self._path, line, self._encoding) + "\n"


def _too_long(line: Line, encoding: str) -> BadRow:
    beginning = line.content[:BEGINNING].decode(encoding, "replace")
    reason = f"the line is longer than {LONGEST} bytes; it begins {beginning!r}"
    return BadRow(line.number, "import.line_too_long", reason)
