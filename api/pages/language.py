"""Every word a page says of its own, in Chinese and in English, from one table of texts."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Literal, get_args

import yaml

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
FIRST: Language = "zh"

# The table has one line per text: ``key: [中文, English]``.
Table = Mapping[str, tuple[str, str]]


class Words:
    """The texts in one language. ``words("cases.found", n="12")`` says a text of the pages,
    ``words.of("status", "closed")`` translates a code; what is not a code of ours (a category, a
    unit's name) is the city's own word and comes back untouched."""

    def __init__(self, table: Table, language: Language) -> None:
        self.language = language
        self._column = LANGUAGES.index(language)
        self._table = table

    def __call__(self, key: str, /, **values: str) -> str:
        """Raises ``KeyError`` for a text that is not in the table."""
        text = self._table[key][self._column]
        return text.format_map(values) if values else text

    def of(self, group: str, code: str) -> str:
        texts = self._table.get(f"{group}.{code}")
        return texts[self._column] if texts else code


def load() -> Table:
    """The table as shipped. Raises ``ValueError`` for a text that is missing in a language."""
    text = (files("api.pages") / "words.yaml").read_text(encoding="utf-8")
    table: dict[str, tuple[str, str]] = {}
    for group, entries in yaml.safe_load(text).items():
        for name, spoken in entries.items():
            if not isinstance(spoken, list) or len(spoken) != len(LANGUAGES) or not all(spoken):
                raise ValueError(f"{group}.{name} needs one text for each of {LANGUAGES}")
            table[f"{group}.{name}"] = (str(spoken[0]), str(spoken[1]))
    return table


def chosen(asked: str | None, remembered: str | None) -> Language:
    """What the reader asks for now (``?lang=``), or chose before (cookie), or Chinese."""
    for wish in (asked, remembered):
        for language in LANGUAGES:
            if wish == language:
                return language
    return FIRST
