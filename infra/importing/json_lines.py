"""Files with one JSON object per line."""

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from infra.importing.lines import LONGEST, Line, read_lines, text_of
from infra.importing.tables import BadRow, Row, Table


class JsonLinesTable(Table):
    def heading(self) -> list[str]:
        return list(self._names)

    @cached_property
    def _names(self) -> dict[str, None]:
        """Every name that any row has; a row need not have them all."""
        names: dict[str, None] = {}
        for _, found in self._objects():
            if isinstance(found, dict):
                names.update(dict.fromkeys(found))
        if not names:
            raise self._empty()
        return names

    def rows(self, names: Sequence[str]) -> Iterator[Row | BadRow]:
        for number, found in self._objects():
            if isinstance(found, BadRow):
                yield found
            else:
                yield Row(number, [_text(found.get(name)) for name in names])

    def _objects(self) -> Iterator[tuple[int, dict[str, Any] | BadRow]]:
        for line in read_lines(self.path):
            if line.content.strip():
                yield line.number, self._object(line)

    def _object(self, line: Line) -> dict[str, Any] | BadRow:
        if line.too_long:
            reason = f"the line is longer than {LONGEST} bytes; it begins {line.content!r}"
            return BadRow(line.number, "import.line_too_long", reason)
        text = text_of(self.path, line, "utf-8")
        try:
            # Numbers stay as they are written: 0.10 is not 0.1 to somebody who compares texts.
            found = json.loads(text, parse_float=str, parse_int=str)
        except (ValueError, RecursionError) as error:
            return BadRow(line.number, "import.json", f"the line is not JSON: {error}")
        if not isinstance(found, dict):
            return BadRow(line.number, "import.json", "the line is not a JSON object ({...})")
        return found


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
    return json.dumps(value, ensure_ascii=False)
