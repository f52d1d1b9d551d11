"""History under other policies: who would have moved, and that nobody moves under the same."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import Invalid
from domain.inspections.commands import CorrectInspection
from domain.periods import PeriodKind
from domain.policies.book import PolicyBook
from domain.policies.events import PolicyAdopted
from domain.policies.loading import load
from domain.registry import Registry
from domain.units.commands import MoveUnit
from infra.bundled import preset_folder
from infra.event_store import SqliteEventStore
from infra.event_store.store import EVENTS_FILE
from projections.backtesting import Backtest, Standing, backtest
from tests.support.preset_cities import told

THREE = {f"d{n}": ("district", "city") for n in (1, 2, 3)}
MARCH = (date(2026, 3, 1), date(2026, 4, 1))


def text(preset: str, file: str, *changes: tuple[str, str]) -> str:
    found = preset_folder(preset)[file]
    for old, new in changes:
        assert old in found
        found = found.replace(old, new)
    return found


def replayed(store: SqliteEventStore, new: Sequence[str], period: PeriodKind = "month") -> Backtest:
    before = store.last_position()
    found = backtest(store, book_of(store), [load(each) for each in new], *MARCH, period)
    assert store.last_position() == before
    return found


def book_of(store: SqliteEventStore) -> PolicyBook:
    adopted = (envelope.event for envelope in store.load_kind("policy"))
    return PolicyBook(event for event in adopted if isinstance(event, PolicyAdopted))


def places(found: Backtest) -> list[tuple[str, str, str, str, str]]:
    return [
        (
            move.board, move.period, move.unit,
            f"{move.real.place}: {move.real.points}" if move.real else "",
            f"{move.new.place}: {move.new.points}" if move.new else "",
        )
        for move in found.moves
    ]  # fmt: skip


@pytest.fixture(scope="module")
def shenyang(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteEventStore]:
    """Three districts: two weeks of covert checks, one visit of the experts in March."""
    folder = tmp_path_factory.mktemp("shenyang")
    with told(folder, "shenyang", THREE, "2026-03-02 08:00") as story:
        for day, scores in (("03-04", "90 80 70"), ("03-11", "80 82 76")):
            story.at(f"2026-{day} 10:00")
            for unit, score in zip(THREE, scores.split(), strict=True):
                story.sheet(unit, score)
        story.at("2026-03-20 10:00")
        for unit, score in zip(THREE, ("60", "80", "90"), strict=True):
            story.sheet(unit, score, "expert")
    with closing(SqliteEventStore.open_read_only(folder / EVENTS_FILE, Registry())) as store:
        yield store


def test_under_the_same_policies_nobody_moves_and_nothing_else_follows(
    shenyang: SqliteEventStore,
) -> None:
    found = replayed(shenyang, list(preset_folder("shenyang").values()))
    assert (found.moves, found.changes) == ((), ())
    assert found.ranked == 9  # three districts on three boards
    assert all(real == new for real, new in found.replaced)


def test_other_weights_move_the_composite_and_no_other_board(shenyang: SqliteEventStore) -> None:
    heavier = text("shenyang", "composite.yaml", ("weight: 0.7", "weight: 0.4"),
                   ("weight: 0.3", "weight: 0.6"), ("version: 1", "version: 2"))  # fmt: skip
    found = replayed(shenyang, [heavier])
    assert places(found) == [
        ("shenyang-composite", "2026-03", "d2", "1: 80.70", "2: 80.40"),
        ("shenyang-composite", "2026-03", "d3", "2: 78.10", "1: 83.20"),
        ("shenyang-composite", "2026-03", "d1", "3: 77.50", "3: 70.00"),
    ]


def test_a_new_board_moves_what_is_made_of_it(shenyang: SqliteEventStore) -> None:
    half = text("shenyang", "expert.yaml", ("minus: 100}", "minus: 100, times: 0.5}"))
    assert {(move.board, move.unit) for move in replayed(shenyang, [half]).moves} == {
        (board, unit) for board in ("shenyang-expert", "shenyang-composite") for unit in THREE
    }


def test_a_policy_of_another_name_stands_for_the_only_one_of_its_kind(
    shenyang: SqliteEventStore,
) -> None:
    other = text("shenyang", "composite.yaml", ("id: shenyang-composite", "id: other"),
                 ("decimals: 2", "decimals: 0"))  # fmt: skip
    found = replayed(shenyang, [other])
    assert [real.partition("@")[0] for real, _ in found.replaced] == ["shenyang-composite"]
    assert {move.board for move in found.moves} == {"shenyang-composite"}


def test_a_policy_with_nothing_to_stand_for_stands_beside_the_others(
    shenyang: SqliteEventStore,
) -> None:
    third = text("shenyang", "scoring.yaml", ("id: shenyang", "id: third"))
    found = replayed(shenyang, [third])
    assert found.replaced == (("", load(third).ref),)
    assert [(move.board, move.real) for move in found.moves] == [("third", None)] * 3


def test_days_are_widened_to_whole_periods(shenyang: SqliteEventStore) -> None:
    found = replayed(shenyang, [text("shenyang", "scoring.yaml")], "week")
    assert (found.periods[0], found.periods[-1], len(found.periods)) == ("2026-W09", "2026-W14", 6)
    assert (found.first, found.end) == (date(2026, 2, 23), date(2026, 4, 6))
    assert found.ranked == 9  # two weeks of covert checks and one of the experts


def test_what_makes_no_sense_is_refused_with_a_sentence(shenyang: SqliteEventStore) -> None:
    book = book_of(shenyang)
    one = load(text("shenyang", "scoring.yaml"))
    two = load(text("shenyang", "scoring.yaml", ("version: 1", "version: 2")))
    lost = load(text("shenyang", "money.yaml", ("board: shenyang-", "board: nowhere-")))
    for new, first, end, code in (
        ([lost], *MARCH, "policy.board_unknown"),
        ([], *MARCH, "backtest.no_policy"),
        ([one, two], *MARCH, "backtest.same_id"),
        ([one], MARCH[1], MARCH[0], "backtest.no_days"),
    ):
        with pytest.raises(Invalid) as refused:
            backtest(shenyang, book, new, first, end)
        assert refused.value.code == code


def test_corrections_and_moves_count_as_they_are_known_now(tmp_path: Path) -> None:
    units = {"e": ("district", "city"), "w": ("district", "city"), "s1": ("street", "e"),
             "s2": ("street", "e"), "s3": ("street", "w")}  # fmt: skip
    strict = text("default", "scoring.yaml", ("peer_groups: {by: kind, kinds: [district, street,",
                  "peer_groups: {by: parent, kinds: [district, street,"))  # fmt: skip
    with told(tmp_path, "default", units, "2026-03-02 08:00") as story:
        for unit in ("s1", "s2", "s3"):
            story.sheet(unit, "90", "patrol")
        (visit, *_) = [key for key, _ in story.events("inspection")]
        correction = CorrectInspection(
            inspection_id=visit, result="scored", score=Decimal(50), reason="mistyped"
        )
        story.at("2026-04-10 09:00").do(correction)
        story.do(MoveUnit(unit_id="s3", parent="e"))  # after March: it was still in the west
        found = replayed(story.runtime.store, [strict])
    assert [(m.peer_group, m.unit, m.real, m.new) for m in found.moves if m.new] == [
        ("e", "s2", None, Standing(1, Decimal("99.00"))),
        ("e", "s1", None, Standing(2, Decimal("95.00"))),
        ("w", "s3", None, Standing(1, Decimal("99.00"))),
    ]


def test_rates_and_bands_count_the_cases_of_a_unit_as_they_stood(tmp_path: Path) -> None:
    with told(tmp_path, "jinhua", THREE, "2026-03-02 08:00") as story:
        for number in range(4):
            story.case(f"a{number}", "d1")
            story.case(f"b{number}", "d2")
        for case_id in ("a0", "a1", "a2", "a3", "b0", "b1"):
            story.put_right(case_id, f"d{'ab'.index(case_id[0]) + 1}")
        story.at("2026-04-02 09:00")
        easier = text(
            "jinhua", "composite.yaml", ("from: 70, per_point: 1", "from: 50, per_point: 1")
        )
        found = replayed(story.runtime.store, [easier])
    # d2 closed half of its cases: 20 below 70 % costs 20 of 50, 40 below 90 % all of 20.
    assert places(found) == [
        ("jinhua-composite", "2026-03", "d2", "3: 60.00", "3: 80.00"),
    ]
