"""What can never happen, contradicts or repeats in a policy of any kind is told at its line."""

import copy
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.policies.kinds import KINDS
from domain.policies.loading import adopted, check, digest_of, load
from tests.support.policies import CLAUSE, clause, text
from tests.support.policy_kinds import (
    LADDER,
    SAMPLES,
    STEP,
    bent,
    file,
    limit,
    named,
    sample,
    written,
)

RATE = SAMPLES["indicators"]["rates"][0]
RULE = SAMPLES["accountability"]["rules"][0]
MONEY = SAMPLES["money"]["rules"][0]
LIST = SAMPLES["listing"]["lists"][0]
PART = SAMPLES["composite"]["components"][0]
START = LADDER["starts"][0]
APPEAL = SAMPLES["appeals"]["rules"][0]
TIMES_TWO = {"id": "x", "when": {"source": "media"}, "times": 2}
BANDS = {"by": "points", "otherwise": "green", "board": "b", "period": "month"}

# Kind, path, what stands there instead, the sentence, and where it is told (a bit of that line).
WRONG: list[tuple[str, str, Any, str, str]] = [
    # composite
    ("composite", "components", [PART, PART], "two components have the id 'part'", '"part"'),
    ("composite", "components.0.weight", 0, "with the weight 0 it counts for nothing", '"weight"'),
    ("composite", "components.0.survey", "s", "write exactly one of board, indicator", "{"),
    ("composite", "components.0.join", "sum", "'each' and 'join' belong together", "{"),
    ("composite", "components.0", PART | {"each": "month", "join": "sum"},
     "no month holds several periods of the kind 'month': write a shorter kind", '"each"'),
    ("composite", "components.0", PART | {"each": "year", "join": "sum"},
     "no month holds several periods of the kind 'year'", '"each"'),
    ("composite", "periods", ["month", "month"], "'month' stands twice: keep one", '"month"'),
    ("composite", "periods", ["decade"], "unknown value 'decade': write one of: day, w", '"decade'),
    ("composite", "periods", [], "'periods' may not be empty", '"periods"'),
    ("composite", "missing", None, "the word 'missing' is missing: a component without", "{"),
    ("composite", "standard", {"below": 60, "belo": 1}, "did you mean 'below'?", '"belo"'),
    ("composite", "order", "high", "unknown value 'high': write one of: high_first", '"order"'),
    # supervision
    ("supervision", "ladders.0.starts.0.colour", "whit",
     "the ladder has no colour 'whit': did you mean 'white'?", '"colour"'),
    ("supervision", "ladders.0.steps.1.colour", "white",
     "two steps have the colour 'white': rename one", '"colour"'),
    ("supervision", "ladders.0.steps.0.limit.amount", 0,
     "a limit of 0 working_days cannot be kept: write more than 0 and at most 2500", '"amount"'),
    ("supervision", "ladders.0.steps.0.limit.amount", "inf", "a limit of inf", '"amount"'),
    ("supervision", "ladders.0.steps.0.limit.amount", "x", "'amount' needs a number", '"amount"'),
    ("supervision", "ladders.0.steps.0.limit.clock", "days", "unknown value 'days'", '"clock"'),
    ("supervision", "ladders.0.steps.0.limit", "3 days", "'limit' needs words with v", "limit"),
    ("supervision", "ladders.0.steps.0.limit", {"amont": 3, "clock": "working_days"},
     "unknown word 'amont': did you mean 'amount'?", '"amont"'),
    ("supervision", "ladders.0.when", {"score": {"below": 3}},
     "'score' is not known of case.dispatched: ask for source, category", '"score"'),
    ("supervision", "ladders.0.starts.0.when", {"resutl": "pass"}, "unknown word", "resutl"),
    ("supervision", "ladders.0.starts.0.when", {"result": "pass"},
     "'result' is not known of case.overdue", '"result"'),
    ("supervision", "ladders.0.starts.0.on", "case.closed", "unknown value 'case.closed'", '"on"'),
    ("supervision", "ladders.0.starts.0.reason.zh", "{points}", "unknown field '{points}'", '"zh"'),
    ("supervision", "ladders.0.starts", [START, START | {"colour": "red"}],
     "two starts ask the same of case.overdue ('white' and 'red')", "{"),
    ("supervision", "ladders.0", LADDER | {"when": {"late": True},
                                           "starts": [START | {"when": {"late": False}}]},
     "it never starts: what it asks excludes the cases that ladder 'colours' is for", '"when"'),
    ("supervision", "unit_colour.by", "points", "'by: points' needs 'board': the id", '"by"'),
    ("supervision", "unit_colour.board", "b", "'board' is for 'by: points' only", '"board"'),
    ("supervision", "unit_colour", BANDS | {"bands": [{"colour": "a", "below": 60},
                                                      {"colour": "b", "below": 60}]},
     "bands rise, gravest first: 60 does not lie above 60", '"below"'),
    ("supervision", "unit_colour", BANDS | {"bands": [{"colour": "a", "below": 6},
                                                      {"colour": "a", "below": 60}]},
     "two bands have the colour 'a': keep one", '"colour"'),
    ("supervision", "unit_colour.otherwise", None, "the word 'otherwise' is missing: the c", "{"),
    # money
    ("money", "rules", [MONEY, MONEY | {"place": 2}], "two rules have the id 'last'", '"id"'),
    ("money", "ties", None, "the word 'ties' is missing: what tied units get", "{"),
    ("money", "currency", "yuan", "'yuan' is no currency: write its three capital", '"currency"'),
    ("money", "rules.0.amount", -5, "'amount' must be more than 0, not -5", '"amount"'),
    ("money", "rules.0.place", 0, "'place' must be at least 1, not 0", '"place"'),
    ("money", "rules.0.place", 1.5, "'place' needs a whole number, not '1.5'", '"place"'),
    ("money", "period", "monthly", "unknown value 'monthly': did you mean 'month'?", '"period"'),
    # listing
    ("listing", "lists", [LIST, LIST], "two lists have the id 'black': rename one", '"id"'),
    ("listing", "lists.0.reason.en", "{plaec}", "unknown field '{plaec}': did you mean", '"en"'),
    ("listing", "lists.0.take.0", {"from": "last", "number": 1, "below": 5, "at_least": 6},
     "nobody has fewer points than 'below' and at least", '"below"'),
    ("listing", "lists.0.take", [{"from": "last", "number": 1}] * 2,
     "the same units are taken twice: keep one", "{"),
    ("listing", "valid_days", None, "the word 'valid_days' is missing: how many days", "{"),
    # accountability
    ("accountability", "rules.0.window", None, "the word 'window' is missing: which of", "{"),
    ("accountability", "rules.0.window", {"within": "rolling"},
     "a rolling window, and no other, needs its 'days'", '"window"'),
    ("accountability", "rules.0.window", {"within": "consecutive"},
     "'within: consecutive', and nothing else, needs 'consecutive: calendar_period'", '"window"'),
    ("accountability", "rules.0.window", {"within": "consecutive", "consecutive": "sequence"},
     "'sequence' is for slips only", '"consecutive"'),
    ("accountability", "rules.0", RULE | {"count": {"slip": "red"}, "window": {
        "within": "consecutive", "consecutive": "ranked_period"}},
     "'ranked_period' is for lists only", '"consecutive"'),
    ("accountability", "rules.0.count", {"list": "a", "slip": "b"},
     "write exactly one of list, slip and action", '"count"'),
    ("accountability", "rules.0.reason.zh", "{time}", "unknown field '{time}': did you mean", "zh"),
    ("accountability", "rules.0.action", "refer", "unknown value 'refer': did you mean", '"action'),
    # indicators
    ("indicators", "rates", [RATE, RATE], "two rates have the id 'closing': rename one", '"id"'),
    ("indicators", "rates.0.denominator", "closed_in_time",
     "'closed_in_time' is divided by itself and always gives 100 %", '"denominator"'),
    ("indicators", "rates.0.minus", "closed_in_time", "taken from itself and always", '"minus"'),
    ("indicators", "rates.0.excluding", ["due_to_close"],
     "without 'due_to_close' the denominator 'due_to_close' is always 0", '"due_to_close"'),
    ("indicators", "rates.0.excluding", ["filed", "filed"], "'filed' is excluded twice", '"filed"'),
    ("indicators", "rates.0", RATE | {"at_least": 9, "at_most": 8},
     "no number is at least 9 and at most 8", '"at_most"'),
    ("indicators", "targets.0.id", "closing", "a rate and a target have the id 'closing'", '"id"'),
    ("indicators", "grades", [{"name": "A", "at_least": 75}, {"name": "B", "at_least": 90}],
     "grades fall, best first: 90 does not lie below 75", '"at_least"'),
    ("indicators", "grades", [{"name": "A", "at_least": 75}, {"name": "A", "at_least": 60}],
     "two grades are called 'A': rename one", '"name"'),
    # appeals
    ("appeals", "rules.0.within", limit(-1), "a limit of -1 working_days cannot be", '"amount"'),
    ("appeals", "rules.0.against", "points", "unknown value 'points': write one of", '"against"'),
    # scoring
    ("scoring", "multipliers", [TIMES_TWO, TIMES_TWO], "two multipliers have the id 'x'", '"id"'),
    ("scoring", "multipliers", [TIMES_TWO | {"clauses": ["overdu"]}],
     "there is no clause 'overdu': did you mean 'overdue'?", '"overdu"'),
    ("scoring", "multipliers", [TIMES_TWO | {"when": {"kind": "x"}}],
     "it never multiplies: no event of its clauses knows 'kind'", '"when"'),
    ("scoring", "multipliers", [TIMES_TWO | {"when": {"source": "medai"}}],
     "unknown value 'medai': did you mean 'media'?", '"source"'),
    ("scoring", "multipliers", [TIMES_TWO | {"when": {}}], "'when' may not be empty", '"when"'),
    ("scoring", "multipliers", [TIMES_TWO | {"times": 0}], "'times' must be more than 0", "times"),
    ("scoring", "clauses.0.veto", "maybe", "'veto' is true or false, not 'maybe'", '"veto"'),
    ("scoring", "clauses.0.when", {"severity": {"any_of": ["a"], "not": ["A"]}},
     "no answer fits: what 'severity' demands excludes itself", '"severity"'),
    ("scoring", "clauses.0.when", {"reworks": {"above": 1, "below": 2}},
     "no number fits: the limits of 'reworks' exclude each other", '"reworks"'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "path", "value", "sentence", "line"),
    WRONG,
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_told_at_its_line(
    kind: str, path: str, value: Any, sentence: str, line: str
) -> None:
    body = bent(kind, path, value)
    told = {problem.sentence: problem.mark for problem in check(body)}
    (mark,) = [mark for said, mark in told.items() if sentence in said]
    assert line in body.splitlines()[mark.line - 1], (mark, told)
    with pytest.raises(Invalid, match=r"line \d+, column \d+: "):
        load(body)


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_of_a_kind_is_sound(kind: str) -> None:
    assert isinstance(load(file(kind)), KINDS[kind])


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("appeals", "rules", [APPEAL, APPEAL]),
        ("money", "rules", [MONEY, MONEY | {"id": "b", "direction": "reward"}]),
        ("money", "rules", [MONEY | {"place": 3},
                            MONEY | {"id": "b", "from": "first", "place": 2}]),
        ("accountability", "rules", [RULE, RULE | {"id": "again"}]),
        ("supervision", "ladders", [LADDER, LADDER | {"id": "b"}]),
        ("supervision", "ladders", [LADDER | {"when": {"severity": {"starts_with": ["A", "b"]}}},
                                    LADDER | {"id": "b", "when": {"severity": "BIG"}}]),
    ],
)  # fmt: skip
def test_rules_that_contradict_each_other_have_a_code_of_their_own(
    kind: str, path: str, value: Any
) -> None:
    with pytest.raises(Invalid) as refused:
        load(bent(kind, path, value))
    assert refused.value.code == "policy.contradiction"


def test_two_ladders_for_one_case_are_named_with_how_to_keep_them_apart() -> None:
    bare, other = LADDER, LADDER | {"id": "media", "when": {"source": "media"}}
    (problem,) = check(bent("supervision", "ladders", [bare, other]))
    assert problem.sentence == (
        "ladders 'colours' and 'media' may claim the same case, and one matter gets one slip: say "
        "in 'when' which cases 'colours' is for, and exclude these with 'not'"
    )
    apart = LADDER | {"when": {"source": {"not": "media"}}}
    assert not check(bent("supervision", "ladders", [apart, other]))


def test_a_board_is_never_made_of_itself() -> None:
    with pytest.raises(Invalid, match="'my-composite' would be made of itself") as refused:
        load(bent("composite", "components.0.board", "my-composite"))
    assert refused.value.code == "policy.circle"


def test_an_unknown_kind_is_told_once_and_all_else_is_looked_at_by_the_likeliest() -> None:
    (problem,) = check(file("supervision", kind="supervison"))
    assert problem.sentence == "unknown value 'supervison': did you mean 'supervision'?"
    (problem,) = check(file("money", kind=None))
    assert problem.sentence.startswith("the word 'kind' is missing: write one of: scoring, compo")
    assert problem.sentence.endswith("(this looks like 'money')")
    told = [p.sentence for p in check(file("listing", kind="xyz", ties=None))]
    assert len(told) == 2
    assert any("the word 'ties' is missing" in sentence for sentence in told)
    assert any("unknown value 'xyz': write one of: scoring" in sentence for sentence in told)
    (problem,) = check(file("money", kind=["money"]))
    assert "'kind' needs one word" in problem.sentence


def test_an_error_in_one_part_hides_none_in_the_others() -> None:
    tree = sample("supervision")
    broken = copy.deepcopy(LADDER) | {"id": "b", "escalate": "somtimes"}
    wrong = copy.deepcopy(LADDER) | {"id": "colours", "steps": [{"colour": "red", **STEP}]}
    tree["ladders"] = [broken, wrong]
    tree["unit_colour"] = {"by": "points", "otherwise": "green"}
    tree["assumed"] = ["ladders.b.stepz"]
    told = "\n".join(p.sentence for p in check(file("supervision", **{
        word: tree[word] for word in ("ladders", "unit_colour", "assumed")
    })))  # fmt: skip
    for sentence in (
        "unknown value 'somtimes'", "no colour 'white'", "needs 'bands'", "did you mean 'steps'?",
    ):  # fmt: skip
        assert sentence in told


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("money", "rules.last.amount"), ("supervision", "ladders.colours.starts"),
        ("supervision", "ladders.colours.steps.white.limit.amount"), ("appeals", "rules"),
        ("appeals", "rules.score_entry.within.clock"),
        ("indicators", "rates.closing.rounding.mode"),
        ("indicators", "grades.A.at_least"), ("composite", "components.part.band.least"),
        ("accountability", "rules.twice.window.days"), ("listing", "lists.black.take"),
        ("scoring", "clauses.overdue.when"), ("composite", "peer_groups.kinds"),
    ],
)  # fmt: skip
def test_any_word_of_any_kind_may_be_marked_as_assumed(kind: str, path: str) -> None:
    assert not check(file(kind, assumed=[path]))
    (problem,) = check(file(kind, assumed=f"{path}x"))
    assert re.search(r"is not in this file|no (rule|step|grade) ", problem.sentence)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("composite", "components.0", {**PART, "board": None, "survey": "fine-income"}),
        ("composite", "components.0", {**PART, "board": None, "indicator": "fined-amount"}),
        ("composite", "components.0.title.zh", "罚款收入完成率"),
        ("indicators", "targets.0.id", "penalty-income"),
        ("indicators", "targets.0.title.en", "Income from fines"),
        ("scoring", "clauses.0", CLAUSE | {"on": "reading.recorded", "to": "measured_unit",
                                           "when": {"indicator": "fine-revenue"}}),
        ("scoring", "clauses.0", CLAUSE | {"on": "reading.recorded", "to": "measured_unit",
                                           "when": {"indicator": {"starts_with": ["fines"]}}}),
        ("scoring", "multipliers", [TIMES_TWO | {"when": {"fine_amount": {"above": 5}}}]),
        ("scoring", "multipliers", [TIMES_TWO | {"times": {"read": "fine"}}]),
        ("listing", "lists.0.reason.zh", "{罚款}"),
        ("accountability", "rules.0.reason.en", "{late_fee}"),
        ("supervision", "ladders.0.starts.0.when", {"fines": 3}),
    ],
)  # fmt: skip
def test_statutory_fine_money_is_refused_wherever_it_is_read(
    kind: str, path: str, value: Any
) -> None:
    tree = value
    if isinstance(value, dict):
        tree = {word: said for word, said in value.items() if said is not None}
    with pytest.raises(Invalid, match=r"行政处罚法 art\. 74") as refused:
        load(bent(kind, path, tree))
    assert refused.value.code == "policy.fine_income"


@pytest.mark.parametrize("name", ["fine-dust", "income", "amount", "fine-particles", "penalties"])
def test_innocent_names_are_no_fines(name: str) -> None:
    assert not check(bent("indicators", "targets.0.id", name))


def test_the_standard_must_be_able_to_divide() -> None:
    for changes, sentence in (
        ({"standard": {"below": 0}, "floor": 0}, "nobody can be below 0: the floor is 0"),
        ({"standard": {"below": 101}, "ceiling": 100}, "everybody would be below 101"),
        ({"standard": {"below": 60}, "order": "low_first"}, "the standard would veto the best"),
    ):
        (problem,) = check(text(**changes))
        assert sentence in problem.sentence


def test_what_was_adopted_once_stays_readable_whatever_is_checked_since() -> None:
    body = text(clause(when={"reworks": {"above": 1, "below": 2}}))
    with pytest.raises(Invalid):
        load(body)
    assert adopted(body).digest == digest_of(body)
    with pytest.raises(Invalid, match="no policy is of the kind 'x'"):
        adopted(text(kind="x"))
    with pytest.raises(Invalid, match="this is no scoring policy"):
        adopted(text(base=None))


def test_named_parts_are_told_by_the_words_of_the_city() -> None:
    body = bent("indicators", "rates.0.title", named("率", ""))
    assert "'en' may not be empty" in "".join(p.sentence for p in check(body))


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4),
    st.sampled_from(["points", "month", "0", "-1", "1e999", "nan", "a.b", "{x", "{", "true", "[]"]),
    st.lists(st.text(max_size=2), max_size=2), st.just({}), st.just([]), st.just({"id": "a"}),
    st.dictionaries(st.sampled_from(["id", "on", "when", "read", "any_of", "x"]),
                    st.text(max_size=3), max_size=2),
)  # fmt: skip


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if not isinstance(tree, dict | list):
        return found
    for key, part in tree.items() if isinstance(tree, dict) else enumerate(tree):
        found += places(part, (*path, key))
    return found


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_no_change_to_a_sound_policy_is_answered_by_anything_but_sentences(
    kind: str, data: st.DataObject
) -> None:
    tree = sample(kind, assumed=["effective_from"])
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(tree)))
        here = tree
        for key in path[:-1]:
            here = here[key]
        how = data.draw(st.sampled_from(["put", "put", "drop", "add", "swap"]))
        if how == "drop":
            del here[path[-1]]
        elif how == "add" and isinstance(here, dict):
            here[data.draw(st.sampled_from(["when", "board", "id", "x", "read", "bands"]))] = (
                data.draw(ODD)
            )
        elif how == "swap":
            other = data.draw(st.sampled_from(sorted(KINDS)))
            here[path[-1]] = copy.deepcopy(
                data.draw(st.sampled_from(list(SAMPLES[other].values())))
            )
        else:
            here[path[-1]] = data.draw(ODD)
        if not places(tree):
            break
    body = written(tree)
    told = answer(body)
    assert told.startswith("policy.") if told else load(body).digest == digest_of(body)


def answer(body: str) -> str:
    """The code of the refusal; empty: it is sound."""
    try:
        load(body)
    except Invalid as refused:
        return refused.code if refused.message else "without a sentence"
    return ""
