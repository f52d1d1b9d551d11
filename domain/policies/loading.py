"""From a policy file's text to a policy that can be used, or to all that is wrong with it."""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from domain.errors import Invalid
from domain.policies.checking import (
    Finding,
    clause_findings,
    fine_finding,
    is_fine_word,
    nearest,
    policy_findings,
    repeated_clauses,
)
from domain.policies.header import PolicyFile
from domain.policies.kinds import KINDS
from domain.policies.model import Clause, ScoringPolicy
from domain.policies.reading import Document, Path, Problem, normalised, read

# Steps of an error's location that stand for a choice of types, not for a word of the file.
TAGS = ("[key]", "number", "reading")


@lru_cache(maxsize=64)
def load(text: str) -> PolicyFile:
    """The policy, in its own kind (``kinds.KINDS``). Raises ``Invalid`` naming every error with its
    line and column: ``policy.fine_income`` when a clause reads statutory fine money, otherwise
    ``policy.invalid``."""
    document = read(normalised(text))
    problems = _problems(document)
    if problems:
        lines = [f"line {p.mark.line}, column {p.mark.column}: {p.sentence}" for p in problems]
        if len(lines) > 1:
            lines.insert(0, f"the policy file has {len(lines)} errors:")
        fines = any(problem.code == "policy.fine_income" for problem in problems)
        raise Invalid("policy.fine_income" if fines else "policy.invalid", "\n".join(lines))
    model = _model_of(document.tree)
    return model.model_validate(document.tree, context={"digest": digest_of(text)})


def load_scoring(text: str) -> ScoringPolicy:
    """Raises ``Invalid`` as ``load`` does, and (``policy.not_scoring``) for another kind."""
    policy = load(text)
    if not isinstance(policy, ScoringPolicy):
        raise Invalid("policy.not_scoring", f"{policy.id} is no scoring policy")
    return policy


def digest_of(text: str) -> str:
    """SHA-256 of a policy file's text in its normal form (NFC, line feeds)."""
    return hashlib.sha256(normalised(text).encode()).hexdigest()


def check(text: str) -> list[Problem]:
    """All that is wrong with a policy file, from top to bottom. Raises ``Invalid`` when it cannot
    even be read as YAML."""
    return _problems(read(normalised(text)))


def _problems(document: Document) -> list[Problem]:
    problems = dict.fromkeys(document.problems)
    for finding in _findings(document.tree):
        mark = document.place(finding.path, finding.of_word)
        problems.setdefault(Problem(mark, finding.sentence, finding.code))
    return sorted(problems)


def _findings(tree: Any) -> Iterator[Finding]:
    fines = {finding.path: finding for finding in _fine_words(tree)}
    yield from fines.values()
    model = _model_of(tree)
    try:
        yield from policy_findings(model.model_validate(tree))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["type"] == "too_short" and detail["input"]:
                continue  # it has parts, and what is wrong with them is told at each of them
            finding = _said(model, detail)
            if finding.path not in fines:
                yield finding
    clauses = list(_readable_clauses(tree))
    for index, clause in clauses:
        yield from clause_findings(clause, ("clauses", index))
    yield from repeated_clauses(clauses)


def _readable_clauses(tree: Any) -> Iterator[tuple[int, Clause]]:
    """The clauses that can be read by themselves, so that one error does not hide the next."""
    clauses = tree.get("clauses")
    for index, raw in enumerate(clauses if isinstance(clauses, list) else ()):
        try:
            yield index, Clause.model_validate(raw)
        except ValidationError:
            continue


def _fine_words(tree: Any) -> Iterator[Finding]:
    clauses = tree.get("clauses")
    for index, raw in enumerate(clauses if isinstance(clauses, list) else ()):
        if not isinstance(raw, dict):
            continue
        when, points = raw.get("when"), raw.get("points")
        for word in when if isinstance(when, dict) else ():
            if is_fine_word(word):
                yield fine_finding(("clauses", index, "when", word), word, of_word=True)
        if isinstance(points, dict) and is_fine_word(points.get("read")):
            place: Path = ("clauses", index, "points", "read")
            yield fine_finding(place, points["read"], of_word=False)


def _model_of(tree: Any) -> type[PolicyFile]:
    """The kind of policy the file says it is; where it says nothing sensible, scoring."""
    return KINDS.get(str(tree.get("kind")), ScoringPolicy)


def _said(model: type[PolicyFile], detail: Any) -> Finding:
    """A validation error as a sentence for somebody who writes policies."""
    location: Path = tuple(step for step in detail["loc"] if step not in TAGS)
    of_key = detail["loc"][-1] == "[key]"
    word, value, context = location[-1] if location else "", detail["input"], detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return Finding(location, f"the word '{word}' is missing: {_meaning(model, location)}")
        case "extra_forbidden":
            known = _model_at(model, location).model_fields.items()
            words = [field.alias or name for name, field in known]
            return Finding(location, f"unknown word '{word}': {nearest(str(word), words)}", True)
        case "literal_error":
            allowed = re.findall(r"'([^']*)'", context["expected"])
            what = "word" if of_key else "value"
            sentence = f"unknown {what} '{value}': {nearest(str(value), allowed)}"
            return Finding(location, sentence, of_key)
        case "value_error":
            return Finding(location, str(context["error"]))
        case "string_pattern_mismatch":
            return Finding(location, f"'{value}' must be small letters, digits and hyphens")
        case "decimal_parsing" | "decimal_type" | "int_parsing" | "int_type" | "finite_number":
            return Finding(location, f"'{word}' needs a number, not {_shown(value)}")
        case "string_type":
            return Finding(location, f"'{word}' needs plain text, not {_shown(value)}")
        case "model_type" | "dict_type" | "model_attributes_type":
            return Finding(location, f"'{word}' needs words with values, not {_shown(value)}")
        case "tuple_type":
            return Finding(location, f"'{word}' needs a list, not {_shown(value)}")
        case "string_too_short" | "too_short":
            return Finding(location, f"'{word}' may not be empty")
    return Finding(location, f"'{word}' is wrong: {detail['msg'][0].lower()}{detail['msg'][1:]}")


def _shown(value: Any) -> str:
    match value:
        case dict():
            return "words with values"
        case list():
            return "a list"
    return f"'{value}'"


def _model_at(model: type[BaseModel], location: Path) -> type[BaseModel]:
    """The model whose word stands at the end of the location."""
    here = model
    for step in location[:-1]:
        fields = {field.alias or name: field for name, field in here.model_fields.items()}
        if isinstance(step, str) and step in fields:
            here = _inside(fields[step].annotation) or here
    return here


def _inside(annotation: Any) -> type[BaseModel] | None:
    """The model that a type is made of: lists, choices and tables of it lead to it too."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_inside(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)


def _meaning(model: type[BaseModel], location: Path) -> str:
    fields = _model_at(model, location).model_fields
    named = {field.alias or name: field for name, field in fields.items()}
    field = named.get(str(location[-1]))
    return (field.description if field else None) or "write it"
