"""How fast the questions of the boards are answered, beside the bare query that must be asked."""

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from domain.periods import Period
from infra.benches.cities import city
from infra.benches.timing import timed
from infra.compose import open_city
from infra.runtime import Runtime
from projections.case_list import CaseFilter, page
from projections.cases import CASES
from projections.histories import history
from projections.standings import policy_for, ranking

ASKED = 300
RAW_HISTORY = """
SELECT e.data FROM events e JOIN streams s ON s.id = e.stream WHERE s.name = ? ORDER BY e.version
"""
RAW_RANKING = """
SELECT unit, sum(points), count() FROM scores WHERE day >= %(first)s AND day < %(end)s GROUP BY unit
"""


def bench_query(events: int) -> dict[str, Any]:
    """Milliseconds, p50 and p99, of a case's whole history, a month's ranking and a page of the
    case list; raw is the bare SQL of the first two against the same file and engine."""
    with (
        city(events) as settings,
        closing(open_city(settings, None, True)) as runtime,
    ):
        keys = [
            row[0] for row in _ask(runtime, "SELECT case_id FROM cases ORDER BY rand() LIMIT 2000")
        ]
        months = [Period.parse(f"2024-{month:02d}") for month in _months(runtime)]
        with closing(sqlite3.connect(settings.events_file)) as raw:
            figures = timed("raw_history", ASKED, lambda: _raw_history(raw, random.choice(keys)))
        figures |= timed(
            "history", ASKED, lambda: history(runtime.store, CASES, random.choice(keys))
        )
        figures |= timed("raw_ranking", ASKED, lambda: _raw_ranking(runtime, random.choice(months)))
        figures |= timed("ranking", ASKED, lambda: _ranking(runtime, random.choice(months)))
        figures |= timed("case_list", ASKED, lambda: page(runtime.services.reader, CaseFilter()))
    for name in ("history", "ranking"):
        figures[f"{name}_ratio"] = round(
            figures[f"{name}_p50_ms"] / figures[f"raw_{name}_p50_ms"], 2
        )
    return {"bench": "query", "events": events, "asked": ASKED, **figures}


def _ask(runtime: Runtime, sql: str, **parameters: object) -> Sequence[Any]:
    with runtime.engine.client() as client:
        return client.query(sql, parameters=parameters or None).result_rows


def _months(runtime: Runtime) -> list[int]:
    found = _ask(runtime, "SELECT DISTINCT toMonth(day) FROM scores WHERE toYear(day) = 2024")
    return [row[0] for row in found]


def _raw_history(raw: sqlite3.Connection, case_id: str) -> object:
    return raw.execute(RAW_HISTORY, (f"case-{case_id}",)).fetchall()


def _raw_ranking(runtime: Runtime, month: Period) -> object:
    return _ask(runtime, RAW_RANKING, first=month.first, end=month.end)


def _ranking(runtime: Runtime, month: Period) -> object:
    services = runtime.services
    book, zone = runtime.desk.standing.policies, services.city().zone
    policy = policy_for(book, month, zone, services.clock.now())
    return ranking(services.reader, policy, month)
