"""How soon a city with a million open deadlines knows what is due, beside the bare question."""

import statistics
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from domain.cases import commands as c
from domain.cases.events import Limit
from domain.messages import Command
from domain.requests import Request
from domain.units.commands import RegisterUnit
from infra.clickhouse.tables import physical
from infra.clocks import SimulatedClock
from infra.compose import open_city
from infra.runtime import Runtime
from infra.settings import Settings
from projections.cases import CASES

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
DUE = 1_000  # cases that are due in the sweep; all others are open and not due yet
TURNS = 5
# Open cases with their deadlines spread over the days after now, as the projection writes them.
OPEN = """
INSERT INTO {table} (case_id, case_no, status, source, unit, opened_at, due_at, started_at,
    changed_at, recorded_at, version, position)
SELECT toString(number), toString(number), 'dispatched', 'patrol',
    concat('u', toString(number % 2283)), {now},
    {now} + INTERVAL 3600 + intHash32(number) % 864000 SECOND, {now}, {now}, {now}, 3, 1
FROM numbers({number}) SETTINGS async_insert = 0
"""
RAW = """
SELECT count() FROM {table}
WHERE due_at <= {now} AND status IN ('dispatched', 'claimed')
"""


def bench_sweep(deadlines: int) -> dict[str, Any]:
    """Seconds to find and record what is due among ``deadlines`` open ones; raw is the bare scan
    for it in the same engine, which records nothing."""
    with TemporaryDirectory(prefix="duban-bench-") as directory:
        settings, clock = Settings(data_dir=Path(directory), port=0), SimulatedClock(NOW)
        with closing(open_city(settings, clock, True)) as runtime:
            _found(runtime)
            runtime.catch_up()
            with runtime.engine.client() as client:
                fill = {"table": physical(CASES), "now": _sql(NOW), "number": deadlines - DUE}
                client.command(OPEN.format(**fill))
            runtime.reactor.tick()  # looks at the tables, sets the alarm
            nothing = _median(lambda: _look(runtime))
            clock.move_to(NOW + timedelta(minutes=30))
            with runtime.engine.client() as client:
                asked = RAW.format(table=physical(CASES), now=_sql(clock.now()))
                raw = _median(lambda: client.query(asked))
            before, began = runtime.store.last_position(), time.perf_counter()
            runtime.reactor.tick()
            seconds = time.perf_counter() - began
            recorded = runtime.store.last_position() - before
    return {
        "open deadlines": deadlines,
        "recorded as missed": recorded,
        "sweep s": round(seconds, 3),
        "sweep with nothing due s": round(nothing, 3),
        "raw scan s": round(raw, 4),
        "sweep to raw": round(seconds / raw, 1),
    }


def _found(runtime: Runtime) -> None:
    """A city with ``DUE`` real cases that will be due together."""
    unit: dict[str, Any] = {"unit_id": "city", "code": "city", "name": "city", "kind": "city"}
    founding: list[Command] = [RegisterUnit(**unit, timezone="Asia/Shanghai")]
    for number in range(DUE):
        case_id = f"real-{number}"
        founding += [
            c.ReportCase(case_id=case_id, source="patrol", category="1", text="x"),
            c.FileCase(case_id=case_id, standard="1"),
            c.DispatchCase(case_id=case_id, unit="city", limit=Limit(0.25, "urgent_hours")),
        ]
    runtime.desk.handle([Request(command, "bench") for command in founding], "bench")


def _look(runtime: Runtime) -> None:
    runtime.reactor.look()
    runtime.reactor.tick()


def _median(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(TURNS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _sql(moment: datetime) -> str:
    return f"toDateTime64('{moment:%Y-%m-%d %H:%M:%S}', 6, 'UTC')"
