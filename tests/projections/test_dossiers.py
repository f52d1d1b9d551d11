"""A dossier holds exactly what somebody had a part in, at every moment, in order of time."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from domain.messages import Envelope
from domain.moments import NOW, Then
from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings
from projections.past.dossiers import (
    BEGINNING,
    DossierLine,
    Subject,
    Wanted,
    counted,
    lines,
    told,
)
from projections.past.kinds import KINDS
from tests.support.late_lives import live
from tests.support.lives import UNITS

LATER = datetime(2027, 1, 1, tzinfo=UTC)
ALL = 100_000


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    data = tmp_path_factory.mktemp("lives")
    live(data, 4, 900)
    with closing(embedded(Settings(data_dir=data), SimulatedClock(LATER))) as opened:
        opened.catch_up()
        yield opened


@pytest.fixture(scope="module")
def involved(runtime: Runtime) -> dict[str, list[Envelope]]:
    """By unit, the slow way: who stands in the rows around each event, or in the event itself."""
    found: dict[str, list[Envelope]] = defaultdict(list)
    rows: dict[str, Any] = {}
    for envelope in runtime.store.read(0, ALL):
        kind = KINDS[envelope.stream_id.partition("-")[0]]
        before = rows.get(envelope.stream_id)
        after = rows[envelope.stream_id] = kind.snapshot.fold(before, envelope)
        for unit in units_in(kind.name, before, after, envelope):
            found[unit].append(envelope)
    return found


def units_in(kind: str, before: Any, after: Any, envelope: Envelope) -> set[str]:
    event: Any = envelope.event
    units: set[str] = set()
    match kind:
        case "unit":
            units = {envelope.key}
        case "ranking" if event.NAME in ("ranking.published", "ranking.corrected"):
            units = {row.unit for row in event.rows}
        case "case":
            given = event.NAME in ("case.dispatched", "case.ruled")
            units = {after.unit, *after.assisting}
            if not after.unit or given:
                units.add(after.about)
            if given and before is not None:
                units |= {before.unit, *before.assisting}
            units.add(getattr(event, "owner", ""))
        case "policy" | "ranking" | "person":
            pass
        case _:
            units = {after.unit}
            if event.NAME.endswith((".proposed", ".approved", ".decided")) or event.NAME in (
                "slip.issued", "appeal.filed", "appeal.upheld", "appeal.dismissed",
            ):  # fmt: skip
                units.add(getattr(event, "authority", "") or getattr(after, "authority", ""))
    return units - {""}


def dossier(runtime: Runtime, unit: str, then: Then = NOW, **wanted: Any) -> list[DossierLine]:
    subject = Subject("unit", (unit,))
    return lines(runtime.services.reader, subject, then, Wanted(**wanted), limit=ALL)


@pytest.mark.parametrize("unit", [*(unit for unit, _, _ in UNITS), "office"])
def test_nothing_is_missing_and_nothing_too_much_at_any_moment(
    runtime: Runtime, involved: dict[str, list[Envelope]], unit: str
) -> None:
    events, random = involved[unit], Random(unit)
    moments = {m for e in events for m in (e.recorded_at, e.occurred_at)}
    edges: list[datetime | None] = [None, *(m + d * timedelta(microseconds=1)
                                            for m in moments for d in (-1, 0, 1))]  # fmt: skip
    assert events
    for _ in range(40):
        then = Then(random.choice(edges), random.choice(edges))
        expected = [
            e.position
            for e in sorted(events, key=lambda e: (e.occurred_at, e.position))
            if (then.as_of is None or e.recorded_at <= then.as_of)
            and (then.at is None or e.occurred_at <= then.at)
        ]
        assert [line.position for line in dossier(runtime, unit, then)] == expected


def test_pages_join_to_the_whole_and_counts_add_up_to_it(runtime: Runtime) -> None:
    reader, subject = runtime.services.reader, Subject("unit", ("shop",))
    whole = lines(reader, subject, NOW, limit=ALL)
    pages: list[DossierLine] = []
    while page := lines(
        reader, subject, NOW,
        after=(pages[-1].occurred_at, pages[-1].position) if pages else BEGINNING,
        limit=7,
    ):  # fmt: skip
        pages += page
    assert pages == whole
    counts = counted(reader, subject, NOW)
    assert sum(count.events for count in counts) == len(whole)
    assert sum(count.late for count in counts) == sum(line.late for line in whole) > 0


def test_what_is_asked_for_is_what_is_told(runtime: Runtime) -> None:
    whole = dossier(runtime, "hill")
    for part in ("did", "asked", "received"):
        chosen = dossier(runtime, "hill", part=part)
        assert chosen == [line for line in whole if line.part == part] != []
    late = dossier(runtime, "hill", part="late")
    assert late == [line for line in whole if line.late] != []
    assert {line.name for line in late} >= {"case.overdue"}
    slips = dossier(runtime, "hill", kinds=("slip", "money"))
    assert slips == [line for line in whole if line.stream_kind in ("slip", "money")] != []
    middle = whole[len(whole) // 2].occurred_at
    since = dossier(runtime, "hill", start=middle)
    until = dossier(runtime, "hill", end=middle)
    assert until + since == whole


def test_a_unit_and_those_under_it_have_each_event_once(runtime: Runtime) -> None:
    reader = runtime.services.reader
    several = lines(reader, Subject("unit", ("hill", "shop", "east")), NOW, limit=ALL)
    alone = {line.position for unit in ("hill", "shop", "east") for line in dossier(runtime, unit)}
    assert [line.position for line in several] == [
        line.position for line in sorted(several, key=lambda e: (e.occurred_at, e.position))
    ]
    assert len(several) == len(alone)


def test_every_line_is_told_with_what_it_changed(runtime: Runtime) -> None:
    found = dossier(runtime, "inn")
    steps = told(runtime.store, found)
    assert [step.envelope.position for step in steps] == [line.position for line in found]
    for step in steps:
        assert step.line.name == step.envelope.event.NAME
        assert step.envelope.version == step.line.version
    assert sum(bool(step.changes) for step in steps) > len(steps) // 2


def test_a_person_has_what_they_did(runtime: Runtime) -> None:
    reader = runtime.services.reader
    found = lines(reader, Subject("person", ("officer-1",)), NOW, limit=ALL)
    by_them = [e for e in runtime.store.read(0, ALL) if e.actor == "officer-1"]
    assert sorted(line.position for line in found) == [e.position for e in by_them]
    assert {line.part for line in found} == {"did"}
