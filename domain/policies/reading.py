"""Reads policy YAML into plain text values, remembering on which line each of them stands."""

import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from domain.errors import Invalid

LARGEST = 1024 * 1024
DEEPEST = 16

Path = tuple[str | int, ...]
Tree = dict[str, Any] | list[Any] | str


class Mark(NamedTuple):
    """A place in the file, counted from 1 as editors do."""

    line: int
    column: int


class Problem(NamedTuple):
    """One thing to put right in a policy file."""

    mark: Mark
    sentence: str
    code: str = "policy.invalid"


class Document(NamedTuple):
    """A read file: every scalar is text (``on`` stays ``on``, 0110 stays 0110, -0.5 is exact);
    the places of words and of their values by path; and words that stand twice."""

    tree: dict[str, Any]
    words: dict[Path, Mark]
    values: dict[Path, Mark]
    problems: list[Problem]

    def place(self, location: Path, of_word: bool = False) -> Mark:
        """Where the word or value at a location stands. Steps that the file does not have (a
        missing word, a list that was written as one value) lead to what stands around them."""
        path: Path = ()
        for step in location:
            if (*path, step) in self.values:
                path = (*path, step)
        return (self.words if of_word else self.values).get(path) or self.values[path]


def normalised(text: str) -> str:
    """The form that is digested and kept: NFC, line feeds, no byte order mark."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines)


def read(text: str) -> Document:
    """Raises ``Invalid`` (``policy.invalid``) for what is not one plain, small YAML mapping."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise Invalid("policy.invalid", f"line {line}: half a character: type it again") from error
    if size > LARGEST:
        raise Invalid("policy.invalid", "a policy file may not be larger than 1 MiB: split it")
    try:
        return _Reading(yaml.parse(text, Loader=_Loader)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise Invalid("policy.invalid", f"{where}this is not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise Invalid("policy.invalid", f"this is not YAML: {reason}") from error


# Only its scanner and parser are used: nothing is constructed, so no tag can run code.
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Reading:
    """One pass over the parser's events."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._words: dict[Path, Mark] = {}
        self._values: dict[Path, Mark] = {}
        self._problems: list[Problem] = []

    def document(self) -> Document:
        event = next(self._events)
        while not isinstance(event, yaml.DocumentStartEvent):
            if isinstance(event, yaml.StreamEndEvent):
                raise Invalid("policy.invalid", "the policy file is empty: write the policy in it")
            event = next(self._events)
        first = next(self._events)
        tree = self._node(first, ())
        if not isinstance(tree, dict):
            raise _refused(first, "a policy is a list of words with values, such as 'id: my-city'")
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise _refused(event, "a file holds one policy: move what follows '---' to another")
        return Document(tree, self._words, self._values, self._problems)

    def _node(self, event: Any, path: Path) -> Tree:
        self._values[path] = _mark(event)
        if isinstance(event, yaml.AliasEvent):
            raise _refused(event, f"'*{event.anchor}' refers elsewhere: write the value out here")
        if event.tag is not None and event.tag != "!":
            raise _refused(event, f"the tag {event.tag!r} is not allowed: write the plain value")
        if len(path) > DEEPEST:
            raise _refused(event, f"more than {DEEPEST} levels inside each other")
        match event:
            case yaml.MappingStartEvent():
                return self._mapping(path)
            case yaml.SequenceStartEvent():
                return self._sequence(path)
        return str(event.value)

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._node(event, (*path, len(found))))
        return found

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _refused(event, "a word must be plain text")
            word, place = event.value, (*path, event.value)
            if word in found:
                before = self._words[place].line
                sentence = f"'{word}' stands here again (first on line {before}): keep one"
                self._problems.append(Problem(_mark(event), sentence))
            self._words[place] = _mark(event)
            found[word] = self._node(next(self._events), place)
        return found


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _refused(event: Any, sentence: str) -> Invalid:
    mark = _mark(event)
    return Invalid("policy.invalid", f"line {mark.line}, column {mark.column}: {sentence}")
