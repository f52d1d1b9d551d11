"""What follows by rule follows once, at its time, whatever stops or repeats in between."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.cases import commands as c
from domain.cases.events import CaseOverdue, Limit
from domain.messages import Command
from domain.policies.commands import AdoptPolicy
from domain.rankings.commands import WithdrawRanking
from domain.requests import Request
from domain.supervision import commands as su
from domain.units.commands import RegisterUnit
from infra.bundled import preset_folder
from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings
from tests.support.preset_cities import told as preset_city

BEGAN = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
FOUR_HOURS = Limit(4, "urgent_hours")


@contextmanager
def city(folder: Path, clock: SimulatedClock) -> Iterator[Runtime]:
    """The city of the folder; a new one gets two units and the general sample of rules."""
    with closing(embedded(Settings(data_dir=folder), clock)) as runtime:
        if not runtime.store.last_position():
            for text in preset_folder("default").values():
                do(runtime, AdoptPolicy(body=text))
            for unit, kind, parent in (("city", "city", ""), ("east", "district", "city")):
                zone = "Asia/Shanghai" if kind == "city" else ""
                do(runtime, RegisterUnit(unit_id=unit, code=unit, name=unit, kind=kind,
                                         parent=parent, timezone=zone))  # fmt: skip
        yield runtime


def do(runtime: Runtime, command: Command, actor: str = "officer") -> None:
    runtime.desk.handle([Request(command, actor)], f"t/{runtime.store.last_position()}")


def case(runtime: Runtime, case_id: str, severity: str = "严重") -> None:
    do(runtime, c.ReportCase(case_id=case_id, source="patrol", category="1", text="x",
                             severity=severity))  # fmt: skip
    do(runtime, c.FileCase(case_id=case_id, standard="1"))
    do(runtime, c.DispatchCase(case_id=case_id, unit="east", limit=FOUR_HOURS))


def tick(runtime: Runtime) -> None:
    runtime.reactor.tick()


def told(runtime: Runtime, *names: str) -> list[tuple[str, str, datetime, str]]:
    """Stream, name, occurred_at and cause of the events of these names, in order."""
    return [
        (e.stream_id, e.event.NAME, e.occurred_at, e.metadata.cause)
        for e in runtime.store.read(0, 1_000_000)
        if e.event.NAME in names
    ]


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(BEGAN)


def test_a_missed_deadline_is_recorded_once_at_its_due_time_and_starts_a_slip(
    tmp_path: Path, clock: SimulatedClock
) -> None:
    with city(tmp_path, clock) as runtime:
        case(runtime, "a")
        tick(runtime)
        assert told(runtime, "case.overdue") == []
        clock.move_to(BEGAN + 4 * HOUR)
        for _ in range(3):
            tick(runtime)
        ((stream, _, at, cause),) = told(runtime, "case.overdue")
        assert (stream, at) == ("case-a", BEGAN + 4 * HOUR)
        assert cause == f"overdue:a:{at.isoformat()}"
        assert [s for s, *_ in told(runtime, "slip.proposed")] == ["slip-a.1"]
        found = [e.event for e in runtime.store.load("case-a") if e.event.NAME == "case.overdue"]
        assert found == [CaseOverdue(due_at=at)]


def test_a_week_of_downtime_is_caught_up_in_order_and_marked_as_noticed_late(
    tmp_path: Path, clock: SimulatedClock
) -> None:
    with city(tmp_path, clock) as runtime:
        for number in range(5):
            clock.move_to(BEGAN + number * HOUR)
            case(runtime, f"c{4 - number}")
        tick(runtime)
    clock.move_to(BEGAN + timedelta(days=7))
    with city(tmp_path, clock) as runtime:
        tick(runtime)
        found = told(runtime, "case.overdue")
        assert [(s, at) for s, _, at, _ in found] == [
            (f"case-c{4 - n}", BEGAN + (4 + n) * HOUR) for n in range(5)
        ]
        late = [e for e in runtime.store.load("case-c0") if e.event.NAME == "case.overdue"]
        event: Any = late[0].event
        assert event.detected_late
        assert late[0].recorded_at == clock.now()


def test_a_suspension_that_ended_meanwhile_lets_the_clock_run_out_in_its_turn(
    tmp_path: Path, clock: SimulatedClock
) -> None:
    with city(tmp_path, clock) as runtime:
        case(runtime, "held")
        clock.move_to(BEGAN + HOUR)
        until = BEGAN + 24 * HOUR
        do(runtime, c.SuspendCase(case_id="held", reason="winter", until=until))
        clock.move_to(BEGAN + 40 * HOUR)
        case(runtime, "later")
        clock.move_to(BEGAN + timedelta(days=5))
        tick(runtime)
        assert [(s, n, at) for s, n, at, _ in told(runtime, "case.resumed", "case.overdue")] == [
            ("case-held", "case.resumed", until),
            ("case-held", "case.overdue", until + 3 * HOUR),
            ("case-later", "case.overdue", BEGAN + 44 * HOUR),
        ]


def test_a_clock_that_jumps_back_and_forth_does_nothing_twice(
    tmp_path: Path, clock: SimulatedClock
) -> None:
    with city(tmp_path, clock) as runtime:
        case(runtime, "a")
        for hours in (30, 2, 31, 1, 500):
            clock.move_to(BEGAN + hours * HOUR)
            tick(runtime)
        assert len(told(runtime, "case.overdue")) == 1
        assert len(told(runtime, "slip.proposed")) == 1


def test_reacting_to_the_whole_log_again_adds_nothing(
    tmp_path: Path, clock: SimulatedClock
) -> None:
    with city(tmp_path, clock) as runtime:
        case(runtime, "a")
        clock.move_to(BEGAN + 5 * HOUR)
        tick(runtime)
        do(runtime, su.IssueSlip(slip_id="a.1"), "chief")
        do(runtime, su.ServeSlip(slip_id="a.1", receiver="r"), "courier")
        clock.move_to(BEGAN + timedelta(days=60))
        tick(runtime)
        assert [s for s, *_ in told(runtime, "slip.proposed")] == ["slip-a.1", "slip-a.2"]
        last = runtime.store.last_position()
    (tmp_path / "reactions.position").unlink()
    with city(tmp_path, clock) as runtime:
        tick(runtime)
        assert runtime.store.last_position() == last
        assert runtime.reactor.refused() == []


def test_a_quarter_of_simulated_time_runs_by(tmp_path: Path, clock: SimulatedClock) -> None:
    with city(tmp_path, clock) as runtime:
        for day in range(90):
            clock.move_to(BEGAN + timedelta(days=day))
            case(runtime, f"day{day}")
            tick(runtime)
        clock.move_to(BEGAN + timedelta(days=91))
        tick(runtime)
        overdue = told(runtime, "case.overdue")
        assert [at for _, _, at, _ in overdue] == sorted(at for _, _, at, _ in overdue)
        assert len(overdue) == 90


def test_what_a_rule_could_not_propose_is_kept_with_its_reason_and_can_be_tried_again(
    tmp_path: Path,
) -> None:
    districts = {f"d{n}": ("district", "city") for n in range(1, 10)}
    with preset_city(tmp_path, "shenyang", districts, "2026-03-02 09:00") as story:
        story.at("2026-03-04 10:00")
        for number, unit in enumerate(districts):
            story.sheet(unit, str(99 - number))
            story.sheet(unit, "88", "expert")
        story.at("2026-04-01 09:00")
        story.publish("shenyang-composite", "2026-03", "district")
        ranking_id = "shenyang-composite:2026-03:district"
        story.do(WithdrawRanking(ranking_id=ranking_id, reason="算错"), "chief")
        story.react()  # the publication is only noticed now, and has been withdrawn
        assert story.proposed("money") == {}
        refused = story.runtime.reactor.refused()
        assert [each.code for each in refused] == ["money.ranking_withdrawn"] * 3
        assert story.runtime.reactor.again() == 3
        assert story.runtime.reactor.refused() == refused


def test_the_thread_records_what_is_due_and_stops_when_told(
    tmp_path: Path, clock: SimulatedClock
) -> None:
    with city(tmp_path, clock) as runtime:
        case(runtime, "a")
        clock.move_to(BEGAN + 5 * HOUR)
        runtime.reactor.start()
        position = runtime.store.last_position()
        assert runtime.store.wait(position, 20)
        runtime.reactor.stop()
        assert len(told(runtime, "case.overdue")) == 1
