"""What types cannot say about a policy: clauses that can never speak, contradict or repeat."""

import string
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import NamedTuple

from domain.policies.header import Condition, PolicyFile
from domain.policies.model import Clause, Reading, ScoringPolicy
from domain.policies.reading import Path
from domain.policies.words import (
    FINE_WORDS,
    OPERATORS,
    QUESTIONS,
    RECIPIENTS,
    TOUCHED,
    FactWord,
    Question,
    kind_of,
    words_for,
)


class Finding(NamedTuple):
    """What is wrong at a path of the file; ``of_word``: with the word itself, not its value."""

    path: Path
    sentence: str
    of_word: bool = False
    code: str = "policy.invalid"


def nearest(word: str, allowed: Sequence[str]) -> str:
    """The end of a sentence about an unknown word: the likeliest right one, or all of them."""
    close = get_close_matches(word.casefold(), allowed, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else f"write one of: {', '.join(allowed)}"


def is_fine_word(word: object) -> bool:
    return str(word).strip().casefold().replace("-", "_").replace(" ", "_") in FINE_WORDS


def fine_finding(path: Path, word: str, of_word: bool) -> Finding:
    return Finding(
        path,
        f"'{word}' reads statutory fine money, which may not feed any assessment "
        "(行政处罚法 art. 74): count the penalties instead",
        of_word,
        "policy.fine_income",
    )


def clause_findings(clause: Clause, path: Path) -> Iterator[Finding]:
    if clause.id == TOUCHED:
        yield Finding((*path, "id"), f"'{TOUCHED}' is the program's own: choose another id")
    for event in clause.on:
        allowed = RECIPIENTS[kind_of(event)]
        if clause.to not in allowed:
            yield Finding(
                (*path, "to"), f"'{clause.to}' has no part in {event}: write {' or '.join(allowed)}"
            )
        asked = list(clause.when)
        asked += [clause.points.read] if isinstance(clause.points, Reading) else []
        for word in asked:
            if word not in words_for(event):
                where: Path = ("when", word) if word in clause.when else ("points", "read")
                yield Finding((*path, *where), _not_known(word, event), where[0] == "when")
    for word, condition in clause.when.items():
        known = _answers(word, clause.on)
        yield from _condition_findings(word, condition, (*path, "when", word), known)
    if isinstance(clause.points, Reading) and QUESTIONS[clause.points.read].nature != "number":
        numbers = [word for word, question in QUESTIONS.items() if question.nature == "number"]
        yield Finding(
            (*path, "points", "read"),
            f"'{clause.points.read}' is not a number: write one of: {', '.join(numbers)}",
        )
    for language in ("zh", "en"):
        yield from _reason_findings(clause, language, (*path, "reason", language))


def policy_findings(policy: PolicyFile) -> Iterator[Finding]:
    """What concerns the policy as a whole; its clauses are looked at one by one elsewhere."""
    if isinstance(policy, ScoringPolicy):
        low, high = policy.floor, policy.ceiling
        if low is not None and low > policy.base:
            yield Finding(("floor",), f"the floor {low} lies above the base {policy.base}")
        if high is not None and high < policy.base:
            yield Finding(("ceiling",), f"the ceiling {high} lies below the base {policy.base}")
    for index, assumed in enumerate(policy.assumed):
        yield from _assumed_findings(policy, assumed, ("assumed", index))


def repeated_clauses(clauses: Sequence[tuple[int, Clause]]) -> Iterator[Finding]:
    """Two clauses with one id, or two that would both give points for the very same thing."""
    ids: dict[str, int] = {}
    asked: dict[tuple[str, str, str], Clause] = {}
    for index, clause in clauses:
        if clause.id in ids:
            yield Finding(
                ("clauses", index, "id"), f"two clauses have the id '{clause.id}': rename one"
            )
        ids[clause.id] = index
        when = sorted((word, repr(condition)) for word, condition in clause.when.items())
        for event in clause.on:
            other = asked.setdefault((event, clause.to, repr(when)), clause)
            if other is not clause:
                yield Finding(
                    ("clauses", index),
                    f"clauses '{other.id}' and '{clause.id}' contradict each other: both speak on "
                    f"{event} under the same conditions to {clause.to}; keep one",
                )
                break


def _answers(word: FactWord, events: Sequence[str]) -> tuple[str, ...]:
    """What these events can answer, where all of them answer from closed lists; empty: any text."""
    lists = [QUESTIONS[word].answers_of(kind_of(event)) for event in events]
    return tuple(dict.fromkeys(a for answers in lists for a in answers)) if all(lists) else ()


def _condition_findings(
    word: FactWord, condition: Condition, path: Path, known: tuple[str, ...]
) -> Iterator[Finding]:
    question = QUESTIONS[word]
    allowed = OPERATORS[question.nature]
    if not condition.operators:
        yield Finding(path, f"'{word}' asks for nothing: give a value or {', '.join(allowed)}")
    for operator in condition.operators:
        if operator not in allowed:
            yield Finding(
                (*path, operator),
                f"'{operator}' does not fit '{word}', which is a {question.nature}: "
                f"write one of: {', '.join(allowed)}",
                of_word=True,
            )
    for operator, answers in (("any_of", condition.any_of), ("not", condition.none_of)):
        for index, answer in enumerate(answers or ()):
            if sentence := _bad_answer(question, answer, known):
                yield Finding((*path, operator, index), sentence)
    if question.nature == "number" and _empty_range(condition):
        yield Finding(path, f"no number fits: the limits of '{word}' exclude each other")


def _bad_answer(question: Question, answer: str, known: tuple[str, ...]) -> str:
    if question.nature == "flag" and answer.casefold() not in ("true", "false"):
        return f"'{answer}' is not true or false"
    if question.nature == "number":
        try:
            finite = Decimal(answer).is_finite()
        except InvalidOperation:
            finite = False
        return "" if finite else f"'{answer}' is not a number"
    if known and answer.casefold() not in known:
        return f"unknown value '{answer}': {nearest(answer, known)}"
    return ""


def _empty_range(condition: Condition) -> bool:
    lows = [bound for bound in (condition.at_least, condition.above) if bound is not None]
    highs = [bound for bound in (condition.at_most, condition.below) if bound is not None]
    if not lows or not highs:
        return False
    low, high = max(lows), min(highs)
    open_end = low == condition.above or high == condition.below
    return low > high or (low == high and open_end)


def _reason_findings(clause: Clause, language: str, path: Path) -> Iterator[Finding]:
    text = getattr(clause.reason, language)
    allowed = ["points", *(w for w in QUESTIONS if all(w in words_for(e) for e in clause.on))]
    for name, plain in _named(text):
        if is_fine_word(name):
            yield fine_finding(path, name, of_word=False)
        elif not plain:
            yield Finding(path, f"write fields as plain names in braces, such as {{{allowed[1]}}}")
        elif name not in allowed:
            yield Finding(path, f"unknown field '{{{name}}}': {nearest(name, allowed)}")


def _named(text: str) -> list[tuple[str, bool]]:
    """The fields in a sentence, and whether each is nothing but a name."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return [("", False)]
    return [
        (name, name.isidentifier() and not layout and not conversion)
        for _, name, layout, conversion in parts
        if name is not None
    ]


def _assumed_findings(policy: PolicyFile, assumed: str, path: Path) -> Iterator[Finding]:
    """``base``, ``peer_groups.by``, ``clauses.<id>`` and ``rules.<id>.window`` are paths."""
    here: object = policy
    before = ""
    for word in assumed.split("."):
        before, one = word, before.removesuffix("s")
        if isinstance(here, tuple):
            parts = {str(part.id): part for part in here if hasattr(part, "id")}
            if word not in parts:
                yield Finding(path, f"no {one} '{word}': {_one_of(word, parts)}")
                return
            here = parts[word]
            continue
        known = getattr(type(here), "model_fields", {}).items()
        fields = {field.alias or name: name for name, field in known}
        if word not in fields:
            yield Finding(path, f"'{assumed}' is not in this file: {_one_of(word, fields)}")
            return
        here = getattr(here, fields[word])


def _one_of(word: str, known: Iterable[str]) -> str:
    words = list(known)
    return nearest(word, words) if words else "it goes no deeper"


def _not_known(word: FactWord, event: str) -> str:
    return f"'{word}' is not known of {event}: ask for {', '.join(words_for(event))}"
