"""From a cell of a table to a value: one parser per declared column."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import partial
from zoneinfo import ZoneInfo

from domain.calendar.local_time import moment_at
from infra.importing.model import ANY, Column, Normaliser

# What a reader may find in a cell: workbooks know dates, all other tables have text alone.
Cell = str | datetime | date
Value = str | int | Decimal | datetime | None
Parser = Callable[[Cell], Value]

REMEMBERED = 50_000
ISO = "iso"
YEARS = range(1900, 2201)
SHOWN = 60

_BLANKS = re.compile(r"\s+")
_NO_SLUG = re.compile(r"[\W_]+")


def _collapsed(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


NORMALISERS: Mapping[Normaliser, Callable[[str], str]] = {
    "collapse_blanks": _collapsed,
    "upper_case": str.upper,
    "lower_case": str.lower,
    "slug": lambda text: _NO_SLUG.sub("-", text.lower()).strip("-"),
}


class Unreadable(Exception):
    """What is wrong with a cell, in words that follow the column's name."""


def normalised(text: str, words: Sequence[Normaliser]) -> str:
    for word in words:
        text = NORMALISERS[word](text)
    return text


def parser(column: Column, empty: Sequence[str], zone: ZoneInfo) -> Parser:
    """Raises ``Unreadable``. An empty cell gives "" in a column of text or choices, else None.
    Dates and times without an offset are the city's; they come out in UTC."""
    nothing = {text.casefold() for text in (*empty, *column.empty)} | {""}
    blank: Value = "" if column.type in ("text", "choice") else None
    read = _reader(column, zone)

    def parse(cell: Cell) -> Value:
        if isinstance(cell, str):
            cell = cell.strip()
            if cell.casefold() in nothing:
                if not column.default:
                    return blank
                cell = column.default
        return read(cell)

    return _remembering(parse)


def constant(column: Column, zone: ZoneInfo) -> Value:
    """The value of a column that is the same for every row. Raises ``Unreadable``."""
    return _reader(column, zone)(column.value)


def is_pattern(text: str) -> bool:
    """Whether ``strptime`` understands it and finds a day in it."""
    sample = datetime(2011, 12, 30, 23, 58, 59)  # noqa: DTZ001 - stands for no moment
    try:
        return datetime.strptime(sample.strftime(text), text).date() == sample.date()  # noqa: DTZ007
    except ValueError:
        return False


def shown(cell: Cell) -> str:
    """A cell as text; midnight is not worth a word in a cell that a workbook knows as a date."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime) and cell.time() == time():
        cell = cell.date()
    return cell.isoformat()


def _remembering(parse: Parser) -> Parser:
    """Cells repeat much: a text is read once, and all rows share what came of it."""
    known: dict[Cell, Value] = {}

    def remembered(cell: Cell) -> Value:
        try:
            return known[cell]
        except KeyError:
            value = parse(cell)
            if len(known) < REMEMBERED:
                known[cell] = value
            return value

    return remembered


def _reader(column: Column, zone: ZoneInfo) -> Parser:
    match column.type:
        case "text":
            return lambda cell: normalised(shown(cell), column.normalise)
        case "choice":
            return _choices(column.choices)
        case "integer":
            return lambda cell: _integer(_number(shown(cell), column.ignore))
        case "decimal":
            return lambda cell: _number(shown(cell), column.ignore)
        case "date" | "datetime":
            read = partial(_wall_time, formats=column.formats, with_time=column.type == "datetime")
            return lambda cell: _moment(read(cell), zone)


def _choices(choices: Mapping[str, str]) -> Parser:
    exact = {_collapsed(text).casefold(): word for text, word in choices.items()}
    beginnings = [(text[:-1], word) for text, word in exact.items() if text.endswith(ANY)]

    def choose(cell: Cell) -> Value:
        text = _collapsed(shown(cell))
        folded = text.casefold()
        word = exact.get(folded)
        if word is None:
            word = next((w for start, w in beginnings if folded.startswith(start)), None)
        if word is None:
            close = get_close_matches(text, list(choices), n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(choices)}"
            raise Unreadable(f"{text[:SHOWN]!r} is not a known value; {hint}")
        return text if word == ANY else word

    return choose


def _number(text: str, ignore: str) -> Decimal:
    for character in ignore:
        text = text.replace(character, "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unreadable(f"{text[:SHOWN]!r} is not a number") from None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise Unreadable(f"{text[:SHOWN]!r} is not a usable number")
    return number


def _integer(number: Decimal) -> int:
    if number != number.to_integral_value():
        raise Unreadable(f"{number} is not a whole number")
    return int(number)


def _wall_time(cell: Cell, formats: Sequence[str], with_time: bool) -> datetime:
    """As the cell says it: naive unless it states an offset."""
    if isinstance(cell, str):
        found = _parsed(cell, formats)
    elif isinstance(cell, datetime):
        found = cell
    else:
        found = datetime.combine(cell, time())
    return found if with_time else datetime.combine(found.date(), time())


def _parsed(text: str, formats: Sequence[str]) -> datetime:
    """ISO 8601 is always understood: it cannot be taken for anything else."""
    for pattern in dict.fromkeys((*formats, ISO)):
        with suppress(ValueError):
            if pattern == ISO:
                return datetime.fromisoformat(text)
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the city's zone comes later
    raise Unreadable(f"{text[:SHOWN]!r} is not a date written as {' or '.join(formats)}")


def _moment(found: datetime, zone: ZoneInfo) -> datetime:
    if found.year not in YEARS:
        raise Unreadable(f"{found:%Y} is not a year between {YEARS[0]} and {YEARS[-1]}")
    return moment_at(found, zone) if found.tzinfo is None else found.astimezone(UTC)
