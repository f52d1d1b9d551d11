"""Whatever a random life held, each of its moments is told as a naive refold tells it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from domain.messages import Envelope
from domain.moments import Then
from infra.event_store import SqliteEventStore
from projections.catalogue import PROJECTIONS
from projections.histories import history
from projections.past.differences import difference, past
from projections.past.kinds import KINDS, Kind
from projections.past.policies import policies_then
from projections.projection import Snapshot
from projections.rules import Rules
from streams.projector import Projector
from streams.wire import Decoding
from tests.support.late_lives import lived
from tests.support.memory_log import REGISTRY, MemoryTables

INSTANT = timedelta(microseconds=1)
SEEDS = (1, 2)


@pytest.fixture(scope="module", params=SEEDS)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqliteEventStore]:
    with lived(tmp_path_factory.mktemp("lives"), request.param, 700) as store:
        yield store


def streams_of(store: SqliteEventStore, kind: str) -> dict[str, list[Envelope]]:
    found: dict[str, list[Envelope]] = defaultdict(list)
    for envelope in store.load_kind(kind):
        found[envelope.key].append(envelope)
    return found


def holds(envelope: Envelope, first: Envelope) -> datetime:
    event: Any = envelope.event
    match event.NAME:
        case "inspection.corrected" | "reading.corrected":
            return first.occurred_at
        case "policy.adopted":
            return event.effective_from  # type: ignore[no-any-return]
    return envelope.occurred_at


def refold(kind: Kind, stream: Sequence[Envelope], then: Then) -> Any:
    """The slow and plain way: every event is looked at, whatever was told before."""
    row: Any = None
    for envelope in stream:
        if then.as_of is not None and envelope.recorded_at > then.as_of:
            continue
        if then.at is not None and holds(envelope, stream[0]) > then.at:
            continue
        if row is None:
            if envelope.event.NAME == stream[0].event.NAME:
                row = kind.snapshot.begin(envelope.event, envelope)
            continue
        row = row.__copy__()
        row.position, row.version = envelope.position, envelope.version
        row.recorded_at = envelope.recorded_at
        kind.snapshot.evolve(row, envelope.event, envelope)
    return row


def around(moments: set[datetime]) -> list[datetime | None]:
    """Every boundary, the instant before it, and the instant after it."""
    return [None, *sorted({m + d for m in moments for d in (-INSTANT, 0 * INSTANT, INSTANT)})]


def boundaries(stream: Sequence[Envelope]) -> Iterator[Then]:
    known = around({e.recorded_at for e in stream})
    so = around({m for e in stream for m in (holds(e, stream[0]), e.occurred_at)})
    for as_of in known:
        for at in so:
            yield Then(as_of, at)


@pytest.mark.parametrize("name", KINDS)
def test_every_boundary_of_every_thing_is_exact(store: SqliteEventStore, name: str) -> None:
    kind, asked = KINDS[name], 0
    for key, stream in list(streams_of(store, name).items())[:40]:
        for then in boundaries(stream):
            told = history(store, kind.snapshot, key, then.as_of, at=then.at)
            assert told.row == refold(kind, stream, then), (key, then)
            asked += 1
    assert asked > 30, "the lives hold nothing of this kind"


@pytest.mark.parametrize("name", KINDS)
def test_two_moments_differ_in_what_the_events_between_them_changed(
    store: SqliteEventStore, name: str
) -> None:
    kind, random = KINDS[name], Random(name)
    for key, stream in list(streams_of(store, name).items())[:30]:
        thens = list(boundaries(stream))
        for _ in range(20):
            first, second = random.choice(thens), random.choice(thens)
            found = difference(store, kind, key, first, second)
            before, after = refold(kind, stream, first), refold(kind, stream, second)
            assert (found.before, found.after) == (before, after)
            differing = {
                field
                for field in kind.snapshot.row.__struct_fields__
                if getattr(before, field, None) != getattr(after, field, None)
            }
            assert {change.field for change in found.fields} == differing
            if differing:
                assert found.between
            turned = difference(store, kind, key, second, first)
            assert [b.mark for b in turned.between] == [b.mark for b in found.between]
            assert all(
                a.added != b.added for a, b in zip(turned.between, found.between, strict=True)
            )


def test_what_was_known_is_what_the_tables_showed_then(store: SqliteEventStore) -> None:
    raw = list(store.read_raw(0, 10_000))
    steps = Decoding(REGISTRY).steps(raw)
    tables, done = MemoryTables(), 0
    stops = sorted(Random(1).sample(range(1, len(raw)), 25))
    with closing(Projector(PROJECTIONS, tables, Rules(), threads=0)) as projector:
        for stop in stops:
            as_of = steps[stop - 1].envelope.recorded_at
            while stop < len(steps) and steps[stop].envelope.recorded_at == as_of:
                stop += 1
            if stop > done:
                projector.apply(steps[done:stop])
                done = stop
            for projection in PROJECTIONS:
                if isinstance(projection, Snapshot):
                    for row in tables.rows(projection):
                        key = getattr(row, projection.key)
                        assert history(store, projection, key, as_of).row == row


def test_the_marks_are_all_events_in_order(store: SqliteEventStore) -> None:
    for key, stream in streams_of(store, "case").items():
        told = past(store, KINDS["case"], key, Then())
        assert [m.position for m in told.marks] == [e.position for e in stream]
        assert [m.since for m in told.marks] == [holds(e, stream[0]) for e in stream]
        assert any(m.late for m in told.marks) == any(
            e.recorded_at - e.occurred_at > timedelta(hours=24) for e in stream
        )
        assert told.version == len(stream)


def test_lives_hold_what_makes_it_hard(store: SqliteEventStore) -> None:
    stored = store.read(0, 10_000)
    assert any(e.recorded_at - e.occurred_at > timedelta(days=3) for e in stored)
    assert any(e.event.NAME == "inspection.corrected" for e in stored)
    turned = 0
    for stream in streams_of(store, "case").values():
        turned += any(a.occurred_at > b.occurred_at for a, b in pairwise(stream))
    assert turned > 3


def test_the_rules_known_and_in_force_are_exact_at_every_boundary(store: SqliteEventStore) -> None:
    stored = store.load_kind("policy")
    known = around({e.recorded_at for e in stored})
    so = around({e.event.effective_from for e in stored})  # type: ignore[attr-defined]
    now = stored[-1].recorded_at
    for as_of in known:
        for at in so:
            told = policies_then(store, Then(as_of, at), now)
            seen = [e for e in stored if as_of is None or e.recorded_at <= as_of]
            assert {rule.position for rule in told} == {e.position for e in seen}
            moment = at or as_of or now
            for rule in told:
                rivals = [
                    e.event.revision  # type: ignore[attr-defined]
                    for e in seen
                    if e.key == rule.policy_id and e.event.effective_from <= moment  # type: ignore[attr-defined]
                ]
                assert rule.in_force == (bool(rivals) and rule.revision == max(rivals))
            judging = {rule.policy_id: rule.revision for rule in told if rule.in_force}
            for policy_id in {rule.policy_id for rule in told}:
                row = history(store, KINDS["policy"].snapshot, policy_id, as_of, at=moment).row
                assert (row.revision if row else None) == judging.get(policy_id)
