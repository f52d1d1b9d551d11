"""Policies beside each other: what would rule on the same thing, or names what is not there."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.calendar import Calendars
from domain.deciding import Desk
from domain.errors import Refused
from domain.policies.book import PolicyBook
from domain.policies.commands import AdoptPolicy
from domain.policies.contradictions import clashes
from domain.policies.decide import POLICIES
from domain.policies.events import PolicyAdopted
from domain.policies.header import PolicyFile
from domain.policies.loading import load
from domain.policies.references import in_order
from domain.registry import Registry
from domain.requests import Request
from infra.bundled import preset_folder, presets
from infra.clocks import SystemClock
from infra.event_store.store import SqliteEventStore
from tests.support.calendars import PLAIN
from tests.support.policies import text
from tests.support.policy_kinds import LADDER, SAMPLES, STEP, file
from tests.support.specification import Story

BOARD = text()  # its id is "example"
LIST = SAMPLES["listing"]["lists"][0]
PART = SAMPLES["composite"]["components"][0]
TAKE = LIST["take"][0]


def told(new: str, *there: str) -> list[tuple[str, str]]:
    known = [load(body) for body in (new, *there)]
    return [(clash.code, clash.sentence) for clash in clashes(known[0], known)]


def the_one(new: str, *there: str) -> tuple[str, str]:
    (clash,) = told(new, *there)
    return clash


def ladders(policy_id: str, **changes: Any) -> str:
    return file("supervision", id=policy_id, ladders=[LADDER | changes])


def test_ladders_of_two_policies_that_may_claim_one_case_contradict_each_other() -> None:
    grave, media = {"severity": ["严重", "重大"]}, {"source": "media"}
    code, sentence = the_one(ladders("new", when=media), ladders("old", when=grave))
    assert code == "policy.contradiction"
    assert sentence == (
        "ladder 'colours' of policy 'old' and ladder 'colours' of policy 'new' may claim the same "
        "case, and one matter gets one slip: let both ask for one same word, such as severity, "
        "with different answers"
    )
    apart = {"source": {"not": "MEDIA"}}
    assert told(ladders("new", when=media), ladders("old", when=apart)) == []
    both = {"source": ["media", "hotline"]}
    _, sentence = the_one(ladders("new", when=media), ladders("old", when=both))
    assert sentence.endswith("let their 'source' exclude each other")


def test_two_policies_may_not_give_units_their_colour_differently() -> None:
    here, there = {"source": "media"}, {"source": {"not": "media"}}
    signs = {"by": "latest_inspection", "otherwise": "green"}
    new = file("supervision", id="new", ladders=[LADDER | {"when": here}], unit_colour=signs)
    code, sentence = the_one(new, ladders("old", when=there))
    assert code == "policy.contradiction"
    assert "both say what gives a unit its colour, and differ" in sentence


def test_what_was_replaced_by_its_next_version_contradicts_nothing() -> None:
    first = file("appeals", id="old", effective_from="2025-01-01")
    second = file("money", id="old", version=2, effective_from="2025-06-01")
    assert told(file("appeals", id="new"), first, second, BOARD) == []
    assert told(file("appeals", id="new", effective_from="2025-02-01"), first, second, BOARD) != []


def test_what_is_adopted_already_and_starts_later_counts_too() -> None:
    later = file("appeals", id="later", effective_from="2030-01-01")
    code, sentence = the_one(file("appeals", id="new"), later)
    assert code == "policy.contradiction"
    assert "policies 'later' and 'new' would be in force together" in sentence
    ended = file("money", id="new", version=2, effective_from="2029-01-01")
    assert told(file("appeals", id="new"), later, ended, BOARD) == []


@pytest.mark.parametrize(
    ("changes", "contradict"),
    [
        ({}, True),
        ({"peer_groups": ["street"]}, True),
        ({"period": "week"}, False),
        ({"rules": [SAMPLES["money"]["rules"][0] | {"direction": "reward"}]}, False),
    ],
)
def test_money_of_one_direction_comes_from_one_policy(
    changes: dict[str, Any], contradict: bool
) -> None:
    found = told(file("money", id="new", **changes), file("money", id="old"), BOARD)
    assert [code for code, _ in found] == ["policy.contradiction"] * contradict


def test_peer_groups_keep_money_and_lists_apart() -> None:
    groups = [{"peer_groups": "district"}, {"peer_groups": ["street"]}]
    one, other = (file("money", id=f"m-{at}", **said) for at, said in enumerate(groups))
    assert told(one, other, BOARD) == []
    one, other = (
        file("listing", id=f"l-{at}", lists=[LIST | {"take": [TAKE | said]}])
        for at, said in enumerate(groups)
    )
    assert told(one, other, BOARD) == []
    code, sentence = the_one(one, file("listing", id="all"), BOARD)
    assert code == "policy.contradiction"
    assert "both fill the black list from the ranking of 'example' by week" in sentence
    assert told(one, file("listing", id="r", lists=[LIST | {"list": "red"}]), BOARD) == []


@pytest.mark.parametrize("kind", ["appeals", "indicators"])
def test_there_is_one_policy_of_appeals_and_one_of_indicators(kind: str) -> None:
    code, sentence = the_one(file(kind, id="new"), file(kind, id="old"))
    assert code == "policy.contradiction"
    assert "give the text the id 'old' and the version 2" in sentence


def test_a_board_must_be_in_force_when_it_is_named() -> None:
    code, sentence = the_one(file("money"))
    assert code == "policy.board_unknown"
    assert sentence.endswith("adopt that one before it or together with it")
    code, sentence = the_one(file("money", board="exampel"), BOARD)
    assert "did you mean 'example'?" in sentence
    code, sentence = the_one(file("money"), text(effective_from="2026-02-01"))
    assert code == "policy.board_unknown"
    assert "is in force when it begins" in sentence
    code, sentence = the_one(file("money", board="my-appeals"), file("appeals"), BOARD)
    assert "names the board 'my-appeals', which is no board but of the kind appeals" in sentence


def test_a_board_is_waited_for_by_periods_that_it_ranks() -> None:
    monthly = file("composite", id="monthly")
    code, sentence = the_one(file("money", board="monthly", period="week"), monthly, BOARD)
    assert code == "policy.period_unranked"
    assert "that board ranks month only" in sentence
    weekly = file("composite", id="monthly", version=2, periods="week", effective_from="2026-03-01")
    code, sentence = the_one(weekly, file("money", board="monthly"), BOARD)
    assert code == "policy.period_unranked"
    assert "policy 'my-money' waits for the ranking of 'monthly' by month" in sentence
    year = file(
        "composite",
        id="year",
        periods="year",
        components=[PART | {"board": "monthly", "each": "quarter", "join": "sum"}],
    )
    assert the_one(year, monthly, BOARD)[0] == "policy.period_unranked"


def test_boards_are_not_made_of_each_other_in_a_circle() -> None:
    made = {a: file("composite", id=a, components=[PART | {"board": b}]) for a, b in
            (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))}  # fmt: skip
    code, sentence = the_one(*made.values())
    assert code == "policy.circle"
    assert "(a ← b ← c ← a)" in sentence
    assert [code for code, _ in told(made["d"], made["a"], made["b"], made["c"])] == []


def test_rates_lists_and_colours_are_looked_for_by_name() -> None:
    rate = file("composite", components=[{**PART, "board": None, "indicator": "closin"}])
    rate = rate.replace('"board": null,', "")
    code, sentence = the_one(rate, file("indicators"))
    assert code == "policy.indicator_unknown"
    assert "did you mean 'closing'?" in sentence
    rule = SAMPLES["accountability"]["rules"][0]
    blak = file("accountability", rules=[rule | {"count": {"list": "blak"}}])
    assert told(blak) == []  # lists may be kept by hand
    code, sentence = the_one(blak, file("listing"), BOARD)
    assert code == "policy.list_unknown"
    assert sentence.endswith("did you mean 'black'?")
    rad = file("accountability", rules=[rule | {"count": {"slip": "rad"}}])
    code, sentence = the_one(rad, file("supervision"))
    assert code == "policy.slip_unknown"
    assert sentence.endswith("did you mean 'red'?")


@pytest.mark.parametrize("name", presets())
def test_a_bundled_city_stands_together(name: str) -> None:
    policies = [load(body) for body in preset_folder(name).values()]
    assert [clash for policy in policies for clash in clashes(policy, policies)] == []


def test_what_others_are_made_of_is_adopted_first() -> None:
    bodies = [file("accountability"), file("listing"), file("money", board="my-composite"),
              file("composite", id="a-year", components=[PART | {"board": "my-composite"}]),
              file("composite"), text(version=2), BOARD, file("indicators")]  # fmt: skip
    order = [(policy.id, policy.version) for policy in in_order([load(body) for body in bodies])]
    assert order == [
        ("example", 1), ("example", 2), ("my-indicators", 1), ("my-composite", 1), ("a-year", 1),
        ("my-money", 1), ("my-listing", 1), ("my-accountability", 1),
    ]  # fmt: skip


# --- adopting ----------------------------------------------------------------------------------


def book(*bodies: str) -> PolicyBook:
    return PolicyBook(
        PolicyAdopted(
            policy_id=policy.id, revision=policy.version, effective_from=policy.starts_at,
            digest=policy.digest, body=body,
        )
        for body, policy in ((body, load(body)) for body in bodies)
    )  # fmt: skip


def story(*bodies: str, together: Sequence[str] = ()) -> Story:
    commands = tuple(AdoptPolicy(body=body) for body in together)
    return Story(POLICIES, PLAIN, book=book(*bodies), together=commands)


def test_a_policy_that_contradicts_what_was_adopted_is_not_adopted() -> None:
    refused = story(file("appeals", id="old")).refused
    refused(AdoptPolicy(body=file("appeals", id="new")), "policy.contradiction")
    refused(AdoptPolicy(body=file("money")), "policy.board_unknown")
    assert story(BOARD).when(AdoptPolicy(body=file("money")))


def test_an_id_does_not_change_its_kind() -> None:
    other = AdoptPolicy(body=file("money", id="example", version=2, effective_from="2026-06-01"))
    message = story(BOARD).refused(other, "policy.kind_changed")
    assert "give this one an id of its own" in message


def test_what_is_adopted_together_is_looked_at_together_in_any_order() -> None:
    money = file("money")
    assert story(together=[money, BOARD]).when(AdoptPolicy(body=money))
    one, other = file("appeals", id="one"), file("appeals", id="other")
    story(together=[one, other]).refused(AdoptPolicy(body=one), "policy.contradiction")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = SqliteEventStore.open(tmp_path / "events.sqlite", SystemClock(), Registry())
    yield Desk(store, SystemClock(), (POLICIES,), Calendars.plain)
    store.close()


def test_a_city_is_adopted_whole_or_not_at_all(desk: Desk) -> None:
    bodies = [file("money"), BOARD, file("listing")]
    requests = [Request(AdoptPolicy(body=body), "Li Wei") for body in bodies]
    bad = Request(AdoptPolicy(body=file("listing", id="second")), "Li Wei")
    with pytest.raises(Refused) as refused:
        desk.handle([*requests, bad], "adopt/1")
    assert refused.value.code == "policy.contradiction"
    assert len(desk.standing.policies) == 0
    desk.handle(requests, "adopt/2")
    at = datetime(2026, 5, 1, tzinfo=UTC)
    in_force: tuple[PolicyFile, ...] = desk.standing.policies.files(
        desk.standing.policies.in_force(at)
    )
    assert [policy.id for policy in in_force] == ["example", "my-listing", "my-money"]


def test_what_the_group_before_adopts_is_stood_beside_by_the_next(desk: Desk) -> None:
    first, second, third = (
        ([Request(AdoptPolicy(body=body), "Li Wei")], f"adopt/{number}")
        for number, body in enumerate([BOARD, file("money"), file("money", id="again")])
    )
    answers = desk.handle_all([first, second, third])
    assert [getattr(answer, "code", "") for answer in answers] == ["", "", "policy.contradiction"]


def test_of_two_that_contradict_each_other_at_the_same_moment_one_is_adopted(desk: Desk) -> None:
    adopting = [
        ([Request(AdoptPolicy(body=file("appeals", id=name)), name)], f"adopt/{name}")
        for name in ("one", "other", "third")
    ]
    with ThreadPoolExecutor(3) as people:
        (answers,) = zip(*people.map(lambda group: desk.handle_all([group]), adopting), strict=True)
    codes = sorted(getattr(answer, "code", "") for answer in answers)
    assert codes == ["", "policy.contradiction", "policy.contradiction"]


def test_a_colour_may_be_renamed_when_both_texts_come_together() -> None:
    rule = SAMPLES["accountability"]["rules"][0]
    reds = [
        file("accountability", rules=[rule | {"count": {"slip": "red"}}]), file("supervision"),
    ]  # fmt: skip
    second = {"version": 2, "effective_from": "2026-06-01"}
    steps = [{"colour": "white", **STEP}, {"colour": "crimson", **STEP}]
    crimson = [
        file("accountability", rules=[rule | {"count": {"slip": "crimson"}}], **second),
        file("supervision", ladders=[LADDER | {"steps": steps}], **second),
    ]
    story(*reds).refused(AdoptPolicy(body=crimson[0]), "policy.slip_unknown")
    (event,) = story(*reds, together=crimson).when(AdoptPolicy(body=crimson[0]))
    assert isinstance(event, PolicyAdopted)
