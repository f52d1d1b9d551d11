"""What types cannot say about a mapping: words that name columns, and what those may give."""

from collections.abc import Iterator
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from domain.policies.findings import nearest
from infra.importing.cells import ISO, Unreadable, constant, is_pattern, parser
from infra.importing.model import ANY, Column, Mapping, Takes

Path = tuple[str | int, ...]


class Finding(NamedTuple):
    """What is wrong at a path of the file; ``of_word``: with the word itself, not its value."""

    path: Path
    sentence: str
    of_word: bool = False


def mapping_findings(mapping: Mapping) -> Iterator[Finding]:
    zone = ZoneInfo(mapping.city.timezone)
    for name, column in mapping.columns.items():
        yield from _column_findings(column, ("columns", name), zone)
    for path, name, takes in _named_columns(mapping, ()):
        found = mapping.columns.get(name)
        if found is None:
            hint = nearest(name, list(mapping.columns))
            yield Finding(path, f"no column {name!r} is declared: {hint}")
        elif found.type not in takes.types:
            wanted = " or ".join(takes.types)
            yield Finding(path, f"'{path[-1]}' needs a column of type {wanted}, not {found.type}")
        elif takes.answers is not None:
            yield from _answer_findings(found, ("columns", name), get_args(takes.answers))


def _named_columns(words: BaseModel, path: Path) -> Iterator[tuple[Path, str, Takes]]:
    """Every word that names a column, with where it stands and what it takes."""
    for name, info in type(words).model_fields.items():
        value = getattr(words, name)
        takes = next((mark for mark in info.metadata if isinstance(mark, Takes)), None)
        for step, item in enumerate(value) if isinstance(value, tuple) else ((None, value),):
            place = (*path, name) if step is None else (*path, name, step)
            if isinstance(item, BaseModel):
                yield from _named_columns(item, place)
            elif takes is not None and item:
                yield place, item, takes


def _column_findings(column: Column, path: Path, zone: ZoneInfo) -> Iterator[Finding]:
    """A pattern that is none; a value or default that its own column could not read."""
    for index, pattern in enumerate(column.formats):
        if pattern != ISO and not is_pattern(pattern):
            sentence = f"{pattern!r} is no pattern of dates: write one such as %d/%m/%Y, or iso"
            yield Finding((*path, "formats", index), sentence)
            return
    try:
        if column.value:
            constant(column, zone)
        if column.default:
            parser(column, (), zone)(column.default)
    except Unreadable as error:
        yield Finding((*path, "value" if column.value else "default"), str(error))


def _answer_findings(column: Column, path: Path, answers: tuple[str, ...]) -> Iterator[Finding]:
    if column.type == "text":
        if not column.value:
            sentence = "this column needs 'type: choice', or one 'value' for all rows"
            yield Finding((*path, "column"), sentence)
        elif column.value not in answers:
            hint = nearest(column.value, answers)
            yield Finding((*path, "value"), f"unknown value {column.value!r}: {hint}")
    for text, word in column.choices.items():
        given = text if word == ANY else word
        if given not in answers:
            sentence = f"unknown value {given!r}: {nearest(given, answers)}"
            yield Finding((*path, "choices", text), sentence)
