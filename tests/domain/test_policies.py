"""Policy files: what they may say, how errors are told, and how texts follow each other in time."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid, NotFound
from domain.policies.book import PolicyBook
from domain.policies.commands import AdoptPolicy
from domain.policies.decide import POLICIES
from domain.policies.events import PolicyAdopted
from domain.policies.loading import check, load
from domain.policies.reading import LARGEST, read
from tests.support.calendars import PLAIN
from tests.support.policies import POLICY, clause, policy, text
from tests.support.specification import Story


def refusal(body: str) -> Invalid:
    with pytest.raises(Invalid) as refused:
        load(body)
    return refused.value


def top(**changes: Any) -> str:
    return text(**changes)


def rule(**changes: Any) -> str:
    return text(clause(**changes))


SENTENCES: list[tuple[Callable[..., str], dict[str, Any], str]] = [
    (top, {"bsae": 100}, "unknown word 'bsae': did you mean 'base'?"),
    (top, {"ties": None}, "the word 'ties' is missing: places after equal points: competition"),
    (top, {"rounding": None}, "the word 'rounding' is missing: decimals and mode"),
    (top, {"eligibility": None}, "the word 'eligibility' is missing: who is ranked: touched"),
    (top, {"peer_groups": None}, "the word 'peer_groups' is missing: who is compared"),
    (top, {"ties": "dens"}, "unknown value 'dens': did you mean 'dense'?"),
    (top, {"kind": "scroing"}, "unknown value 'scroing': did you mean 'scoring'?"),
    (top, {"rounding": {"decimals": 9, "mode": "half_up"}}, "'decimals' must be at most 4, not 9"),
    (top, {"rounding": {"decimals": 2}}, "the word 'mode' is missing: half_up or half_even"),
    (top, {"rounding": "half_up"}, "'rounding' needs words with values, not 'half_up'"),
    (top, {"peer_groups": {"by": "knd"}}, "unknown value 'knd': did you mean 'kind'?"),
    (top, {"peer_groups": {"by": "all", "kinds": ["stret"]}}, "did you mean 'street'?"),
    (top, {"base": "many"}, "'base' needs a number, not 'many'"),
    (top, {"base": "nan"}, "'base' needs a number, not 'nan'"),
    (top, {"version": "one"}, "'version' needs a whole number, not 'one'"),
    (top, {"floor": 200}, "the floor 200 lies above the base 100"),
    (top, {"ceiling": 50}, "the ceiling 50 lies below the base 100"),
    (top, {"effective_from": "30 February"}, "'30 February' is not a date such as 2026-01-01"),
    (top, {"effective_from": ["2026-01-01"]}, "is not a date such as 2026-01-01"),
    (top, {"timezone": "Asia/Shangai"}, "'Asia/Shangai' is no time zone"),
    (top, {"id": "My City"}, "'My City' must be small letters, digits and hyphens"),
    (top, {"title": {"zh": "样本"}}, "the word 'en' is missing: the English text"),
    (top, {"title": ["样本"]}, "'title' needs words with values, not a list"),
    (top, {"source": " "}, "'source' may not be empty"),
    (top, {"city": ["a"]}, "'city' needs plain text, not a list"),
    (top, {"clauses": []}, "'clauses' may not be empty"),
    (top, {"clauses": "none"}, "'clauses' needs a list, not 'none'"),
    (top, {"assumed": ["bace"]}, "'bace' is not in this file: did you mean 'base'?"),
    (top, {"assumed": ["clauses.overdu"]}, "no clause 'overdu': did you mean 'overdue'?"),
    (top, {"assumed": ["rounding.decimal"]}, "did you mean 'decimals'?"),
    (top, {"assumed": ["clauses.overdue.point"]}, "did you mean 'points'?"),
    (rule, {"on": "case.overdu"}, "unknown value 'case.overdu': did you mean 'case.overdue'?"),
    (rule, {"on": []}, "'on' may not be empty"),
    (rule, {"pionts": 3}, "unknown word 'pionts': did you mean 'points'?"),
    (rule, {"id": "touched"}, "'touched' is the program's own"),
    (rule, {"to": "leed_unit"}, "unknown value 'leed_unit': did you mean 'lead_unit'?"),
    (rule, {"to": "penalised_unit"}, "'penalised_unit' has no part in case.overdue: write lead"),
    (rule, {"points": "minus two"}, "'points' needs a number, not 'minus two'"),
    (rule, {"points": "0.00001"}, "'points' is wrong: decimal input should have no more than 4"),
    (rule, {"points": {"read": "reworks", "plus": 1}}, "unknown word 'plus': write one of: read, "),
    (rule, {"points": {"times": 2}}, "the word 'read' is missing: which number of the fact"),
    (rule, {"points": {"read": "severity"}}, "'severity' is not a number: write one of: score"),
    (rule, {"points": {"read": "score"}}, "'score' is not known of case.overdue: ask for source"),
    (rule, {"when": {"severty": "x"}}, "unknown word 'severty': did you mean 'severity'?"),
    (rule, {"when": {"kind": "ticket"}}, "'kind' is not known of case.overdue: ask for source"),
    (rule, {"when": {"severity": {}}}, "'severity' asks for nothing"),
    (rule, {"when": {"severity": {"isnt": "x"}}}, "unknown word 'isnt': write one of: any_of, not"),
    (rule, {"when": {"severity": {"at_least": 3}}}, "'at_least' does not fit 'severity', which is"),
    (rule, {"when": {"reworks": {"at_leest": 3}}}, "unknown word 'at_leest': did you mean 'at_le"),
    (rule, {"when": {"reworks": {"at_least": "x"}}}, "'at_least' needs a number, not 'x'"),
    (rule, {"when": {"reworks": {"at_least": 3, "below": 3}}}, "no number fits: the limits of 'r"),
    (rule, {"when": {"reworks": "thrice"}}, "'thrice' is not a number"),
    (rule, {"when": {"late": "maybe"}}, "'maybe' is not true or false"),
    (rule, {"when": {"source": "covert"}}, "unknown value 'covert': did you mean 'covert_check'?"),
    (rule, {"when": "late"}, "'when' needs words with values, not 'late'"),
    (rule, {"reason": {"zh": "{servity}", "en": "x"}}, "unknown field '{servity}': did you mean"),
    (rule, {"reason": {"zh": "x", "en": "{points.real}"}}, "write fields as plain names in braces"),
    (rule, {"reason": {"zh": "x", "en": "{points!r}"}}, "write fields as plain names in braces"),
    (rule, {"reason": {"zh": "{", "en": "x"}}, "write fields as plain names in braces"),
]


@pytest.mark.parametrize(
    ("make", "changes", "sentence"), SENTENCES, ids=lambda v: getattr(v, "__name__", str(v)[:60])
)
def test_what_is_wrong_is_told_with_its_line(
    make: Callable[..., str], changes: dict[str, Any], sentence: str
) -> None:
    refused = refusal(make(**changes))
    assert refused.code == "policy.invalid"
    assert sentence in refused.message
    assert re.match(r"line \d+, column \d+: ", refused.message), refused.message


def test_the_place_of_an_error_is_that_of_the_wrong_word() -> None:
    body = rule(when={"late": True, "severty": "x"})
    (problem,) = check(body)
    line = body.splitlines()[problem.mark.line - 1]
    assert line[problem.mark.column - 1 :].startswith('"severty"')


def test_all_errors_are_told_at_once_from_top_to_bottom() -> None:
    bad = clause(to="inspected_unit", when={"severty": "x"})
    worse = clause(id="other", when={"late": "maybe"}, to="inspected_unit")
    message = refusal(text(bad, worse, bsae=1, ties="dens")).message
    lines = message.splitlines()
    assert lines[0] == "the policy file has 5 errors:"
    places = [int(re.findall(r"\d+", line)[0]) for line in lines[1:]]
    assert places == sorted(places)
    for sentence in ("'severty'", "'maybe'", "'bsae'", "'dens'", "no part in case.overdue"):
        assert sentence in message


def test_two_clauses_with_one_id_or_one_question_contradict_each_other() -> None:
    same_id = clause(on="case.reopened")
    assert "two clauses have the id 'overdue'" in refusal(text(clause(), same_id)).message
    again = clause(id="again", on=["case.reopened", "case.overdue"], points=-3)
    sentence = "clauses 'overdue' and 'again' contradict each other: both speak on case.overdue"
    assert sentence in refusal(text(clause(), again)).message


@pytest.mark.parametrize(
    "bad",
    [
        clause(on="penalty.decided", to="penalised_unit", when={"amount": {"at_least": 1000}}),
        clause(on="penalty.decided", to="penalised_unit", points={"read": "amount_fined"}),
        clause(on="penalty.opened", to="penalised_unit", points={"read": "罚款金额"}),
        clause(reason={"zh": "{Fine-Amount}", "en": "x"}),
    ],
)
def test_a_policy_that_reads_statutory_fine_money_is_refused(bad: dict[str, Any]) -> None:
    refused = refusal(text(bad))
    assert refused.code == "policy.fine_income"
    assert "行政处罚法 art. 74" in refused.message
    assert "count the penalties instead" in refused.message


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "the policy file is empty"),
        ("- a\n- b\n", "line 1, column 1: a policy is a list of words with values"),
        ("id: a\nid: b\n", "line 2, column 1: 'id' stands here again (first on line 1): keep one"),
        ("id: &x a\ncity: *x\n", "line 2, column 7: '*x' refers elsewhere"),
        ("id: !!python/name:os.system a\n", "line 1, column 5: the tag"),
        ("id: a\n---\nid: b\n", "line 2, column 1: a file holds one policy"),
        ("? [a]\n: b\n", "line 1, column 3: a word must be plain text"),
        ("id: {a: b\n", "this is not YAML"),
        ("id: a: b\n", "line 1, column 6: this is not YAML"),
        ("id: \x07\n", "this is not YAML"),
        ("id: a\ncity: \ud800\n", "line 2: half a character: type it again"),
        ("id: " + "[" * 40 + "]" * 40, "more than 16 levels inside each other"),
        ("# " + "x" * LARGEST, "may not be larger than 1 MiB"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(body: str, sentence: str) -> None:
    refused = refusal(body)
    assert refused.code == "policy.invalid"
    assert sentence in refused.message


@given(st.data())
def test_whatever_is_written_is_either_sound_or_told_in_sentences(data: st.DataObject) -> None:
    body = rule(when={"severity": {"not": ["a"]}, "late": True}, points={"read": "reworks"})
    at = data.draw(st.integers(0, len(body)))
    inserted = data.draw(st.text('{}[]:,-"&*!|>%@# \n\t0x罚\x00\ud800', max_size=3))
    try:
        problems = check(body[:at] + inserted + body[at + data.draw(st.integers(0, 9)) :])
        told = [problem.sentence for problem in problems]
    except Invalid as refused:
        told = [refused.message]
    assert all(told)


def test_scalars_are_kept_as_they_are_written() -> None:
    written = 'id: x\non: case.closed\ncategory: 0110\nyes: no\npoints: -0.10\ntime: 12:30\nb: "1"'
    assert read(written).tree == {
        "id": "x", "on": "case.closed", "category": "0110", "yes": "no", "points": "-0.10",
        "time": "12:30", "b": "1",
    }  # fmt: skip


# --- digest, adoption, book --------------------------------------------------------------------


def test_the_digest_is_that_of_the_text_in_its_normal_form() -> None:
    body = text(city="Ville é")
    for same in (body.replace("\n", "\r\n"), "\ufeff" + body, body.replace("é", "e\u0301")):
        assert load(same).digest == load(body).digest == hashlib.sha256(body.encode()).hexdigest()
    assert load(body + "\n").digest != load(body).digest
    assert load(body).ref == f"example@1#{load(body).digest[:12]}"


def test_a_policy_starts_at_midnight_of_its_city() -> None:
    assert policy().starts_at == datetime(2025, 12, 31, 16, tzinfo=UTC)
    at_noon = policy(effective_from="2026-01-01T12:00:00+08:00")
    assert at_noon.starts_at == datetime(2026, 1, 1, 4, tzinfo=UTC)


@pytest.fixture
def story() -> Story:
    return Story(POLICIES, PLAIN)  # it is 2 March 2026


def test_a_policy_is_adopted_with_its_text_to_the_letter(story: Story) -> None:
    body = "\n" + text() + "\n\n"
    command = AdoptPolicy(body=body)
    assert command.stream_id == "policy-example"
    (event,) = story.when(command)
    assert event == PolicyAdopted(
        policy_id="example",
        revision=1,
        effective_from=datetime(2025, 12, 31, 16, tzinfo=UTC),
        digest=hashlib.sha256(body.encode()).hexdigest(),
        body=body,
    )


def test_adopting_the_same_text_again_changes_nothing(story: Story) -> None:
    story.when(AdoptPolicy(body=text()))
    assert story.when(AdoptPolicy(body=text().replace("\n", "\r\n"))) == []


def test_an_adopted_text_is_frozen(story: Story) -> None:
    story.when(AdoptPolicy(body=text()))
    message = story.refused(AdoptPolicy(body=text(base=90)), "policy.frozen")
    assert "version 1 of example was adopted with another text" in message
    assert "give the new text version 2" in message


def test_versions_rise(story: Story) -> None:
    story.when(AdoptPolicy(body=text(version=3)))
    later = text(version=2, effective_from="2026-06-01")
    message = story.refused(AdoptPolicy(body=later), "policy.version_behind")
    assert message == "example is at version 3: give the new text version 4"


def test_a_version_starts_after_the_one_before(story: Story) -> None:
    story.when(AdoptPolicy(body=text(effective_from="2026-06-01")))
    same_day = AdoptPolicy(body=text(version=2, effective_from="2026-06-01"))
    message = story.refused(same_day, "policy.overlaps")
    assert "must start after 2026-06-01, when version 1 starts" in message


def test_a_later_version_judges_past_days_only_for_a_stated_reason(story: Story) -> None:
    story.when(AdoptPolicy(body=text()))
    body = text(version=2, effective_from="2026-03-01")
    message = story.refused(AdoptPolicy(body=body), "policy.retroactive")
    assert "would judge the days since 2026-03-01, which passed under version 1" in message
    (event,) = story.when(AdoptPolicy(body=body, backdated="court ruling 12/2026"))
    assert isinstance(event, PolicyAdopted)
    assert event.backdated == "court ruling 12/2026"


def test_a_version_may_start_on_the_day_it_is_adopted(story: Story) -> None:
    story.when(AdoptPolicy(body=text()))
    assert story.when(AdoptPolicy(body=text(version=2, effective_from="2026-03-02")))


def test_an_unreadable_text_cannot_be_adopted() -> None:
    with pytest.raises(Invalid, match="this is not YAML"):
        AdoptPolicy(body="id: a: b").stream_id  # noqa: B018 - asking is enough


def adopted(**changes: Any) -> PolicyAdopted:
    (event,) = Story(POLICIES, PLAIN).when(AdoptPolicy(body=text(**changes)))
    assert isinstance(event, PolicyAdopted)
    return event


def test_the_book_knows_what_is_in_force_at_any_moment() -> None:
    first, second = adopted(), adopted(version=2, effective_from="2026-07-01", base=90)
    other = adopted(id="another", effective_from="2026-03-01")
    book = PolicyBook().adopt(second).adopt(first).adopt(other).adopt(first)
    assert len(book) == 3
    assert book.in_force(datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC)) == ()
    assert book.in_force(datetime(2025, 12, 31, 16, tzinfo=UTC)) == (first.digest,)
    assert book.in_force(datetime(2026, 4, 1, tzinfo=UTC)) == (other.digest, first.digest)
    assert book.in_force(datetime(2030, 1, 1, tzinfo=UTC)) == (other.digest, second.digest)
    assert book.get(second.digest).base == 90
    with pytest.raises(NotFound, match="no policy with digest 000000000000 was adopted"):
        book.get("0" * 64)


def test_the_sample_policy_is_complete() -> None:
    assert load(json.dumps(POLICY, ensure_ascii=False)).touched_by == ("inspection.recorded",)
