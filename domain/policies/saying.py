"""Errors of types as sentences for somebody who writes policies."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple, get_args, get_type_hints

from pydantic import BaseModel

from domain.policies.findings import Finding, nearest
from domain.policies.header import PolicyFile
from domain.policies.reading import Path

# Steps of an error's location that stand for a choice of types, not for a word of the file.
TAGS = (("points", "number"), ("points", "reading"))
NUMBERS = {
    "decimal_parsing", "decimal_type", "int_parsing", "int_type", "int_from_float",
    "float_parsing", "float_type", "finite_number", "int_parsing_size",
}  # fmt: skip
BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


class Word(NamedTuple):
    """A word that may stand in some part of a file: its type and what it means."""

    of: Any
    meaning: str


def words_in(part: Any) -> Mapping[str, Word]:
    """The words of a type that has words, as they are written; empty for any other type."""
    if isinstance(part, type) and issubclass(part, BaseModel):
        return {
            field.alias or name: Word(field.annotation, field.description or "")
            for name, field in part.model_fields.items()
        }
    if isinstance(part, type) and is_dataclass(part):
        hints = get_type_hints(part)
        return {field.name: Word(hints[field.name], "") for field in fields(part)}
    return {}


def inside(annotation: Any) -> Any:
    """The type with words that a type is made of: lists, choices and tables of it lead to it."""
    if words_in(annotation):
        return annotation
    found = (inside(part) for part in get_args(annotation))
    return next((part for part in found if part is not None), None)


def said(model: type[PolicyFile], detail: Any) -> Finding:
    """A validation error as a finding at the word or value it is about."""
    steps = detail["loc"]
    location: Path = tuple(
        step
        for before, step in zip(("", *steps), steps, strict=False)
        if step != "[key]" and (before, step) not in TAGS
    )
    of_key = detail["loc"][-1:] == ("[key]",)
    word = next((step for step in reversed(location) if isinstance(step, str)), "")
    value, context = detail["input"], detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return Finding(location, f"the word '{word}' is missing: {_meaning(model, location)}")
        case "extra_forbidden" | "unexpected_keyword_argument":
            words = list(words_in(_around(model, location)))
            return Finding(location, f"unknown word '{word}': {nearest(str(word), words)}", True)
        case "literal_error":
            allowed = re.findall(r"'([^']*)'", context["expected"])
            what = "word" if of_key else "value"
            if isinstance(value, dict | list):
                return Finding(
                    location, f"'{word}' needs {_one_word(allowed)}, not {_shown(value)}"
                )
            sentence = f"unknown {what} '{value}': {nearest(str(value), allowed)}"
            return Finding(location, sentence, of_key)
        case "value_error":
            return Finding(location, str(context["error"]))
        case "string_pattern_mismatch":
            return Finding(location, _pattern(str(word), value, context))
    return Finding(location, _plainly(str(word), detail))


def _plainly(word: str, detail: Any) -> str:
    """What needs no more than the word and its value."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind in NUMBERS:
        whole = " a whole" if kind.startswith("int") else " a"
        return f"'{word}' needs{whole} number, not {_shown(value)}"
    if kind in BOUNDS:
        bound, words = BOUNDS[kind]
        return f"'{word}' must be {words} {context[bound]}, not {value}"
    match kind:
        case "string_type":
            return f"'{word}' needs plain text, not {_shown(value)}"
        case "model_type" | "dict_type" | "model_attributes_type" | "dataclass_type":
            return f"'{word}' needs words with values, not {_shown(value)}"
        case "tuple_type":
            return f"'{word}' needs a list, not {_shown(value)}"
        case "bool_parsing" | "bool_type":
            return f"'{word}' is true or false, not {_shown(value)}"
        case "string_too_short" | "too_short":
            return f"'{word}' may not be empty"
        case "string_too_long" | "too_long":
            return f"'{word}' may have {context['max_length']} at most: shorten it"
    return f"'{word}' is wrong: {detail['msg'][0].lower()}{detail['msg'][1:]}"


def _pattern(word: str, value: Any, context: Mapping[str, Any]) -> str:
    if context["pattern"].startswith("^[A-Z]"):
        return f"'{value}' is no currency: write its three capital letters, such as CNY"
    return f"'{value}' must be small letters, digits and hyphens"


def _one_word(allowed: list[str]) -> str:
    return f"one of: {', '.join(allowed)}" if allowed else "one word"


def _shown(value: Any) -> str:
    match value:
        case dict():
            return "words with values"
        case list():
            return "a list"
    return f"'{value}'"


def _around(model: type[PolicyFile], location: Path) -> Any:
    """The type whose word stands at the end of the location."""
    here: Any = model
    for step in location[:-1]:
        words = words_in(here)
        if isinstance(step, str) and step in words:
            here = inside(words[step].of) or here
    return here


def _meaning(model: type[PolicyFile], location: Path) -> str:
    word = words_in(_around(model, location)).get(str(location[-1]))
    if word is None:
        return "write it"
    choices = [str(choice) for choice in get_args(word.of) if isinstance(choice, str)]
    return word.meaning or (f"write one of: {', '.join(choices)}" if choices else "write it")
