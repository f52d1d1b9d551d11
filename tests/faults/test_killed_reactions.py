"""Reactions that die at any moment go on where they stopped, and come to the same city."""

import random
import signal
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.cases import commands as c
from domain.cases.events import Limit
from domain.messages import Command
from domain.policies.commands import AdoptPolicy
from domain.registry import Registry
from domain.requests import Request
from domain.units.commands import RegisterUnit
from infra.bundled import preset_folder
from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.event_store import SqliteEventStore
from infra.settings import Settings
from tests.support.program import duban, start

A_MONTH_AGO = datetime.now(UTC) - timedelta(days=30)
CASES = 300


def neglected(folder: Path) -> None:
    """A city whose program stood still for a month while its deadlines passed."""
    unit: dict[str, Any] = {"unit_id": "city", "code": "city", "name": "city", "kind": "city"}
    clock = SimulatedClock(A_MONTH_AGO)
    with closing(embedded(Settings(data_dir=folder), clock)) as runtime:
        commands: list[Command] = [AdoptPolicy(body=t) for t in preset_folder("default").values()]
        for number, command in enumerate(commands):
            runtime.desk.handle([Request(command, "office")], f"policy/{number}")
        commands = [RegisterUnit(**unit, timezone="Asia/Shanghai")]
        for number in range(CASES):
            case_id, limit = f"c{number}", Limit(1 + number % 50, "urgent_hours")
            commands += [
                c.ReportCase(case_id=case_id, source="patrol", category="1", text="x",
                             severity="严重"),
                c.FileCase(case_id=case_id, standard="1"),
                c.DispatchCase(case_id=case_id, unit="city", limit=limit),
            ]  # fmt: skip
        runtime.desk.handle([Request(command, "officer") for command in commands], "cases")


def followed(folder: Path) -> list[tuple[str, str, datetime, str]]:
    """What the system recorded and proposed, in the order of the city's time."""
    store = SqliteEventStore.open_read_only(Settings(data_dir=folder).events_file, Registry())
    with closing(store):
        return sorted(
            (e.stream_id, e.event.NAME, e.occurred_at, e.metadata.cause)
            for e in store.read(0, 1_000_000)
            if e.actor.startswith("system:")
        )


def test_killed_again_and_again_the_same_follows_once(tmp_path: Path) -> None:
    calm, troubled = tmp_path / "calm", tmp_path / "troubled"
    neglected(calm)
    neglected(troubled)
    done = duban("reactions", "run", "--data", calm, timeout=120)
    assert done.returncode == 0, done.stderr
    expected, moments = followed(calm), random.Random(1)
    overdue = [(at, stream) for stream, name, at, _ in expected if name == "case.overdue"]
    assert len(overdue) == CASES
    assert len(expected) == 2 * CASES  # and a slip is proposed for each
    for _ in range(4):
        process = start("reactions", "run", "--data", troubled)
        try:
            process.communicate(timeout=moments.uniform(1.0, 4.0))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    (troubled / "reactions.position").unlink(missing_ok=True)  # the place is lost as well
    done = duban("reactions", "run", "--data", troubled, timeout=120)
    assert done.returncode == 0, done.stderr
    assert followed(troubled) == expected
