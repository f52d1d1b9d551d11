"""The dictionary of the analyst tables, read from the very SQL that makes them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from domain.errors import NotFound
from projections.catalogue import TABLES, VIEWS
from projections.statements import statements

# A column: its name, its type, perhaps how it is stored or computed, and what it means.
_COLUMN = re.compile(
    r"^    `?(?P<name>\w+)`? (?P<type>.+?)(?: CODEC\(.*?\))?(?: ALIAS .*?)?\s+COMMENT "
    r"'(?P<meaning>(?:[^'\\]|''|\\.)*)'",
    re.MULTILINE | re.DOTALL,
)
_TABLE = re.compile(r"^COMMENT '(?P<meaning>(?:[^'\\]|''|\\.)*)'", re.MULTILINE)


class Column(NamedTuple):
    name: str
    type: str
    meaning: str


def columns(table: str) -> list[Column]:
    """The columns of a public table in their order. Raises ``NotFound`` (``tables.unknown``)."""
    declared, _, _ = _ddl(table).partition("\n)")
    return [
        Column(found["name"], " ".join(found["type"].split()), _plain(found["meaning"]))
        for found in _COLUMN.finditer(declared)
    ]


def dictionary(tables: Sequence[str] = ()) -> str:
    """The tables (none named: all) as Markdown. Raises ``NotFound`` (``tables.unknown``)."""
    parts = []
    for table in tables or TABLES:
        meaning = _TABLE.search(_ddl(table))
        rows = [f"| `{c.name}` | {c.type} | {c.meaning} |" for c in columns(table)]
        said = _plain(meaning["meaning"]) if meaning else ""
        parts.append(
            "\n".join(
                [f"### {table}", said, "", "| column | type | meaning |", "|---|---|---|", *rows]
            )
        )
    return "\n\n".join(parts) + "\n"


def _ddl(table: str) -> str:
    if table not in TABLES:
        raise NotFound(
            "tables.unknown", f"there is no table {table}: there are {', '.join(TABLES)}"
        )
    section = "view" if table in {view.table for view in VIEWS} else "table"
    return statements(table)[section]


def _plain(text: str) -> str:
    return text.replace("''", "'").replace("\\'", "'").replace("|", "\\|")
