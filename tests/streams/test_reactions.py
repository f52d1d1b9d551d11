"""The same log gives the same proposals: live, replayed, restarted or told in another order."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.cases import commands as c
from domain.cases.events import CaseOverdue, Limit
from domain.messages import Append, Command, Metadata, StreamEvents
from domain.policies.commands import AdoptPolicy
from domain.requests import Request
from domain.supervision import commands as su
from domain.units.commands import RegisterUnit
from infra.bundled import preset_folder
from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings
from streams.reactions import Reaction, Reactions

BEGAN = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNITS = (("city", "city", ""), ("east", "district", "city"), ("west", "district", "city"))


@contextmanager
def city(folder: Path, clock: SimulatedClock) -> Iterator[Runtime]:
    with closing(embedded(Settings(data_dir=folder), clock)) as runtime:
        if not runtime.store.last_position():
            for text in preset_folder("default").values():
                do(runtime, AdoptPolicy(body=text))
            for unit, kind, parent in UNITS:
                zone = "Asia/Shanghai" if kind == "city" else ""
                made: Any = {"unit_id": unit, "code": unit, "name": unit, "kind": kind}
                do(runtime, RegisterUnit(**made, parent=parent, timezone=zone))
        yield runtime


def do(runtime: Runtime, command: Command, actor: str = "officer") -> None:
    runtime.desk.handle([Request(command, actor)], f"t/{runtime.store.last_position()}")


def life(unit: str, case_id: str) -> list[tuple[Command, str]]:
    """A case that is answered late or not at all, in the order of its steps."""
    report = c.ReportCase(case_id=case_id, source="patrol", category="1", text="x", severity="一般")
    limit = Limit(2, "urgent_hours")
    return [
        (report, "patroller"),
        (c.FileCase(case_id=case_id, standard="1"), "desk"),
        (c.DispatchCase(case_id=case_id, unit=unit, limit=limit), "desk"),
        (c.ClaimCase(case_id=case_id), unit),
    ]


def proposals(runtime: Runtime) -> set[tuple[str, str, str]]:
    """Stream, unit and colour of every proposed slip."""
    return {
        (e.stream_id, event.unit, event.colour)
        for e in runtime.store.load_kind("slip")
        if (event := e.event).NAME == "slip.proposed" and hasattr(event, "colour")
    }


def run(order: list[int], ticks: set[int], reopen: set[int]) -> set[tuple[str, str, str]]:
    """Two unrelated cases, their steps dealt out by ``order``; reacted to after some of the steps,
    the city closed and opened again after others."""
    lives = [life("east", "a"), life("west", "b")]
    clock = SimulatedClock(BEGAN)
    with TemporaryDirectory() as directory:
        folder, step = Path(directory), 0
        while step < len(order):
            with city(folder, clock) as runtime:
                for whose in order[step:]:
                    command, actor = lives[whose].pop(0)
                    do(runtime, command, actor)
                    clock.move_to(clock.now() + timedelta(minutes=5))
                    if step in ticks:
                        runtime.reactor.tick()
                    step += 1
                    if step - 1 in reopen:
                        break
        with city(folder, clock) as runtime:
            clock.move_to(BEGAN + timedelta(days=2))
            runtime.reactor.tick()
            for slip in ("a.1", "b.1"):
                do(runtime, su.IssueSlip(slip_id=slip), "chief")
                do(runtime, su.ServeSlip(slip_id=slip, receiver="r"), "courier")
            clock.move_to(BEGAN + timedelta(days=60))
            runtime.reactor.tick()
            found = proposals(runtime)
            assert replayed(runtime) == set(runtime.store.commands(list(replayed(runtime))))
            return found


def replayed(runtime: Runtime) -> set[str]:
    """The ids of everything that fresh reactions propose over the whole log."""
    desk = runtime.desk
    fresh = Reactions(
        runtime.store, lambda: desk.standing.policies, lambda: desk.standing.calendars.zone
    )
    return {
        follows.cause
        for envelope in runtime.store.read(0, 1_000_000)
        for follows in fresh.follow(envelope)
        if isinstance(follows, Reaction)
    }


EXPECTED = {
    ("slip-a.1", "east", "white"), ("slip-a.2", "east", "yellow"),
    ("slip-b.1", "west", "white"), ("slip-b.2", "west", "yellow"),
}  # fmt: skip


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.permutations([0, 0, 0, 0, 1, 1, 1, 1]),
    st.sets(st.integers(0, 7)),
    st.sets(st.integers(0, 6), max_size=2),
)
def test_order_of_unrelated_events_restarts_and_moments_of_reacting_change_no_proposal(
    order: list[int], ticks: set[int], reopen: set[int]
) -> None:
    assert run(list(order), ticks, reopen) == EXPECTED


def test_what_follows_from_an_event_ahead_of_the_clock_waits_for_it(tmp_path: Path) -> None:
    clock = SimulatedClock(BEGAN)
    with city(tmp_path, clock) as runtime:
        for command, actor in life("east", "a"):
            do(runtime, command, actor)
        clock.move_to(BEGAN + 3 * HOUR)
        do(runtime, c.MarkOverdue(case_id="a", due_at=BEGAN + 2 * HOUR), "officer")
        clock.move_to(BEGAN + HOUR)  # somebody sets the clock back
        runtime.reactor.tick()
        assert proposals(runtime) == set()
        assert runtime.reactor.refused() == []
    with city(tmp_path, clock) as runtime:  # and the machine is started again
        runtime.reactor.tick()
        clock.move_to(BEGAN + 4 * HOUR)
        runtime.reactor.tick()
        assert len(proposals(runtime)) == 1


def test_most_events_of_a_city_are_read_over_without_looking_at_their_cases(
    tmp_path: Path,
) -> None:
    clock = SimulatedClock(BEGAN)
    with city(tmp_path, clock) as runtime:
        for command, actor in life("east", "a"):
            do(runtime, command, actor)
        loads = mock.Mock(side_effect=runtime.store.load)
        with mock.patch.object(type(runtime.store), "load", loads):
            runtime.reactor.tick()
        assert not [call for call in loads.call_args_list if call.args[-1] == "case-a"]


def test_a_missed_deadline_that_another_program_recorded_starts_a_slip_all_the_same(
    tmp_path: Path,
) -> None:
    clock = SimulatedClock(BEGAN)
    with city(tmp_path, clock) as runtime:
        for command, actor in life("east", "a"):
            do(runtime, command, actor)
        clock.move_to(BEGAN + 3 * HOUR)
        at = BEGAN + 2 * HOUR
        policies = runtime.desk.standing.policies.in_force(at)
        told = Metadata(actor="import", occurred_at=at, policies=policies)
        streams = [StreamEvents("case-a", 4, [(CaseOverdue(due_at=at), told)])]
        runtime.store.append([Append("import/1", "", streams)])
        runtime.reactor.tick()
        assert len(proposals(runtime)) == 1
