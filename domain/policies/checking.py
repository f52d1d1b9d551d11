"""What is wrong with a policy beyond its YAML: types, meanings, and what can never happen."""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from domain.policies.assuming import assumed_findings
from domain.policies.checks.boards import composite_findings, scoring_findings
from domain.policies.checks.following import (
    accountability_findings,
    listing_findings,
    money_findings,
)
from domain.policies.checks.measuring import appeal_findings, indicator_findings
from domain.policies.checks.supervising import supervision_findings
from domain.policies.drafts import Draft
from domain.policies.findings import Finding, fine_words, nearest
from domain.policies.header import PolicyFile
from domain.policies.kinds import KINDS
from domain.policies.reading import Path
from domain.policies.saying import said, words_in

CHECKS: Mapping[str, Callable[[Draft], Iterator[Finding]]] = {
    "scoring": scoring_findings,
    "composite": composite_findings,
    "supervision": supervision_findings,
    "money": money_findings,
    "listing": listing_findings,
    "accountability": accountability_findings,
    "indicators": indicator_findings,
    "appeals": appeal_findings,
}


def findings(tree: dict[str, Any]) -> Iterator[Finding]:
    """Everything that is wrong, in no order; a mistake in one part hides none in the others."""
    fines = {finding.path: finding for finding in fine_words(tree)}
    yield from fines.values()
    kind = _likeliest(tree)
    model = KINDS[kind]
    if tree.get("kind") != kind:
        yield _unknown_kind(tree, kind)
    for finding in _type_findings(model, tree):
        if finding.path not in fines and finding.path != ("kind",):
            yield finding
    yield from assumed_findings(model, tree)
    yield from CHECKS[kind](Draft(model, tree))


def model_of(tree: Any) -> type[PolicyFile] | None:
    """The model of the kind that the file says it is."""
    kind = tree.get("kind")
    return KINDS.get(kind) if isinstance(kind, str) else None


def _type_findings(model: type[PolicyFile], tree: dict[str, Any]) -> Iterator[Finding]:
    try:
        model.model_validate(tree)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["type"] == "too_short" and detail["input"]:
                continue  # it has parts, and what is wrong with them is told at each of them
            yield said(model, detail)


def _unknown_kind(tree: dict[str, Any], likeliest: str) -> Finding:
    path: Path = ("kind",)
    if "kind" not in tree:
        return Finding(
            path,
            f"the word 'kind' is missing: write one of: {', '.join(KINDS)} (this looks like "
            f"'{likeliest}')",
        )
    given = tree["kind"]
    if not isinstance(given, str):
        return Finding(path, f"'kind' needs one word: write one of: {', '.join(KINDS)}")
    return Finding(path, f"unknown value '{given}': {nearest(given, list(KINDS))}")


def _likeliest(tree: dict[str, Any]) -> str:
    """The kind the file says it is; where that is none, the kind it looks like, so that all else
    can be looked at too: by a similar word, or by the words that only this kind has."""
    said_kind = str(tree.get("kind"))
    if said_kind in KINDS:
        return said_kind
    close = get_close_matches(said_kind.casefold(), KINDS, n=1, cutoff=0.6)
    if close:
        return close[0]
    return max(KINDS, key=lambda kind: len(words_in(KINDS[kind]).keys() & tree.keys()))
