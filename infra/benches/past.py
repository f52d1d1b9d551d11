"""How fast the past is told: a case, a dossier of 10,000 events and a ranking of any moment."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.cases import events as c
from domain.messages import Append, Event, Metadata, StreamEvents
from domain.moments import Then
from domain.periods import Period
from domain.registry import Registry
from infra.benches.cities import city
from infra.benches.timing import timed
from infra.clocks import SystemClock
from infra.compose import open_city
from infra.event_store import SqliteEventStore
from infra.runtime import Runtime
from infra.settings import Settings
from projections.histories import history
from projections.past.differences import difference
from projections.past.dossiers import DossierLine, Subject, counted, lines, told
from projections.past.kinds import KINDS
from projections.standings import policy_for, ranking

ASKED, ASKED_SLOWLY = 1_000, 60
BUSY, BUSY_EVENTS = "u0", 10_000
DAY = timedelta(days=1)
RAW_HISTORY = """
SELECT e.data FROM events e JOIN streams s ON s.id = e.stream WHERE s.name = ? ORDER BY e.version
"""


def bench_past(events: int) -> dict[str, Any]:
    """Milliseconds, p50 and p99: a case as known and as it was at a random moment, two moments of
    it side by side, the dossier of a unit with 10,000 events (a page, and all of it), a month's
    ranking as known at a random moment and as it was on a random day. Raw is the bare SQL of a
    case's events."""
    with city(events) as settings:
        _busy(settings)
        with closing(open_city(settings, None, True)) as runtime:
            runtime.catch_up()
            return {"bench": "past", "events": events, **_figures(runtime, settings)}


def _figures(runtime: Runtime, settings: Settings) -> dict[str, Any]:
    known = _column(runtime, "SELECT recorded_at FROM events ORDER BY rand() LIMIT 2000")
    so = _column(runtime, "SELECT occurred_at FROM events ORDER BY rand() LIMIT 2000")

    def then() -> Then:
        return Then(random.choice(known), random.choice(so))

    def ranked_as_of() -> object:
        return _ranking(runtime, random.choice(so), Then(as_of=random.choice(known)))

    return {
        **_cases(runtime, settings, then),
        **_dossier(runtime, then),
        **timed("ranking_as_of", ASKED_SLOWLY, ranked_as_of),
        **timed("ranking_at", ASKED_SLOWLY, lambda: _ranking_at(runtime, random.choice(so))),
    }


def _cases(runtime: Runtime, settings: Settings, then: Callable[[], Then]) -> dict[str, Any]:
    store, case = runtime.store, KINDS["case"]
    keys = _column(runtime, "SELECT case_id FROM cases ORDER BY rand() LIMIT 2000")

    def bare() -> object:
        return raw.execute(RAW_HISTORY, (f"case-{random.choice(keys)}",)).fetchall()

    def one() -> object:
        moment = then()
        return history(store, case.snapshot, random.choice(keys), moment.as_of, at=moment.at)

    def two() -> object:
        return difference(store, case, random.choice(keys), then(), then())

    with closing(sqlite3.connect(settings.events_file)) as raw:
        figures = timed("raw_case", ASKED, bare)
    return {**figures, **timed("case", ASKED, one), **timed("difference", ASKED, two)}


def _dossier(runtime: Runtime, then: Callable[[], Then]) -> dict[str, Any]:
    store, reader, subject = runtime.store, runtime.services.reader, Subject("unit", (BUSY,))

    def page() -> object:
        return told(store, lines(reader, subject, Then(then().as_of), limit=100))

    def whole() -> list[DossierLine]:
        return lines(reader, subject, Then(), limit=10**6)

    return {
        **timed("dossier_page", ASKED_SLOWLY, page),
        **timed("dossier_counts", ASKED_SLOWLY, lambda: counted(reader, subject, then())),
        "dossier_events": len(whole()),
        **timed("dossier_whole", ASKED_SLOWLY, whole),
    }


def _ranking(runtime: Runtime, day: datetime, then: Then) -> object:
    services = runtime.services
    book, zone, now = runtime.desk.standing.policies, services.city().zone, services.clock.now()
    month = Period.of("month", day, zone)
    policy = policy_for(book, month, zone, now)
    return ranking(services.reader, policy, month, as_of=then.as_of, at=then.at, now=now)


def _ranking_at(runtime: Runtime, day: datetime) -> object:
    return _ranking(runtime, day, Then(at=day))


def _column(runtime: Runtime, sql: str) -> list[Any]:
    with runtime.engine.client() as client:
        return [row[0] for row in client.query(sql).result_rows]


def _busy(settings: Settings) -> None:
    """A unit with as many events as a large one gets in years."""
    with closing(SqliteEventStore.open(settings.events_file, SystemClock(), Registry())) as store:
        store.append(list(_cases_of_one_unit()))


def _cases_of_one_unit() -> Iterator[Append]:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    life: tuple[Event, ...] = (
        c.CaseReported(
            case_no="督2024-b", source="patrol", category="category 1", text="垃圾满溢", about=BUSY
        ),
        c.CaseFiled(standard="市容-3"), c.CaseDispatched(unit=BUSY), c.CaseClaimed(),
        c.CaseRectified(note="cleared"), c.CaseReworkOrdered(reason="still there"),
        c.CaseRectified(note="cleared again"), c.CaseVerified(), c.CaseClosed(),
    )  # fmt: skip
    for number in range(BUSY_EVENTS // len(life) + 1):
        stream = f"case-busy-{number}"
        steps = [
            (event, Metadata(actor="inspector-1", occurred_at=start + (number + step) * DAY / 4))
            for step, event in enumerate(life)
        ]
        yield Append(f"busy-{number}", "", [StreamEvents(stream, 0, steps)])
