"""Whether two conditions can hold together is decided as trying all answers would decide it."""

from decimal import Decimal
from itertools import product
from typing import Any, cast

from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.policies.conditions import WHOLE, can_be_met, may_both_hold
from domain.policies.header import Condition, When
from domain.policies.scoring import holds
from domain.policies.words import QUESTIONS, FactWord

# Small worlds: every text of up to three of these letters, every number that could tell apart.
LETTERS = "aBß"
TEXTS = ["".join(t) for length in range(4) for t in product(LETTERS, repeat=length)]
TEXTS += ["z", "ssa", "xyz"]
ANSWERS: dict[str, list[Any]] = {
    "severity": [*TEXTS, *(f"{text}~" for text in TEXTS)],
    "category": [*TEXTS, *(f"{text}~" for text in TEXTS)],
    "source": list(QUESTIONS["source"].answers),
    "late": [True, False],
    "changed_hands": [True, False],
    "reworks": list(range(20)),
    "bounces": list(range(20)),
    "score": [Decimal(n) / 4 for n in range(-60, 60)],
}


def several(of: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(of, min_size=1, max_size=3)


def condition(word: str) -> st.SearchStrategy[dict[str, Any]]:
    if word in ("severity", "category"):
        text = st.text(LETTERS, min_size=1, max_size=3)
        asked = {"any_of": several(text), "not": several(text), "starts_with": several(text)}
    elif word == "source":
        source = st.sampled_from(["media", "MEDIA", "patrol", "hotline"])
        beginning = st.sampled_from(["p", "Me", "x", "m", "morning_"])
        asked = {"any_of": several(source), "not": several(source),
                 "starts_with": several(beginning)}  # fmt: skip
    elif word in ("late", "changed_hands"):
        flag = st.sampled_from(["true", "False"])
        asked = {"any_of": several(flag), "not": several(flag)}
    else:
        step = st.sampled_from(["-1", "0", "1", "2", "2.5", "3", "4"])
        asked = {"any_of": several(step), "not": several(step)}
        bounds: Any = dict.fromkeys(("at_least", "at_most", "above", "below"), step)
        asked |= bounds
    return st.fixed_dictionaries({}, optional=asked).filter(bool)


def whens(*words: str) -> st.SearchStrategy[When]:
    return st.fixed_dictionaries({}, optional={word: condition(word) for word in words}).map(
        lambda said: cast(When, {w: Condition.model_validate(c) for w, c in said.items()})
    )


def tried(one: When, other: When) -> bool:
    """By trying every answer to every question. They do not depend on each other."""
    return all(
        any(
            all(holds(each[word], answer) for each in (one, other) if word in each)
            for answer in ANSWERS[word]
        )
        for word in {**one, **other}
    )


CASE_WORDS = ("severity", "category", "source", "late", "changed_hands", "reworks", "bounces")
BIG: When = {"severity": Condition.model_validate({"starts_with": ["B"]})}
NOT_BIG: When = {"severity": Condition.model_validate({"not": ["b", "ba"]})}


@settings(max_examples=500, deadline=None)
@given(whens(*CASE_WORDS), whens(*CASE_WORDS))
@example(BIG, NOT_BIG)
@example({}, {})
def test_two_conditions_hold_together_if_some_answers_meet_both(one: When, other: When) -> None:
    assert may_both_hold(one, other, "case") == tried(one, other)
    assert may_both_hold(other, one, "case") == may_both_hold(one, other, "case")


@settings(max_examples=500, deadline=None)
@given(whens("severity"), whens("severity"))
def test_texts_are_decided_exactly(one: When, other: When) -> None:
    assert may_both_hold(one, other, "case") == tried(one, other)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(["reworks", "score"]), st.data())
def test_numbers_are_decided_exactly(word: FactWord, data: st.DataObject) -> None:
    one, other = data.draw(whens(word)), data.draw(whens(word))
    conditions = [each[word] for each in (one, other) if word in each]
    assert can_be_met(word, conditions, ("inspection",)) == tried(one, other)


def met(word: FactWord, *conditions: dict[str, Any], kind: str = "case") -> bool:
    return can_be_met(word, [Condition.model_validate(each) for each in conditions], (kind,))


def test_counted_numbers_are_whole_and_never_below_zero() -> None:
    assert set(WHOLE) < {word for word, q in QUESTIONS.items() if q.nature == "number"}
    assert not met("reworks", {"above": 1, "below": 2})
    assert not met("reworks", {"below": 0})
    assert not met("reworks", {"any_of": ["1.5"]})
    assert met("score", {"above": 1, "below": 2}, kind="inspection")
    assert met("value", {"below": -5}, kind="reading")


def test_a_few_exceptions_do_not_empty_a_long_range_and_many_empty_a_short_one() -> None:
    assert met("reworks", {"at_most": 10**7}, {"not": ["1", "2"]})
    assert not met("reworks", {"at_least": 1, "at_most": 2}, {"not": ["1", "2"]})
    assert not met("score", {"at_least": 3, "at_most": 3, "not": ["3.0"]}, kind="inspection")


def test_beginnings_fit_when_one_continues_the_other() -> None:
    assert met("category", {"starts_with": ["01"]}, {"starts_with": ["0102", "03"]})
    assert not met("category", {"starts_with": ["01"]}, {"starts_with": ["02"]})
    assert met("category", {"starts_with": ["01"], "not": ["01"]})


def test_a_closed_list_is_all_there_is() -> None:
    others = [source for source in QUESTIONS["source"].answers if source != "media"]
    assert not met("source", {"not": ["media"]}, {"not": others})
    assert met("colour", {"not": ["green", "yellow", "red"]}, kind="slip")
    assert not met("colour", {"not": ["green", "yellow", "red"]}, kind="inspection")
