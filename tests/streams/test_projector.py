"""However events are delivered, cut, repeated or interrupted, the tables come out the same."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from random import Random
from typing import Any
from zlib import crc32

import pytest
from msgspec.structs import replace

from domain.access.events import AccessRecorded
from domain.cases.events import CaseClaimed, CaseFiled
from domain.evidence.events import EvidenceAttached
from domain.persons.events import FieldDigest, PersonForgotten, PersonRegistered
from projections.catalogue import PROJECTIONS
from projections.projection import Facts, Snapshot, Step
from projections.rules import Rules
from streams.ports import TablesUnavailable
from streams.projector import Aside, Gap, Poisoned, Projector
from streams.wire import Decoding
from tests.support.lives import Lives
from tests.support.memory_log import REGISTRY, MemoryLog, MemoryTables, unavailable
from tests.support.specification import MONDAY

TABLES = [projection.table for projection in PROJECTIONS]


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    """Also with what no decision of those lives brings about: files, persons and readers."""
    log, later = Lives(seed=1).until(800), MONDAY + timedelta(days=365)
    kept = FieldDigest(field="name", digest="ab" * 32)
    for stream, event in (
        ("case-1", EvidenceAttached(digest="cd" * 32, media_type="image/png", size=9)),
        ("person-p-1", PersonRegistered(category="reporter", basis="consent", fields=(kept,))),
        ("access-1", AccessRecorded(act="open", channel="page", kind="cases", key="1")),
        ("person-p-1", PersonForgotten(basis="asked for")),
    ):
        log.append(stream, event, later)
    return log


@pytest.fixture(scope="module")
def expected(log: MemoryLog) -> dict[str, list[Any]]:
    tables = MemoryTables()
    apply(tables, log, [len(log.events)])
    return shown(tables)


def steps(log: MemoryLog, after: int = 0, until: int | None = None) -> list[Step]:
    return Decoding(REGISTRY).steps(log.events[after:until])


def apply(
    tables: MemoryTables, log: MemoryLog, ends: Sequence[int], start: int = 0, **options: int
) -> None:
    """Applies what follows ``start``, cut after each of ``ends``, as a fresh process would."""
    known = [e for e in log.load_kind("policy") if e.position <= start]
    with closing(Projector(PROJECTIONS, tables, Rules(known), **options)) as projector:
        for end in ends:
            projector.apply(steps(log, start, end))
            start = end


def shown(tables: MemoryTables) -> dict[str, list[Any]]:
    return {projection.table: tables.rows(projection) for projection in PROJECTIONS}


def until_it_crashes(
    projector: Projector, tables: MemoryTables, part: list[Step], start: int, random: Random
) -> int:
    """Batches until an insert of one fails, before or after it; where it goes on from there."""
    crash = random.randrange(1, 9)
    while start < len(part):
        crash -= 1
        if not crash:
            tables.trouble = unavailable(random.choice(TABLES), random.choice(("before", "after")))
        batch = part[start : start + random.choice((1, 5, 30))]
        try:
            projector.apply(batch)
        except TablesUnavailable:
            return max(0, start - random.choice((0, 10)))
        finally:
            tables.trouble = lambda *point: None
        start += len(batch)
    return start


def cuts(length: int, seed: int) -> Iterator[int]:
    """Where batches end: random, many of them single events."""
    random, end = Random(seed), 0
    while end < length:
        end = min(length, end + random.choice((1, 1, 2, 7, 60)))
        yield end


def test_every_table_gets_something(expected: dict[str, list[Any]]) -> None:
    assert not [table for table, rows in expected.items() if not rows]


@pytest.mark.parametrize("seed", range(4))
def test_batches_may_end_anywhere(
    log: MemoryLog, expected: dict[str, list[Any]], seed: int
) -> None:
    tables = MemoryTables()
    apply(tables, log, list(cuts(len(log.events), seed)))
    assert shown(tables) == expected


def test_rows_that_were_forgotten_are_read_back(
    log: MemoryLog, expected: dict[str, list[Any]]
) -> None:
    tables = MemoryTables()
    apply(tables, log, list(cuts(len(log.events), 5)), cached=2)
    assert shown(tables) == expected


def test_without_threads_the_tables_are_the_same(
    log: MemoryLog, expected: dict[str, list[Any]]
) -> None:
    tables = MemoryTables()
    apply(tables, log, list(cuts(len(log.events), 6)), threads=0)
    assert shown(tables) == expected


@pytest.mark.parametrize("seed", range(3))
def test_what_was_applied_before_changes_nothing(
    log: MemoryLog, expected: dict[str, list[Any]], seed: int
) -> None:
    """A checkpoint may lie: after it everything comes again, cut in other places."""
    tables = MemoryTables()
    length, random = len(log.events), Random(seed)
    apply(tables, log, list(cuts(length, seed)))
    for start in (0, random.randrange(length), length - 1):
        ends = [end for end in cuts(length, seed + 50) if end > start]
        apply(tables, log, ends, start)
    assert shown(tables) == expected


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("table", [table for table in TABLES if table != "publications"])
@pytest.mark.parametrize("crashed", [False, True], ids=["retried", "crashed"])
def test_an_insert_may_fail_at_any_point(
    log: MemoryLog, expected: dict[str, list[Any]], table: str, when: str, crashed: bool
) -> None:
    """After a crash a fresh process starts from an old checkpoint, with other batches."""
    tables, ends = MemoryTables(), list(cuts(len(log.events), 7))
    with closing(Projector(PROJECTIONS, tables, Rules(), threads=0)) as projector:
        start = 0
        for number, end in enumerate(ends):
            batch = steps(log, start, end)
            tables.trouble = unavailable(table, when) if number % 5 == 3 else lambda *point: None
            try:
                projector.apply(batch)
            except TablesUnavailable:
                if crashed:
                    break
                projector.apply(batch)
            start = end
    tables.trouble = lambda *point: None
    if crashed:
        again = max(0, start - 40)
        apply(tables, log, [*(e for e in cuts(len(log.events), 8) if e > again)], again)
    assert shown(tables) == expected


def test_an_outage_may_last_while_more_and_more_is_stored(
    log: MemoryLog, expected: dict[str, list[Any]]
) -> None:
    """Some facts are written, then nothing can be read or written; later the batch is longer."""
    tables = MemoryTables()

    def outage(table: str, when: str) -> None:
        if table != "events" or when == "newest":
            raise TablesUnavailable("no connection")

    with closing(Projector(PROJECTIONS, tables, Rules(), threads=0)) as projector:
        projector.apply(steps(log, 0, 200))
        tables.trouble = outage
        for end in (230, 231, 260):
            with pytest.raises(TablesUnavailable):
                projector.apply(steps(log, 200, end))
        tables.trouble = lambda *point: None
        projector.apply(steps(log, 200))
    assert shown(tables) == expected


@pytest.mark.parametrize("seed", range(3))
def test_partitions_may_run_far_apart_and_crash_anywhere(
    log: MemoryLog, expected: dict[str, list[Any]], seed: int
) -> None:
    """Streams are spread over two partitions, and each is filled by a projector of its own, so the
    newest fact of a table says nothing about the other partition."""
    tables, random = MemoryTables(), Random(seed)
    parts: list[list[Step]] = [[], []]
    for step in steps(log):
        parts[crc32(step.envelope.stream_id.encode()) % 2].append(step)
    for part in (parts[seed % 2], parts[1 - seed % 2]):
        start = 0
        while start < len(part):
            rules = Rules((), lambda: log.load_kind("policy"))
            with closing(Projector(PROJECTIONS, tables, rules, threads=0)) as projector:
                start = until_it_crashes(projector, tables, part, start, random)
    assert shown(tables) == expected


def test_facts_are_written_before_the_rows_of_their_streams(log: MemoryLog) -> None:
    tables = MemoryTables()
    facts = {p.table for p in PROJECTIONS if isinstance(p, Facts)}
    with closing(Projector(PROJECTIONS, tables, Rules())) as projector:
        for start in range(0, 400, 50):
            tables.inserts.clear()
            projector.apply(steps(log, start, start + 50))
            kinds = [table in facts for table in tables.inserts]
            assert kinds == sorted(kinds, reverse=True)


def test_a_gap_in_a_stream_is_refused(log: MemoryLog) -> None:
    tables = MemoryTables()
    with closing(Projector(PROJECTIONS, tables, Rules())) as projector:
        projector.apply(steps(log, 0, 100))
        stream = next(e[1] for e in log.events[100:] if e[2] == 1 and e[1].startswith("case-"))
        missing = [s for s in steps(log, 100) if s.envelope.stream_id == stream][1:]
        with pytest.raises(Poisoned, match=r"know 0 events .* get number 2: rebuild"):
            projector.apply(missing)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_put_aside_leaves_the_batch_as_if_it_had_never_been_there(
    log: MemoryLog, seed: int
) -> None:
    """An event names rules that nobody knows, so its row folds and its scores fail."""
    bad = Random(seed).choice([e for e in log.events[300:] if e[1].startswith("case-")])
    without, tables, aside = MemoryTables(), MemoryTables(), list[Aside]()
    with closing(Projector(PROJECTIONS, without, Rules())) as projector:
        kept = [e for e in log.events if e[1] != bad[1] or e[0] < bad[0]]
        projector.apply(Decoding(REGISTRY).steps(kept))
    poisoned = steps(log)
    step = poisoned[bad[0] - 1]
    rules_unknown = replace(step.envelope.metadata, policies=("nobody's",))
    step.envelope = replace(step.envelope, metadata=rules_unknown)
    with closing(Projector(PROJECTIONS, tables, Rules())) as projector:
        projector.apply(poisoned[:200], "", aside)
        projector.apply(poisoned[200:], "", aside)
    assert shown(tables) == shown(without)
    assert [each.step.envelope.position for each in aside] == [
        e[0] for e in log.events if e[1] == bad[1] and e[0] >= bad[0]
    ]
    assert [bool(each.reason) for each in aside] == [True] + [False] * (len(aside) - 1)


def test_a_stream_goes_on_over_an_event_that_nobody_will_bring(log: MemoryLog) -> None:
    stream, gone = next((e[1], e[2] - 1) for e in log.events if e[1][:5] == "case-" and e[2] == 4)
    rest = [s for s in steps(log) if (s.envelope.stream_id, s.envelope.version) != (stream, gone)]
    with closing(Projector(PROJECTIONS, MemoryTables(), Rules())) as projector:
        with pytest.raises(Gap):
            projector.apply(rest)
        projector.left_out.add((stream, gone))
        projector.apply(rest)


def test_a_poisoned_batch_leaves_nothing_and_names_its_event() -> None:
    log = MemoryLog()
    log.append("case-1", CaseFiled(standard="x"), MONDAY)
    log.append("case-1", CaseClaimed(), MONDAY)
    tables = MemoryTables()
    with closing(Projector(PROJECTIONS, tables, Rules())) as projector:
        with pytest.raises(Poisoned) as poison:
            projector.apply(steps(log))
        assert poison.value.position == 1
        assert shown(tables) == {table: [] for table in TABLES}


def test_an_old_event_never_folds_twice(log: MemoryLog) -> None:
    """It gives the row that stands, even when its content would change it."""
    snapshots = {p.kind: p for p in PROJECTIONS if isinstance(p, Snapshot)}
    rows: dict[str, Any] = {}
    folded: list[Step] = []
    for step in steps(log):
        snapshot = snapshots.get(step.kind)
        if snapshot is not None:
            stream = step.envelope.stream_id
            rows[stream] = snapshot.fold(rows.get(stream), step.envelope)
            folded.append(step)
    for step in folded:
        row = rows[step.envelope.stream_id]
        assert snapshots[step.kind].fold(row, step.envelope) is row


def test_folding_leaves_the_row_it_was_given_alone(log: MemoryLog) -> None:
    snapshots = {p.kind: p for p in PROJECTIONS if isinstance(p, Snapshot)}
    rows: dict[str, Any] = {}
    for step in steps(log):
        if (snapshot := snapshots.get(step.kind)) is not None:
            stream = step.envelope.stream_id
            before = rows.get(stream)
            kept = repr(before)
            rows[stream] = snapshot.fold(before, step.envelope)
            assert repr(before) == kept
