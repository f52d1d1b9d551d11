"""Reads the SQL that lies beside each projection: its table and its named queries."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_SECTION = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_INCLUDE = re.compile(r"^ *-- include: (\w+)$", re.MULTILINE)


@cache
def statements(module: str) -> Mapping[str, str]:
    """The sections of ``projections/<module>.sql``; each begins with ``-- name: <name>``. A line
    ``-- include: <name>`` stands for the lines of another section, so that what several queries
    have in common is written once. Raises ``KeyError`` for a section that is not there."""
    text = files("projections").joinpath(f"{module}.sql").read_text(encoding="utf-8")
    _, *parts = _SECTION.split(text)
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError(f"two sections of {module}.sql share a name")
    written = {name: body.strip() for name, body in zip(names, bodies, strict=True)}
    return {
        name: _INCLUDE.sub(lambda line: written[line[1]], body) for name, body in written.items()
    }


def query(name: str) -> str:
    """A named query, such as ``cases.list``. Raises ``KeyError`` for a name that is not there."""
    module, _, section = name.partition(".")
    return statements(module)[section]
