"""How fast a ranking of a whole city is composed, beside the bare sum that must be asked."""

import statistics
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from domain.messages import Command
from domain.periods import Period
from domain.policies.commands import AdoptPolicy
from domain.policies.model import Board
from domain.requests import Request
from domain.units.commands import RegisterUnit
from domain.units.events import UnitKind
from infra.benches.querying import RAW_RANKING
from infra.benches.timing import seconds_of
from infra.bundled import preset_folder
from infra.clickhouse.tables import physical
from infra.compose import open_city
from infra.runtime import Runtime
from infra.settings import Settings
from projections.scores import SCORES
from projections.standings import policy_for, ranking

GRIDS, DEPARTMENTS = 2_283, 22
MONTH = Period.parse("2026-03")
NOW = datetime(2026, 4, 2, tzinfo=UTC)
TURNS = 15
AT_ONCE = 500
# Entries as the projection would make them: every unit on every day, points to four decimals.
ENTRIES = """
INSERT INTO {table} (position, entry, unit, points, clause, policy, policy_id, reason, reason_en,
    case_id, event, day, occurred_at, recorded_at, district, veto)
SELECT 10000 + number, 0,
    if(number % 100 = 0, concat('d', toString(intHash32(number) % {departments})),
        concat('g', toString(intHash32(number) % {grids}))) AS unit,
    toDecimal64((intHash32(number * 7) % 20000) / 10000 - 1.5, 4),
    ['found', 'overdue', 'rework', 'came-back'][intHash32(number * 3) % 4 + 1],
    'changzhou@1#000000000000', 'changzhou', '第03类问题一件', 'a problem of class 03',
    toString(number), 'case.dispatched', toDate('2026-03-01') + number % 31,
    toDateTime64('2026-03-01 04:00:00', 6, 'UTC') + INTERVAL number % 31 DAY,
    toDateTime64('2026-03-01 04:00:00', 6, 'UTC') + INTERVAL number % 31 DAY, 'd', 0
FROM numbers({entries})
"""


def bench_compose(entries: int) -> dict[str, Any]:
    """Milliseconds to compose the month of ``entries`` score entries over 2,283 grids and 22
    departments, from their daily board and from the composite of its days; raw is the bare sum
    over the same table in the same engine."""
    with TemporaryDirectory(prefix="duban-bench-") as directory:
        settings = Settings(data_dir=Path(directory), port=0)
        with closing(open_city(settings, None, True)) as runtime:
            _found(runtime)
            with runtime.engine.client() as client:
                client.command(
                    ENTRIES.format(
                        table=physical(SCORES), entries=entries, grids=GRIDS,
                        departments=DEPARTMENTS,
                    )
                )  # fmt: skip
            figures = _timed("raw", lambda: _raw(runtime))
            figures |= _timed("compose", lambda: _compose(runtime, "changzhou"))
            figures |= _timed("composite", lambda: _compose(runtime, "changzhou-composite"))
            units = _compose(runtime, "changzhou")
    figures["ratio"] = round(figures["compose_p50_ms"] / figures["raw_p50_ms"], 2)
    return {"bench": "compose", "entries": entries, "units": units, **figures}


def _found(runtime: Runtime) -> None:
    """The city, its policies and its units."""
    commands: list[Command] = [_unit("city", "city", "", "Asia/Shanghai")]
    commands += [AdoptPolicy(body=body) for body in preset_folder("changzhou").values()]
    commands.append(_unit("d", "district", "city"))
    commands += [_unit(f"d{n}", "department", "city") for n in range(DEPARTMENTS)]
    commands += [_unit(f"g{n}", "grid", "d") for n in range(GRIDS)]
    for first in range(0, len(commands), AT_ONCE):
        requests = [Request(command, "bench") for command in commands[first : first + AT_ONCE]]
        runtime.desk.handle(requests, f"bench/{first}")
    runtime.catch_up()


def _unit(unit: str, kind: UnitKind, parent: str, zone: str = "") -> Command:
    return RegisterUnit(
        unit_id=unit, code=unit, name=f"{kind} {unit}", kind=kind, parent=parent, timezone=zone
    )


def _timed(name: str, ask: Callable[[], object]) -> dict[str, float]:
    ask()
    took = [seconds_of(ask) * 1000 for _ in range(TURNS)]
    return {
        f"{name}_p50_ms": round(statistics.median(took), 2),
        f"{name}_max_ms": round(max(took), 2),
    }


def _raw(runtime: Runtime) -> object:
    asked = {"first": MONTH.first, "end": MONTH.end}
    with runtime.engine.client() as client:
        return client.query(RAW_RANKING, parameters=asked).result_rows


def _compose(runtime: Runtime, board: str) -> int:
    """How many units it ranks."""
    services = runtime.services
    return len(ranking(services.reader, _board(runtime, board), MONTH).rows)


def _board(runtime: Runtime, board: str) -> Board:
    zone = runtime.services.city().zone
    return policy_for(runtime.desk.standing.policies, MONTH, zone, NOW, board)
