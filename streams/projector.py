"""Brings batches of events into the read tables, whatever delivers them."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import islice
from typing import Any

import msgspec

from domain.errors import Refused
from projections.projection import Facts, Projection, Record, Snapshot, Step, has_seen
from projections.rules import Rules
from streams.ports import Tables

# Rows kept in memory, per snapshot, to spare reading them back; about 1 kB each.
CACHED = 30_000


class Poisoned(Exception):
    """An event that a projection cannot take in; nothing of its batch was written."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"event {position} cannot be projected: {reason}")
        self.position = position


class Batch(msgspec.Struct, frozen=True):
    """What a stretch of the log adds to the tables."""

    first: int
    last: int
    facts: list[tuple[Facts[Any], list[Any]]]
    snapshots: list[tuple[Snapshot[Any], list[Any]]]


class Projector:
    """Keeps no state it could lose: rows of touched streams are read from the tables (unless
    remembered), folded, and written whole.

    Facts are written before snapshots. So after a crash a stream's row may lack events that
    its facts have, never the other way: facts up to the newest in their table are skipped, and
    what a row has seen already gives no facts. Applying events again changes nothing.
    """

    def __init__(
        self,
        projections: Sequence[Projection],
        tables: Tables,
        rules: Rules,
        cached: int = CACHED,
    ) -> None:
        self._tables = tables
        self._rules = rules
        self._cached = cached
        self._facts = [p for p in projections if isinstance(p, Facts)]
        self._by_kind: dict[str, tuple[Facts[Any], ...]] = {}
        self._snapshots = {p.kind: p for p in projections if isinstance(p, Snapshot)}
        self._rows: dict[str, dict[str, Any]] = {kind: {} for kind in self._snapshots}
        self._newest = {facts.table: tables.newest(facts) for facts in self._facts}
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="tables")

    def apply(self, records: Sequence[Record]) -> None:
        """Raises ``TablesUnavailable``, ``Poisoned`` or ``ValueError`` (see ``Tables.insert``);
        the same records can be applied again after that."""
        if records:
            self.write(self.fold(records))

    def fold(self, records: Sequence[Record]) -> Batch:
        """What the records add, on top of all that was folded before, written or not."""
        self._read_missing(records)
        facts: dict[str, list[Any]] = {f.table: [] for f in self._facts}
        changed: dict[str, dict[str, Any]] = {kind: {} for kind in self._snapshots}
        for record in records:
            try:
                self._fold_one(record, facts, changed)
            except Exception as error:  # whatever a projection stumbles over, the event is named
                self.forget()
                raise Poisoned(record.envelope.position, str(error) or repr(error)) from error
        return Batch(
            records[0].envelope.position,
            records[-1].envelope.position,
            [(f, facts[f.table]) for f in self._facts],
            [(s, list(changed[kind].values())) for kind, s in self._snapshots.items()],
        )

    def write(self, batch: Batch) -> None:
        span = f"{batch.first}-{batch.last}"
        try:
            self._insert(batch.facts, span)
            for facts, rows in batch.facts:
                if rows:
                    self._newest[facts.table] = rows[-1].position
            self._insert(batch.snapshots, span)
        except BaseException:
            self.forget()
            raise
        self._trim()

    def forget(self) -> None:
        """Read all rows again: what is remembered may not have been written."""
        for rows in self._rows.values():
            rows.clear()
        self._newest = {facts.table: self._tables.newest(facts) for facts in self._facts}

    def close(self) -> None:
        self._threads.shutdown()

    def _fold_one(
        self, record: Record, facts: dict[str, list[Any]], changed: dict[str, dict[str, Any]]
    ) -> None:
        envelope, kind, key = record.envelope, record.kind, record.key
        position = envelope.position
        if kind == "policy":
            self._rules.learn(envelope)
        before = after = None
        snapshot = self._snapshots.get(kind)
        if snapshot is not None:
            rows = self._rows[kind]
            before = rows.pop(key, None)  # and back at the end: the least recently used go first
            if has_seen(before, position):
                rows[key] = before
                return
            _check_follows(before, record)
            after = snapshot.fold(before, envelope)
            rows[key] = changed[kind][key] = after
        step = Step(record, before, after)
        for fact in self._facts_of(kind):
            if position > self._newest[fact.table]:
                facts[fact.table] += fact.rows(step, self._rules)

    def _facts_of(self, kind: str) -> tuple[Facts[Any], ...]:
        known = self._by_kind.get(kind)
        if known is None:
            known = tuple(f for f in self._facts if not f.kinds or kind in f.kinds)
            self._by_kind[kind] = known
        return known

    def _read_missing(self, records: Iterable[Record]) -> None:
        """A stream that begins in this batch has no row worth reading: folded from its first
        event again, it comes to the same row."""
        missing: dict[str, dict[str, bool]] = {kind: {} for kind in self._snapshots}
        for record in records:
            kind, key = record.kind, record.key
            if kind in missing and key not in self._rows[kind]:
                missing[kind].setdefault(key, record.envelope.version > 1)
        for kind, keys in missing.items():
            if wanted := sorted(key for key, has_row in keys.items() if has_row):
                self._rows[kind].update(self._tables.current(self._snapshots[kind], wanted))

    def _insert(self, parts: Sequence[tuple[Projection, list[Any]]], span: str) -> None:
        """The tables in parallel; only when all are done is any failure raised."""
        inserts = [
            self._threads.submit(self._tables.insert, table, rows, f"{table.table}:{span}")
            for table, rows in parts
            if rows
        ]
        wait(inserts)
        for insert in inserts:
            insert.result()

    def _trim(self) -> None:
        for rows in self._rows.values():
            for key in list(islice(rows, max(0, len(rows) - self._cached))):
                del rows[key]


def _check_follows(row: Any, record: Record) -> None:
    """Without the event before it a fold would go wrong silently."""
    has, stream = 0 if row is None else row.version, record.envelope.stream_id
    if record.envelope.version != has + 1:
        raise Refused(
            "tables.gap",
            f"the tables know {has} events of {stream} and now get number "
            f"{record.envelope.version}: rebuild them",
        )
