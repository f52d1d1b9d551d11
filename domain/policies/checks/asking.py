"""What parts of several kinds share: conditions on events, sentences with fields, limits."""

import math
import string
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from domain.calendar.clocks import LONGEST
from domain.cases.events import Limit
from domain.policies.conditions import can_be_met
from domain.policies.findings import Finding, fine_finding, is_fine_word, nearest
from domain.policies.header import Bilingual, Condition, When
from domain.policies.reading import Path
from domain.policies.words import (
    OPERATORS,
    QUESTIONS,
    FactWord,
    Question,
    kind_of,
    words_for,
)


def when_findings(when: When, events: Sequence[str], path: Path) -> Iterator[Finding]:
    """Questions that an event cannot answer, and conditions that cannot be met."""
    for event in events:
        for word in when:
            if word not in words_for(event):
                yield Finding((*path, word), not_known(word, event), True)
    for word, condition in when.items():
        yield from condition_findings(word, condition, (*path, word), events)


def not_known(word: FactWord, event: str) -> str:
    return f"'{word}' is not known of {event}: ask for {', '.join(words_for(event))}"


def condition_findings(
    word: FactWord, condition: Condition, path: Path, events: Sequence[str]
) -> Iterator[Finding]:
    found = list(_operator_findings(word, condition, path))
    found += _answer_findings(word, condition, path, _answers(word, events))
    yield from found
    kinds = [kind for kind in map(kind_of, events) if kind in QUESTIONS[word].kinds]
    if not found and kinds and not can_be_met(word, [condition], kinds):
        number = QUESTIONS[word].nature == "number"
        sentence = (
            f"no number fits: the limits of '{word}' exclude each other"
            if number
            else f"no answer fits: what '{word}' demands excludes itself"
        )
        yield Finding(path, sentence)


def _operator_findings(word: FactWord, condition: Condition, path: Path) -> Iterator[Finding]:
    nature = QUESTIONS[word].nature
    allowed = OPERATORS[nature]
    if not condition.operators:
        yield Finding(path, f"'{word}' asks for nothing: give a value or {', '.join(allowed)}")
    for operator in condition.operators:
        if operator not in allowed:
            yield Finding(
                (*path, operator),
                f"'{operator}' does not fit '{word}', which is a {nature}: "
                f"write one of: {', '.join(allowed)}",
                of_word=True,
            )


def _answer_findings(
    word: FactWord, condition: Condition, path: Path, known: tuple[str, ...]
) -> Iterator[Finding]:
    for operator, answers in (("any_of", condition.any_of), ("not", condition.none_of)):
        for index, answer in enumerate(answers or ()):
            if sentence := _bad_answer(QUESTIONS[word], answer, known):
                yield Finding((*path, operator, index), sentence)


def _answers(word: FactWord, events: Sequence[str]) -> tuple[str, ...]:
    """What these events can answer, where all of them answer from closed lists; empty: any text."""
    lists = [QUESTIONS[word].answers_of(kind_of(event)) for event in events]
    return tuple(dict.fromkeys(a for answers in lists for a in answers)) if all(lists) else ()


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


def reason_findings(reason: Bilingual, allowed: Sequence[str], path: Path) -> Iterator[Finding]:
    """Fields in the sentences of a reason that nothing would fill in."""
    for language, text in (("zh", reason.zh), ("en", reason.en)):
        place = (*path, language)
        for name, plain in _named(text):
            if is_fine_word(name):
                yield fine_finding(place, name, of_word=False)
            elif not plain:
                yield Finding(
                    place, f"write fields as plain names in braces, such as {{{allowed[-1]}}}"
                )
            elif name not in allowed:
                yield Finding(place, f"unknown field '{{{name}}}': {nearest(name, allowed)}")


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


def limit_findings(limit: Limit, path: Path) -> Iterator[Finding]:
    """A limit that has passed before it begins, or that never ends."""
    longest = LONGEST[limit.clock]
    if not (math.isfinite(limit.amount) and 0 < limit.amount <= longest):
        yield Finding(
            (*path, "amount"),
            f"a limit of {limit.amount:g} {limit.clock} cannot be kept: write more than 0 and at "
            f"most {longest}",
        )
