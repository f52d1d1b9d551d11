"""Reads the SQL that lies beside each projection: its table and its named queries."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_SECTION = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def statements(module: str) -> Mapping[str, str]:
    """The sections of ``projections/<module>.sql``; each begins with ``-- name: <name>``."""
    text = files("projections").joinpath(f"{module}.sql").read_text(encoding="utf-8")
    _, *parts = _SECTION.split(text)
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError(f"two sections of {module}.sql share a name")
    return {name: body.strip() for name, body in zip(names, bodies, strict=True)}


def query(name: str) -> str:
    """A named query, such as ``cases.list``. Raises ``KeyError`` for a name that is not there."""
    module, _, section = name.partition(".")
    return statements(module)[section]
