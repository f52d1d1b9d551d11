"""A clause is found in every kind of policy, with its title, its article and what is assumed."""

import pytest

from domain.policies.clauses import assumed_words, clause_in, started
from domain.policies.loading import load
from domain.policies.supervision import SupervisionPolicy
from infra.bundled import preset_folder
from tests.support.policies import clause, composite_text, part, policy

PRESETS = (
    "changzhou", "default", "jiangmen", "jinhua", "longchang", "qinhuangdao", "sanming",
    "shenyang", "suqian", "tianmen", "tongchuan", "toronto", "zhangjiagang",
)  # fmt: skip


@pytest.mark.parametrize("name", PRESETS)
def test_every_part_that_an_entry_or_a_reason_can_name_is_found(name: str) -> None:
    for body in preset_folder(name).values():
        file = load(body)
        lists = ("clauses", "multipliers", "ladders", "rules", "lists", "rates", "targets")
        for word in lists:
            for each in getattr(file, word, ()):
                named = getattr(each, "id", "") or each.against
                found = clause_in(file, named)
                assert found is not None
                assert found.part is each
                assert found.title.zh
                assert found.title.en
        assert clause_in(file, "no-such-clause") is None


def test_a_clause_says_whether_all_of_it_or_a_word_in_it_is_assumed() -> None:
    file = policy(
        clause(id="late", basis="第八条"),
        clause(id="rework", on="case.rework_ordered"),
        assumed=["rounding", "clauses.late.points", "clauses.rework"],
    )
    late, rework = clause_in(file, "late"), clause_in(file, "rework")
    assert late is not None
    assert (late.basis, late.assumed) == ("第八条", ("points",))
    assert rework is not None
    assert rework.assumed == ("",)
    assert assumed_words(file) == ("rounding",)


def test_the_standard_and_the_entry_without_a_clause_have_titles_of_their_own() -> None:
    file = policy(standard={"below": 60, "basis": "第九条"})
    standard, touched = clause_in(file, "standard"), clause_in(file, "touched")
    assert standard is not None
    assert (standard.title.en, standard.basis) == ("Standard", "第九条")
    assert touched is not None
    assert touched.part is None
    assert clause_in(policy(), "standard") is None


def test_a_component_of_a_composite_is_a_clause_too() -> None:
    file = load(composite_text(part("weekly", "0.7", board="example")))
    found = clause_in(file, "weekly")
    assert found is not None
    assert found.path == "components.weekly"


def test_a_ladder_is_found_with_the_article_of_what_started_it() -> None:
    (body,) = (b for b in preset_folder("sanming").values() if "ladders" in b)
    file = load(body)
    assert isinstance(file, SupervisionPolicy)
    for named in ("three-colours", "ladders.three-colours", "three-colours.red"):
        assert clause_in(file, named) is not None
    start = file.ladders[0].starts[0]
    found = started(file, "three-colours", start.reason.zh)
    assert found is not None
    assert found.basis == (start.basis or "")
    colour = clause_in(file, "unit_colour.open_slips")
    assert colour is not None
    assert colour.title.en == "Colour of a unit"
    assert colour.assumed == ("",)
