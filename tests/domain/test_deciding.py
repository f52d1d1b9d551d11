"""The desk: one request is one atomic append, repeated safely, decided again after a lost race."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.calendar import Calendars
from domain.cases.commands import ClaimCase, DispatchCase, FileCase, ReportCase
from domain.catalogue import DECIDERS
from domain.deciding import Desk
from domain.errors import Conflict, Invalid, Refused
from domain.messages import Appended, Command
from domain.registry import EVENTS, Registry
from domain.requests import Request
from domain.units.commands import ChangeUnit, RegisterUnit, RetireUnit
from infra.clocks import SystemClock
from infra.event_store.store import SqliteEventStore

CITY = RegisterUnit(unit_id="c", code="c", name="C", kind="city", timezone="Asia/Shanghai")
WORKS = RegisterUnit(unit_id="w", code="w", name="W", kind="department", parent="c")
CASE = {"case_id": "A"}
REPORT = ReportCase(**CASE, source="patrol", category="x", text="y")
GIVEN = (FileCase(**CASE, standard="s"), DispatchCase(**CASE, unit="w"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteEventStore]:
    store = SqliteEventStore.open(tmp_path / "events.sqlite", SystemClock(), Registry())
    yield store
    store.close()


@pytest.fixture
def desk(store: SqliteEventStore) -> Desk:
    desk = new_desk(store)
    desk.handle(asked(CITY, WORKS), "found")
    return desk


def new_desk(store: SqliteEventStore) -> Desk:
    return Desk(store, SystemClock(), DECIDERS, Calendars.plain)


def asked(*commands: Command, actor: str = "o") -> list[Request]:
    return [Request(command, actor) for command in commands]


def test_requests_of_one_group_are_one_atomic_append(desk: Desk, store: SqliteEventStore) -> None:
    before = store.last_position()
    answer = desk.handle(asked(REPORT, *GIVEN), "k1")
    assert (answer.first_position, answer.last_position) == (before + 1, before + 3)
    assert [e.event.NAME for e in store.load("case-A")] == [
        "case.reported", "case.filed", "case.dispatched",
    ]  # fmt: skip


def test_a_refused_request_stores_nothing_of_its_group(desk: Desk, store: SqliteEventStore) -> None:
    before = store.last_position()
    with pytest.raises(Refused) as refusal:
        desk.handle(asked(REPORT, ClaimCase(**CASE)), "k1")
    assert refusal.value.code == "case.reported"
    assert store.last_position() == before
    desk.handle(asked(REPORT), "k1")


def test_a_repeated_request_gives_the_first_answer(desk: Desk) -> None:
    first = desk.handle(asked(REPORT), "k1")
    again = desk.handle(asked(REPORT), "k1")
    assert (again.first_position, again.repeated) == (first.first_position, True)


def test_a_key_used_for_something_else_is_refused(desk: Desk) -> None:
    desk.handle(asked(REPORT), "k1")
    with pytest.raises(Conflict) as refusal:
        desk.handle(asked(*GIVEN), "k1")
    assert refusal.value.code == "command.reused"


def test_groups_are_decided_on_top_of_each_other_and_refused_alone(desk: Desk) -> None:
    claim = asked(ClaimCase(**CASE), actor="w")
    answers = desk.handle_all(
        [(asked(REPORT), "k1"), (claim, "k2"), (asked(*GIVEN), "k3"), (claim, "k4")]
    )
    assert [getattr(answer, "code", "stored") for answer in answers] == [
        "stored", "case.reported", "stored", "stored",
    ]  # fmt: skip


def test_the_sender_may_insist_on_the_version_it_saw(desk: Desk) -> None:
    desk.handle(asked(REPORT), "k1")
    stale = Request(GIVEN[0], "o", expected_version=0)
    with pytest.raises(Conflict) as refusal:
        desk.handle([stale], "k2")
    assert refusal.value.code == "stream.changed"
    desk.handle([Request(GIVEN[0], "o", expected_version=1)], "k3")


def test_nothing_to_say_is_an_answer_without_an_event(desk: Desk, store: SqliteEventStore) -> None:
    before = store.last_position()
    answer = desk.handle(asked(ChangeUnit(unit_id="w", name="W")), "k1")
    assert answer.last_position == store.last_position() == before


def test_the_future_has_not_happened(desk: Desk) -> None:
    tomorrow = Request(REPORT, "o", datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(Invalid) as refusal:
        desk.handle([tomorrow], "k1")
    assert refusal.value.code == "time.in_future"


def test_a_time_needs_its_zone(desk: Desk) -> None:
    naive = Request(REPORT, "o", datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(Invalid) as refusal:
        desk.handle([naive], "k1")
    assert refusal.value.code == "time.no_zone"


def test_a_city_has_no_second_one_beside_it(desk: Desk) -> None:
    second = CITY.model_copy(update={"unit_id": "d"})
    with pytest.raises(Conflict) as refusal:
        desk.handle(asked(second), "k1")
    assert refusal.value.code == "unit.second_city"


def test_another_desk_on_the_same_store_is_noticed(desk: Desk, store: SqliteEventStore) -> None:
    desk.handle(asked(REPORT), "k1")
    new_desk(store).handle(asked(*GIVEN), "k2")
    with pytest.raises(Refused):
        desk.handle(asked(ChangeUnit(unit_id="nobody", name="x")), "k3")
    assert desk.state("case-A")[0] == 3


def test_many_hands_on_one_stream_lose_nothing(desk: Desk, store: SqliteEventStore) -> None:
    answers: list[Appended] = []

    def rename(worker: int) -> None:
        for turn in range(20):
            change = asked(ChangeUnit(unit_id="w", name=f"{worker}-{turn}"))
            while True:
                try:
                    answers.append(desk.handle(change, f"{worker}/{turn}"))
                    break
                except Conflict as conflict:
                    if conflict.code != "stream.moved":
                        raise

    threads = [threading.Thread(target=rename, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [e.version for e in store.load("unit-w")] == list(range(1, 162))
    assert len({answer.first_position for answer in answers}) == 160


def test_the_readme_lists_every_event_with_its_body() -> None:
    text = (Path(__file__).parents[2] / "domain" / "README.md").read_text(encoding="utf-8")
    for event in EVENTS:
        body = ", ".join(f"`{field}`" for field in event.__struct_fields__) or "—"
        assert f"| `{event.NAME}` | {body} |" in text


class SharedStore(SqliteEventStore):
    """As if other processes wrote to it too."""

    alone = False


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[SharedStore]:
    store = SharedStore.open(tmp_path / "events.sqlite", SystemClock(), Registry())
    yield store
    store.close()


def test_what_another_desk_changed_counts_at_once(shared: SharedStore) -> None:
    here, there = new_desk(shared), new_desk(shared)
    there.handle(asked(CITY, WORKS), "found")
    here.handle(asked(REPORT, FileCase(**CASE, standard="s")), "k1")
    other = ReportCase(case_id="B", source="patrol", category="x", text="y")
    here.handle(
        asked(other, FileCase(case_id="B", standard="s"), DispatchCase(case_id="B", unit="w")), "k2"
    )
    there.handle(asked(RetireUnit(unit_id="w", reason="merged")), "k3")
    with pytest.raises(Refused) as refusal:
        here.handle(asked(DispatchCase(**CASE, unit="w")), "k4")
    assert refusal.value.code == "unit.retired"
    assert (here.standing.city, there.standing.city) == ("c", "c")


def test_many_foreign_changes_are_as_good_as_few(
    shared: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.event_store.store.NAMED", 1)
    here, there = new_desk(shared), new_desk(shared)
    here.handle(asked(CITY, WORKS), "found")
    there.handle(asked(REPORT, ChangeUnit(unit_id="w", name="Works")), "k1")
    assert shared.moved(0).versions is None
    here.handle(asked(FileCase(**CASE, standard="s")), "k2")
    assert here.state("unit-w")[0] == 2
