"""Whether some answer can meet conditions: decided exactly, since the vocabulary is closed."""

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from domain.policies.header import Condition, When
from domain.policies.scoring import holds
from domain.policies.words import QUESTIONS, FactWord

# Numbers that count something: 0, 1, 2, … The others may be any decimal number.
WHOLE: frozenset[FactWord] = frozenset({"findings", "reworks", "bounces", "extensions"})


def may_both_hold(one: When, other: When, kind: str) -> bool:
    """Whether some thing of a kind (``case``) can meet both at the same moment. The questions are
    independent of each other, so each can be answered by itself."""
    return all(
        can_be_met(word, [each[word] for each in (one, other) if word in each], (kind,))
        for word in {**one, **other}
    )


def can_be_met(word: FactWord, conditions: Sequence[Condition], kinds: Sequence[str]) -> bool:
    """Whether one answer of events of these kinds meets all conditions on one question."""
    question = QUESTIONS[word]
    if question.nature == "number":
        return _number(conditions, word in WHOLE)
    if question.nature == "flag":
        return _any_meets((True, False), conditions)
    lists = [question.answers_of(kind) for kind in kinds]
    if all(lists):
        return _any_meets([answer for answers in lists for answer in answers], conditions)
    return _text(conditions)


def _any_meets(answers: Sequence[str | bool | Decimal], conditions: Sequence[Condition]) -> bool:
    return any(all(holds(each, answer) for each in conditions) for answer in answers)


def _text(conditions: Sequence[Condition]) -> bool:
    """Any text may be the answer: with a list of wanted ones those are tried; otherwise there are
    endlessly many that begin rightly, more than can be excluded."""
    wanted = [value for each in conditions for value in each.any_of or ()]
    if wanted:
        return _any_meets(wanted, conditions)
    sets = [
        {text.casefold() for text in each.starts_with} for each in conditions if each.starts_with
    ]
    return not sets or any(
        all(_begins(text, others) for others in sets) for texts in sets for text in texts
    )


def _begins(text: str, beginnings: set[str]) -> bool:
    return any(text[:length] in beginnings for length in range(1, len(text) + 1))


def _number(conditions: Sequence[Condition], whole: bool) -> bool:
    wanted = [Decimal(value) for each in conditions for value in each.any_of or ()]
    if wanted:
        fitting = [n for n in wanted if not whole or (n >= 0 and n == n.to_integral_value())]
        return _any_meets(fitting, conditions)
    low, high = _whole_span(conditions) if whole else _span(conditions)
    if low is None or high is None:
        return True
    if not whole:  # between two numbers lie more than can be excluded
        return low < high or (low == high and _any_meets([low], conditions))
    excluded = {Decimal(value) for each in conditions for value in each.none_of or ()}
    many = int(high - low) + 1
    if many > len(excluded):
        return True
    return _any_meets([low + step for step in range(many)], conditions)


def _span(conditions: Sequence[Condition]) -> tuple[Decimal | None, Decimal | None]:
    lows = [b for each in conditions for b in (each.at_least, each.above) if b is not None]
    highs = [b for each in conditions for b in (each.at_most, each.below) if b is not None]
    return max(lows, default=None), min(highs, default=None)


def _whole_span(conditions: Sequence[Condition]) -> tuple[Decimal | None, Decimal | None]:
    """The smallest and the largest whole number within the limits."""
    lows, highs = [Decimal(0)], []
    up: Callable[[Decimal], Decimal] = lambda n: n.to_integral_value(ROUND_CEILING)  # noqa: E731
    down: Callable[[Decimal], Decimal] = lambda n: n.to_integral_value(ROUND_FLOOR)  # noqa: E731
    for each in conditions:
        lows += [up(each.at_least)] if each.at_least is not None else []
        lows += [down(each.above) + 1] if each.above is not None else []
        highs += [down(each.at_most)] if each.at_most is not None else []
        highs += [up(each.below) - 1] if each.below is not None else []
    return max(lows), min(highs, default=None)
