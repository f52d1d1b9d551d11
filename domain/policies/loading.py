"""From a policy file's text to a policy that can be used, or to all that is wrong with it."""

import hashlib
from functools import lru_cache

from pydantic import ValidationError

from domain.errors import Invalid
from domain.policies.checking import findings, model_of
from domain.policies.findings import CIRCLE, CONTRADICTION, FINE_INCOME, INVALID
from domain.policies.header import PolicyFile
from domain.policies.reading import Document, Problem, normalised, read


@lru_cache(maxsize=64)
def load(text: str) -> PolicyFile:
    """The policy, in its own kind (``kinds.KINDS``). Raises ``Invalid`` naming every error with its
    line and column: ``policy.fine_income`` when it reads statutory fine money;
    ``policy.contradiction`` or ``policy.circle`` when that is all that is wrong with it;
    otherwise ``policy.invalid``."""
    document = read(normalised(text))
    problems = _problems(document)
    if problems:
        raise Invalid(_code(problems), told(problems))
    return _built(document, text)


@lru_cache(maxsize=256)
def adopted(text: str) -> PolicyFile:
    """The policy of a text that was adopted. Only its types are looked at: what was in order
    once stays readable, whatever is checked more strictly since."""
    return _built(read(normalised(text)), text)


def digest_of(text: str) -> str:
    """SHA-256 of a policy file's text in its normal form (NFC, line feeds)."""
    return hashlib.sha256(normalised(text).encode()).hexdigest()


def check(text: str) -> list[Problem]:
    """All that is wrong with a policy file, from top to bottom. Raises ``Invalid`` when it cannot
    even be read as YAML."""
    return _problems(read(normalised(text)))


def told(problems: list[Problem]) -> str:
    """All problems as one message, a line for each."""
    lines = [f"line {p.mark.line}, column {p.mark.column}: {p.sentence}" for p in problems]
    if len(lines) > 1:
        lines.insert(0, f"the policy file has {len(lines)} errors:")
    return "\n".join(lines)


def _problems(document: Document) -> list[Problem]:
    problems = dict.fromkeys(document.problems)
    for finding in findings(document.tree):
        mark = document.place(finding.path, finding.of_word)
        problems.setdefault(Problem(mark, finding.sentence, finding.code))
    return sorted(problems)


def _code(problems: list[Problem]) -> str:
    codes = {problem.code for problem in problems}
    if FINE_INCOME in codes:
        return FINE_INCOME
    return codes.pop() if codes in ({CONTRADICTION}, {CIRCLE}) else INVALID


def _built(document: Document, text: str) -> PolicyFile:
    model = model_of(document.tree)
    if model is None:
        raise Invalid(INVALID, f"no policy is of the kind {document.tree.get('kind')!r}")
    try:
        return model.model_validate(document.tree, context={"digest": digest_of(text)})
    except ValidationError as error:
        raise Invalid(INVALID, f"this is no {document.tree['kind']} policy: {error}") from error
