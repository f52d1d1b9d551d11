"""From facts to score entries: by hand for the presets, and as properties."""

import time
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accountability import events as accountability
from domain.policies import model
from domain.policies.consequences import Action
from domain.policies.scoring import Entry, Fact, Scorer, score, scorer
from domain.policies.words import ACTIONS, RULINGS
from tests.support.policies import clause, load_scoring, policy

FOLDER = Path(model.__file__).parent / "presets"
TORONTO = load_scoring((FOLDER / "toronto" / "scoring.yaml").read_text(encoding="utf-8"))
DEFAULT = load_scoring((FOLDER / "default" / "scoring.yaml").read_text(encoding="utf-8"))


def short(entries: Any) -> list[tuple[str, str, str]]:
    return [(entry.unit, entry.clause, f"{entry.points:f}") for entry in entries]


def dispatched(**more: Any) -> Fact:
    return Fact(**{"event": "case.dispatched", "unit": "u1", "case_id": "c1", **more})


# --- the presets by hand -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "entries"),
    [
        ({"event": "inspection.recorded", "result": "pass"}, [("sign-pass", "0")]),
        ({"event": "inspection.recorded", "result": "conditional_pass"},
         [("sign-conditional", "-10")]),
        ({"event": "inspection.recorded", "result": "closed"}, [("sign-closed", "-30")]),
        ({"event": "inspection.recorded", "result": "scored"}, [("touched", "0")]),
        ({"event": "case.dispatched", "severity": "Crucial"}, [("infraction-crucial", "-8")]),
        ({"event": "case.dispatched", "severity": "C - Crucial"}, [("infraction-crucial", "-8")]),
        ({"event": "case.dispatched", "severity": "Significant"},
         [("infraction-significant", "-4")]),
        ({"event": "case.dispatched", "severity": "M - Minor"}, [("infraction-minor", "-1")]),
        ({"event": "case.dispatched", "severity": "NA"}, [("infraction-unclassed", "0")]),
        ({"event": "case.dispatched", "severity": "NA - Not Applicable"},
         [("infraction-unclassed", "0")]),
        ({"event": "case.closed", "severity": "Crucial"}, []),
        ({"event": "case.closed", "severity": "Crucial", "on_the_spot": True},
         [("on-the-spot-crucial", "4")]),
        ({"event": "case.closed", "severity": "minor", "on_the_spot": True},
         [("on-the-spot-minor", "0.5")]),
        ({"event": "case.rework_ordered", "reworks": 2}, [("found-again", "-2")]),
        ({"event": "penalty.opened", "kind": "ticket"}, [("charged", "-5")]),
        ({"event": "penalty.withdrawn"}, [("charge-withdrawn", "5")]),
        ({"event": "case.reported"}, []),
        ({"event": "case.verified"}, []),
    ],
)  # fmt: skip
def test_toronto_judges_every_step_of_a_record(
    fact: dict[str, Any], entries: list[tuple[str, str]]
) -> None:
    found = score(TORONTO, Fact(unit="shop", **fact))
    assert [(entry.clause, str(entry.points)) for entry in found] == entries
    assert {entry.unit for entry in found} <= {"shop"}


@pytest.mark.parametrize(
    ("fact", "entries"),
    [
        ({"event": "case.dispatched", "severity": "严重", "source": "media"},
         [("u1", "case-grave", "-4")]),
        ({"event": "case.dispatched", "severity": "较重"}, [("u1", "case-serious", "-2")]),
        ({"event": "case.dispatched"}, [("u1", "case-ordinary", "-1")]),
        ({"event": "case.dispatched", "severity": "一般", "assisting": ("u2", "u3")},
         [("u1", "case-ordinary", "-1"), ("u2", "assisting", "0"), ("u3", "assisting", "0")]),
        ({"event": "case.returned", "bounces": 1}, []),
        ({"event": "case.returned", "bounces": 2}, [("u1", "bounced", "-0.5")]),
        ({"event": "case.overdue"}, [("u1", "overdue", "-2")]),
        ({"event": "case.rework_ordered", "reworks": 2}, [("u1", "rework", "-0.5")]),
        ({"event": "case.rework_ordered", "reworks": 3}, [("u1", "rework-again", "-1")]),
        ({"event": "case.closed"}, [("u1", "closed-in-time", "0")]),
        ({"event": "case.closed", "late": True}, [("u1", "closed-late", "0")]),
        ({"event": "inspection.recorded", "result": "scored", "source": "covert_check",
          "score": Decimal("93.5")}, [("u1", "covert-check", "-1.3000")]),
        ({"event": "inspection.recorded", "result": "scored", "source": "patrol",
          "score": Decimal(90)}, [("u1", "other-check", "-1.0000")]),
    ],
)  # fmt: skip
def test_the_default_policy_judges_every_step_of_a_case(
    fact: dict[str, Any], entries: list[tuple[str, str, str]]
) -> None:
    assert short(score(DEFAULT, Fact(unit="u1", **fact))) == entries


def test_a_case_that_goes_to_another_unit_takes_its_points_along() -> None:
    moved = dispatched(unit="u2", previous_unit="u1", severity="严重")
    assert short(score(DEFAULT, moved)) == [("u2", "case-grave", "-4"), ("u1", "moved-grave", "4")]
    again = dispatched(unit="u1", previous_unit="u1", severity="严重")
    assert short(score(DEFAULT, again)) == []


def test_every_inspection_of_every_result_leaves_an_entry_on_its_unit() -> None:
    for rules in (TORONTO, DEFAULT, policy()):
        for result in ("pass", "conditional_pass", "closed", "scored"):
            entries = score(rules, Fact(event="inspection.recorded", unit="shop", result=result))
            assert [entry.unit for entry in entries] == ["shop"]


# --- the engine --------------------------------------------------------------------------------


def test_an_entry_says_by_which_clause_of_which_policy_and_why_in_both_languages() -> None:
    rules = policy(
        clause(
            on="case.rework_ordered",
            points={"read": "reworks", "times": "-0.25"},
            reason={
                "zh": "{source}案件第{reworks}次返工，{late}，计{points}分",
                "en": "{source}: {points}",
            },
        )
    )
    fact = Fact(event="case.rework_ordered", unit="u1", source="covert_check", reworks=3)
    assert score(rules, fact) == [
        Entry(
            unit="u1",
            points=Decimal("-0.75"),
            clause="overdue",
            policy=rules.ref,
            reason_zh="暗访案件第3次返工，否，计-0.75分",
            reason_en="covert check: -0.75",
        )
    ]


def test_a_city_s_own_words_stand_in_the_reason_as_they_are() -> None:
    reason = {"zh": "{severity}/{category}", "en": "{severity}/{category}"}
    rules = policy(clause(on="case.closed", reason=reason))
    (entry,) = score(rules, Fact(event="case.closed", unit="u", severity="closed"))
    assert (entry.reason_zh, entry.reason_en) == ("closed/未注明", "closed/not stated")


@pytest.mark.parametrize(
    ("condition", "fact", "speaks"),
    [
        ({"severity": "Grave"}, {"severity": "GRAVE"}, True),
        ({"severity": ["a", "b"]}, {"severity": "b"}, True),
        ({"severity": ["a", "b"]}, {"severity": "c"}, False),
        ({"severity": {"any_of": ["a"]}}, {"severity": "a"}, True),
        ({"severity": {"not": "a"}}, {"severity": "b"}, True),
        ({"severity": {"not": ["a", "b"]}}, {"severity": "B"}, False),
        ({"category": {"starts_with": "01"}}, {"category": "0110"}, True),
        ({"category": {"starts_with": ["02", "03"]}}, {"category": "0110"}, False),
        ({"category": "0110"}, {"category": "0110"}, True),
        ({"late": True}, {"late": True}, True),
        ({"late": False}, {"late": True}, False),
        ({"late": {"not": True}}, {"late": False}, True),
        ({"reworks": 3}, {"reworks": 3}, True),
        ({"reworks": "3.0"}, {"reworks": 3}, True),
        ({"reworks": {"not": [1, 2]}}, {"reworks": 2}, False),
        ({"reworks": {"at_least": 3}}, {"reworks": 3}, True),
        ({"reworks": {"at_least": 3}}, {"reworks": 2}, False),
        ({"reworks": {"at_most": 3}}, {"reworks": 3}, True),
        ({"reworks": {"above": 3}}, {"reworks": 3}, False),
        ({"reworks": {"below": 3}}, {"reworks": 3}, False),
        ({"reworks": {"above": 1, "below": 3}}, {"reworks": 2}, True),
        ({"reworks": {"at_least": 1}, "late": True}, {"reworks": 2, "late": False}, False),
        ({"changed_hands": True}, {"previous_unit": "v"}, True),
        ({"changed_hands": True}, {"previous_unit": "u"}, False),
    ],
)
def test_a_clause_speaks_when_all_its_conditions_hold(
    condition: dict[str, Any], fact: dict[str, Any], speaks: bool
) -> None:
    rules = policy(clause(on="case.closed", when=condition))
    assert bool(score(rules, Fact(event="case.closed", unit="u", **fact))) is speaks


def test_a_number_that_is_not_known_meets_no_condition_and_gives_no_points() -> None:
    checked = {"on": "inspection.recorded", "to": "inspected_unit"}
    for asked in ({"below": 60}, {"not": 60}):
        rules = policy(clause(**checked, when={"score": asked}))
        entries = score(rules, Fact(event="inspection.recorded", unit="u"))
        assert short(entries) == [("u", "touched", "0")]
    rules = policy(clause(**checked, points={"read": "score", "minus": 100}))
    entries = score(rules, Fact(event="inspection.recorded", unit="u"))
    assert short(entries) == [("u", "touched", "0")]


def test_points_that_follow_a_number_are_exact_to_four_decimals() -> None:
    points = {"read": "score", "minus": "0.3", "times": "0.0005"}
    rules = policy(clause(on="inspection.recorded", to="inspected_unit", points=points))
    fact = Fact(event="inspection.recorded", unit="u", score=Decimal("0.4"))
    assert short(score(rules, fact)) == [("u", "overdue", "0.0001")]  # 0.00005, half up


def test_which_events_touch_a_unit_is_the_policy_s_word() -> None:
    fact = Fact(event="inspection.recorded", unit="u", result="pass")
    assert short(score(policy(touched_by=[]), fact)) == []
    closing = Fact(event="case.closed", unit="u")
    assert short(score(policy(touched_by=["case.closed"]), closing)) == [("u", "touched", "0")]


def test_points_go_to_each_assisting_unit_once_and_never_to_nobody() -> None:
    rules = policy(
        clause(on="case.dispatched", to="assisting_units"), clause(id="lead", on="case.closed")
    )
    assert short(score(rules, dispatched(assisting=("a", "b", "a", "")))) == [
        ("a", "overdue", "-2"), ("b", "overdue", "-2"),
    ]  # fmt: skip
    assert short(score(rules, Fact(event="case.closed", unit=""))) == []


def test_a_corrected_inspection_gives_the_difference_as_new_entries() -> None:
    wrong = Fact(event="inspection.recorded", unit="shop", result="closed")
    right = Fact(
        event="inspection.corrected", unit="shop", result="conditional_pass", corrects=wrong
    )
    entries = score(TORONTO, right)
    assert short(entries) == [("shop", "sign-closed", "30"), ("shop", "sign-conditional", "-10")]
    assert entries[0].reason_zh == "更正记录：被责令关闭，扣30分"
    assert sum(entry.points for entry in [*score(TORONTO, wrong), *entries]) == -10
    same = Fact(event="inspection.corrected", unit="shop", result="closed", corrects=wrong)
    assert score(TORONTO, same) == []
    raised = Fact(
        event="inspection.recorded", unit="u", result="scored", source="expert", score=Decimal(80)
    )
    better = Fact(
        event="inspection.corrected", unit="u", result="scored", source="expert",
        score=Decimal(95), corrects=raised,
    )  # fmt: skip
    assert short(score(DEFAULT, better)) == [("u", "covert-check", "3.0000")]


# --- multipliers and vetoes --------------------------------------------------------------------

REWORKED = [
    clause(id="rework", on="case.rework_ordered", points="-0.2",
           reason={"zh": "返工，计{points}分", "en": "rework: {points} points"}),
    clause(id="third", on="case.rework_ordered", points="-0.5", when={"reworks": {"above": 2}}),
]  # fmt: skip
DOUBLE = {"id": "watched", "when": {"source": ["media", "supervisor"]}, "times": 2}
HALF = {"id": "minor", "when": {"severity": "minor"}, "times": "0.333", "clauses": ["rework"]}


def reworked(multipliers: list[dict[str, Any]], **more: Any) -> list[tuple[str, str, str]]:
    fact = Fact(event="case.rework_ordered", unit="u", **more)
    return short(score(policy(*REWORKED, multipliers=multipliers), fact))


def test_a_multiplier_changes_the_points_of_what_it_is_for() -> None:
    assert reworked([DOUBLE], source="media", reworks=3) == [
        ("u", "rework", "-0.4000"), ("u", "third", "-1.0000"),
    ]  # fmt: skip
    assert reworked([DOUBLE], source="patrol", reworks=1) == [("u", "rework", "-0.2")]


def test_all_multipliers_that_hold_multiply_and_the_product_is_rounded_once() -> None:
    both = reworked([DOUBLE, HALF], source="media", severity="minor", reworks=3)
    assert both == [("u", "rework", "-0.1332"), ("u", "third", "-1.0000")]
    tiny = {**HALF, "times": "0.0003"}  # -0.2 × 0.0003 × 2 = -0.00012, not -0.0002 from -0.00006
    assert reworked([DOUBLE, tiny], source="media", severity="minor")[0][2] == "-0.0001"


def test_an_entry_tells_its_multiplied_points_and_the_multipliers() -> None:
    rules = policy(*REWORKED, multipliers=[DOUBLE, HALF])
    (entry,) = score(rules, Fact(event="case.rework_ordered", unit="u", source="media"))
    assert (entry.reason_zh, entry.multipliers) == ("返工，计-0.4分", ("watched",))


def test_a_multiplier_leaves_events_alone_that_cannot_answer_it() -> None:
    opened = clause(id="fined", on="penalty.opened", points=-5, to="penalised_unit")
    not_patrol = {"id": "x", "when": {"source": {"not": "patrol"}}, "times": 2}
    rules = policy(opened, clause(), multipliers=[not_patrol])
    assert short(score(rules, Fact(event="penalty.opened", unit="u"))) == [("u", "fined", "-5")]


def test_a_correction_takes_a_veto_back_even_without_points() -> None:
    rules = policy(
        clause(id="fraud", on="inspection.recorded", to="inspected_unit", points=0, veto=True,
               when={"result": "closed"})
    )  # fmt: skip
    wrong = Fact(event="inspection.recorded", unit="u", result="closed")
    right = Fact(event="inspection.corrected", unit="u", result="pass", corrects=wrong)
    assert [(e.clause, e.points, e.veto) for e in score(rules, wrong)] == [("fraud", Decimal(0), 1)]
    taken = [(e.clause, e.points, e.veto) for e in score(rules, right)]
    assert ("fraud", Decimal(0), -1) in taken


# --- slips, accountability, readings -----------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "to", "when", "fact"),
    [
        ("slip.issued", "supervised_unit", {"colour": "orange"}, {"colour": "orange"}),
        ("slip.failed", "supervised_unit", {"colour": ["red", "black"]}, {"colour": "black"}),
        ("accountability.decided", "accountable_unit",
         {"action": "veto", "decision": "ordered"}, {"action": "veto", "decision": "ordered"}),
        ("reading.recorded", "measured_unit",
         {"indicator": "satisfaction", "value": {"below": 90}},
         {"indicator": "satisfaction", "value": Decimal("89.9")}),
    ],
)  # fmt: skip
def test_clauses_speak_on_what_follows_from_supervision_and_measuring(
    on: str, to: str, when: dict[str, Any], fact: dict[str, Any]
) -> None:
    rules = policy(clause(on=on, to=to, when=when))
    assert short(score(rules, Fact(event=on, unit="u", **fact))) == [("u", "overdue", "-2")]
    assert score(rules, Fact(event=on, unit="u")) == []


def test_a_reading_gives_points_and_its_correction_the_difference() -> None:
    points = {"read": "value", "minus": 90, "times": "0.5"}
    rules = policy(clause(on="reading.recorded", to="measured_unit", points=points))
    wrong = Fact(event="reading.recorded", unit="u", value=Decimal("88.50"))
    right = Fact(event="reading.corrected", unit="u", value=Decimal(93), corrects=wrong)
    assert short(score(rules, wrong)) == [("u", "overdue", "-0.7500")]
    assert short(score(rules, right)) == [("u", "overdue", "2.2500")]


def test_what_the_vocabulary_repeats_is_what_the_events_say() -> None:
    assert get_args(Action) == ACTIONS
    assert get_args(accountability.Decision) == RULINGS


FACTS = st.builds(
    Fact,
    event=st.sampled_from(
        ["case.dispatched", "case.closed", "case.rework_ordered", "case.overdue", "case.returned",
         "inspection.recorded", "penalty.opened", "case.filed"]
    ),
    unit=st.sampled_from(["u1", "u2", ""]),
    previous_unit=st.sampled_from(["u1", "u3", ""]),
    assisting=st.sampled_from([(), ("u3",), ("u3", "u4")]),
    severity=st.sampled_from(["严重", "较重", "一般", "", "Crucial"]),
    result=st.sampled_from(["pass", "scored", "closed"]),
    source=st.sampled_from(["covert_check", "patrol"]),
    score=st.none() | st.decimals(0, 100, places=2),
    on_the_spot=st.booleans(),
    late=st.booleans(),
    reworks=st.integers(0, 5),
    bounces=st.integers(0, 5),
)  # fmt: skip


@given(st.lists(FACTS, max_size=30))
def test_what_was_judged_before_never_changes_a_judgment(facts: list[Fact]) -> None:
    for rules in (TORONTO, DEFAULT):
        fresh = [list(Scorer(rules).score(fact)) for fact in facts]
        assert [list(score(rules, fact)) for fact in facts] == fresh


@given(FACTS)
def test_one_clause_gives_a_unit_at_most_one_entry_per_event(fact: Fact) -> None:
    for rules in (TORONTO, DEFAULT):
        keys = [(entry.unit, entry.clause) for entry in score(rules, fact)]
        assert len(keys) == len(set(keys))


def test_a_fact_is_judged_in_microseconds() -> None:
    """The bound is ten times what is promised, so that a busy machine does not fail it."""
    facts = [
        dispatched(severity="S - Significant", category=f"category {n % 997}", source="patrol")
        for n in range(1000)
    ] + [Fact(event="case.reported", unit="u") for _ in range(1000)]
    prepared = scorer(TORONTO)
    start = time.process_time()
    for _ in range(10):
        for fact in facts:
            prepared.score(fact)
    assert (time.process_time() - start) / 20_000 < 15e-6


def test_equal_numbers_read_alike_however_they_are_written() -> None:
    reason = {"zh": "得{score}分", "en": "{score} points"}
    points = {"read": "score", "minus": 100}
    judged = policy(
        clause(on="inspection.recorded", to="inspected_unit", points=points, reason=reason)
    )
    for written in ("96", "96.0000", "96.00"):
        fact = Fact(event="inspection.recorded", unit="u1", score=Decimal(written))
        (entry,) = Scorer(judged).score(fact)
        assert (entry.reason_zh, entry.reason_en) == ("得96分", "96 points")
