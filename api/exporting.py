"""Lists as CSV for spreadsheets, without a cell that a spreadsheet would run as a formula."""

import csv
import dataclasses
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.responses import StreamingResponse

# What a spreadsheet takes for the beginning of a formula, also behind blanks.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"  # without it Excel reads UTF-8 as the local code page


def csv_of(rows: Iterable[Any], columns: Sequence[str], name: str) -> StreamingResponse:
    """``rows`` are frozen dataclasses that have the ``columns`` as fields."""
    return StreamingResponse(
        lines(rows, columns),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def lines(rows: Iterable[Any], columns: Sequence[str]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(getattr(row, column)) for column in columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def columns_of(row: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(row))


def cell(value: Any) -> Any:
    """Numbers stay numbers; a text that looks like a formula gets a quote before it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return value
        case datetime():
            return value.isoformat()
        case list() | tuple():
            return cell(" ".join(str(part) for part in value))
    text = str(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else text
