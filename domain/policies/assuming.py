"""The paths in ``assumed``: words of the file, parts of its lists by id, and words of those."""

from collections.abc import Iterator
from typing import Any, get_origin

from domain.policies.findings import Finding, one_of
from domain.policies.header import PolicyFile
from domain.policies.saying import inside, words_in

# By which of its words a part of a list is named.
NAMED_BY = ("id", "colour", "against", "name")


def assumed_findings(model: type[PolicyFile], tree: dict[str, Any]) -> Iterator[Finding]:
    """``base``, ``peer_groups.by``, ``clauses.<id>`` and ``rules.<id>.window.within`` are paths."""
    raw = tree.get("assumed")
    for index, path in enumerate([raw] if isinstance(raw, str) else raw or ()):
        if isinstance(path, str) and (sentence := _astray(model, tree, path.strip())):
            yield Finding(("assumed", index), sentence)


def _astray(model: type[PolicyFile], tree: Any, path: str) -> str:
    """What is wrong with a path; empty when it leads to something."""
    kind: Any = model
    here, before = tree, ""
    for word in path.split("."):
        before, part = word, before.removesuffix("s")
        if isinstance(here, list):
            parts = {name_of(each): each for each in here if name_of(each)}
            if word not in parts:
                return f"no {part} '{word}': {one_of(word, parts)}"
            here = parts[word]
            continue
        words = words_in(kind)
        asked = here if not words and isinstance(here, dict) else words
        if word not in asked:
            return f"'{path}' is not in this file: {one_of(word, asked)}"
        table = not words or get_origin(words[word].of) is dict
        kind = None if table else inside(words[word].of)
        here = here.get(word) if isinstance(here, dict) else None
    return ""


def name_of(part: Any) -> str:
    """By what a part of a list is named in a path; empty: it has no name."""
    if not isinstance(part, dict):
        return ""
    return next((str(part[word]).strip() for word in NAMED_BY if word in part), "")
