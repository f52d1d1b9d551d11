"""Brings batches of events into the read tables, whatever delivers them."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import islice
from typing import Any

import msgspec

from domain.errors import Refused
from projections.projection import Facts, Projection, Snapshot, Step
from projections.rules import Rules
from streams.ports import Tables

# Rows kept in memory, per snapshot, to spare reading them back; about 1 kB each.
CACHED = 30_000


class Poisoned(Exception):
    """An event that a projection cannot take in; nothing of its batch was written."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(position, reason)  # so that it can travel between processes
        self.position = position

    def __str__(self) -> str:
        return "event {} cannot be projected: {}".format(*self.args)


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
        threads: int = 4,
    ) -> None:
        """``threads`` write the tables of a batch in parallel; 0: one after the other."""
        self._tables = tables
        self._rules = rules
        self._cached = cached
        self._facts = [p for p in projections if isinstance(p, Facts)]
        self._snapshots = {p.kind: p for p in projections if isinstance(p, Snapshot)}
        self._rows: dict[str, dict[str, Any]] = {kind: {} for kind in self._snapshots}
        self._newest: dict[str, int] | None = None
        self._threads = ThreadPoolExecutor(threads, "tables") if threads else None

    def apply(self, steps: Sequence[Step]) -> None:
        """Raises ``TablesUnavailable``, ``Poisoned`` or ``ValueError`` (see ``Tables.insert``);
        the same steps can be applied again after that."""
        if steps:
            self.write(self.fold(steps))

    def fold(self, steps: Sequence[Step]) -> Batch:
        """What the steps add, on top of all that was folded before, written or not."""
        if self._newest is None:
            self._newest = {facts.table: self._tables.newest(facts) for facts in self._facts}
        self._read_missing(steps)
        facts: dict[str, list[Any]] = {f.table: [] for f in self._facts}
        changed: dict[str, dict[str, Any]] = {kind: {} for kind in self._snapshots}
        of_kind = _ByKind([(f, self._newest[f.table], facts[f.table]) for f in self._facts])
        rules, position = self._rules, 0
        try:
            for step in steps:
                position = step.envelope.position
                if self._fold_row(step, changed):
                    for make_rows, newest, rows in of_kind[step.kind]:
                        if position > newest:
                            rows += make_rows(step, rules)
        except Exception as error:  # whatever a projection stumbles over, the event is named
            self.forget()
            raise Poisoned(position, str(error) or repr(error)) from error
        return Batch(
            steps[0].envelope.position,
            steps[-1].envelope.position,
            [(f, facts[f.table]) for f in self._facts],
            [(s, list(changed[kind].values())) for kind, s in self._snapshots.items()],
        )

    def write(self, batch: Batch) -> None:
        span = f"{batch.first}-{batch.last}"
        try:
            self._insert(batch.facts, span)
            self._insert(batch.snapshots, span)
        except BaseException:
            self.forget()
            raise
        for facts, rows in batch.facts:
            if rows and self._newest is not None:
                self._newest[facts.table] = rows[-1].position
        self._trim()

    def forget(self) -> None:
        """Everything is read again before the next fold: what is remembered may not have been
        written, and what was written may not be remembered."""
        for rows in self._rows.values():
            rows.clear()
        self._newest = None

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()

    def _fold_row(self, step: Step, changed: dict[str, dict[str, Any]]) -> bool:
        """Folds the event into its stream's row; False if the row has seen it."""
        kind, key = step.kind, step.key
        snapshot = self._snapshots.get(kind)
        if snapshot is None:
            if kind == "policy":
                self._rules.learn(step.envelope)
            return True
        rows = self._rows[kind]
        before = rows.pop(key, None)  # and back at the end: the least recently used go first
        if before is not None and step.envelope.position <= before.position:
            rows[key] = before
            return False
        if step.envelope.version != (1 if before is None else before.version + 1):
            raise _gap(before, step)
        step.before = before
        step.after = rows[key] = changed[kind][key] = snapshot.fold(before, step.envelope)
        return True

    def _read_missing(self, steps: Iterable[Step]) -> None:
        """A stream that begins in this batch has no row worth reading: folded from its first
        event again, it comes to the same row."""
        missing: dict[str, dict[str, bool]] = {kind: {} for kind in self._snapshots}
        for step in steps:
            rows = self._rows.get(step.kind)
            if rows is not None and step.key not in rows:
                missing[step.kind].setdefault(step.key, step.envelope.version > 1)
        for kind, keys in missing.items():
            if wanted := sorted(key for key, has_row in keys.items() if has_row):
                self._rows[kind].update(self._tables.current(self._snapshots[kind], wanted))

    def _insert(self, parts: Sequence[tuple[Projection, list[Any]]], span: str) -> None:
        """Only when all tables are done is any failure raised."""
        inserts = [(p, rows, f"{p.table}:{span}") for p, rows in parts if rows]
        if self._threads is None:
            for insert in inserts:
                self._tables.insert(*insert)
            return
        running = [self._threads.submit(self._tables.insert, *insert) for insert in inserts]
        wait(running)
        for done in running:
            done.result()

    def _trim(self) -> None:
        for rows in self._rows.values():
            for key in list(islice(rows, max(0, len(rows) - self._cached))):
                del rows[key]


def _gap(row: Any, step: Step) -> Refused:
    """Without the event before it a fold would go wrong silently."""
    return Refused(
        "tables.gap",
        f"the tables know {0 if row is None else row.version} events of {step.envelope.stream_id} "
        f"and now get number {step.envelope.version}: rebuild them",
    )


Making = tuple[Callable[[Step, Rules], Sequence[Any]], int, list[Any]]


class _ByKind(dict[str, list[Making]]):
    """What makes rows of the events of a kind of stream: from which position on, and where to."""

    def __init__(self, facts: Sequence[tuple[Facts[Any], int, list[Any]]]) -> None:
        super().__init__()
        self._facts = facts

    def __missing__(self, kind: str) -> list[Making]:
        self[kind] = [
            (facts.rows, newest, rows)
            for facts, newest, rows in self._facts
            if not facts.kinds or kind in facts.kinds
        ]
        return self[kind]
