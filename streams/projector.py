"""Brings batches of events into the read tables, whatever delivers them."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import islice
from typing import Any, NamedTuple

from projections.projection import Facts, Projection, Snapshot, Step
from projections.rules import Rules
from streams.ports import Tables, TablesUnavailable
from streams.writing import Batch, Writing

# Rows kept in memory, per snapshot, to spare reading them back; about 1 kB each.
CACHED = 30_000


class Poisoned(Exception):
    """An event that a projection cannot take in; nothing of its batch was written."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(position, reason)  # so that it can travel between processes
        self.position = position

    def __str__(self) -> str:
        return "event {} cannot be projected: {}".format(*self.args)


class Gap(Poisoned):
    """An event whose predecessor the tables do not know. It is not the event that is bad: without
    the one before it a fold would go wrong silently."""


class Aside(NamedTuple):
    """A step that was left out of a batch; without a ``reason`` of its own when only one before
    it in its stream had one."""

    step: Step
    reason: str


class Projector:
    """Keeps no state it could lose: rows of touched streams are read from the tables (unless
    remembered), folded, and written whole.

    Facts are written before snapshots. So after a crash a stream's row may lack events that
    its facts have, never the other way: what a row has seen already gives no facts, and events
    that are no newer than the newest fact of a table are asked for there, since others may have
    filled it beyond them. Applying events again changes nothing.
    """

    def __init__(
        self,
        projections: Sequence[Projection],
        tables: Tables,
        rules: Rules,
        cached: int = CACHED,
        threads: int = 4,
    ) -> None:
        """``threads`` as of ``Writing``."""
        self._tables = tables
        self._writing = Writing(tables, threads)
        self._rules = rules
        self._cached = cached
        self._facts = [p for p in projections if isinstance(p, Facts)]
        self._snapshots = {p.kind: p for p in projections if isinstance(p, Snapshot)}
        self._rows: dict[str, dict[str, Any]] = {kind: {} for kind in self._snapshots}
        self.left_out: set[tuple[str, int]] = set()  # stream and version: nobody will bring them
        self._newest: dict[str, int] | None = None

    def apply(
        self, steps: Sequence[Step], span: str = "", aside: list[Aside] | None = None
    ) -> None:
        """``span`` names these steps, the same whenever they come again, for the tables to
        recognise. Raises ``TablesUnavailable``, ``Poisoned`` (see ``fold``) or ``ValueError`` (see
        ``Tables.insert``); the same steps can be applied again after that."""
        if steps:
            self.write(self.fold(steps, aside), span)

    def fold(self, steps: Sequence[Step], aside: list[Aside] | None = None) -> Batch:
        """What the steps add, on top of all that was folded before, written or not. Steps that
        cannot be taken in, and those after them in their streams, are put ``aside``; without such
        a list they raise ``Poisoned``. ``Gap`` is always raised."""
        self._read_missing(steps)
        present = self._present(steps)
        facts: dict[str, list[Any]] = {f.table: [] for f in self._facts}
        changed: dict[str, dict[str, Any]] = {kind: {} for kind in self._snapshots}
        of_kind = _ByKind([(f, present[f.table], facts[f.table]) for f in self._facts])
        rules, held = self._rules, set[str]()
        for step in steps:
            if held and step.envelope.stream_id in held and aside is not None:
                aside.append(Aside(step, ""))
                continue
            try:
                if self._fold_row(step, changed):
                    for make_rows, there, rows in of_kind[step.kind]:
                        if not there or step.envelope.position not in there:
                            rows += make_rows(step, rules)
            except (Gap, TablesUnavailable):
                self.forget()
                raise
            except Exception as error:  # whatever a projection stumbles over, the event is named
                self._undo(step, facts, changed)
                self._put_aside(step, error, aside)
                held.add(step.envelope.stream_id)
        return Batch(
            steps[0].envelope.position,
            steps[-1].envelope.position,
            max(step.envelope.position for step in steps),
            [(f, facts[f.table]) for f in self._facts],
            [(s, list(changed[kind].values())) for kind, s in self._snapshots.items()],
        )

    def write(self, batch: Batch, span: str = "") -> None:
        try:
            self._writing.write(batch, span or f"{batch.first}-{batch.last}")
        except BaseException:
            self.forget()
            raise
        self.wrote(batch)

    def wrote(self, batch: Batch) -> None:
        """Somebody has: here, or together with those of others."""
        if self._newest is not None:
            for table, newest in self._newest.items():
                self._newest[table] = max(newest, batch.highest)
        self._trim()

    def forget(self) -> None:
        """Everything is read again before the next fold: what is remembered may not have been
        written, and what was written may not be remembered."""
        for rows in self._rows.values():
            rows.clear()
        self._newest = None

    def close(self) -> None:
        self._writing.close()

    def _fold_row(self, step: Step, changed: dict[str, dict[str, Any]]) -> bool:
        """Folds the event into its stream's row; False if the row has seen it."""
        kind, key = step.kind, step.key
        snapshot = self._snapshots.get(kind)
        if snapshot is None:
            if kind == "policy":
                self._rules.learn(step.envelope)
            return True
        rows, envelope = self._rows[kind], step.envelope
        before = rows.pop(key, None)  # and back at the end: the least recently used go first
        if before is not None and envelope.position <= before.position:
            rows[key] = before
            return False
        if envelope.version != (1 if before is None else before.version + 1):
            self._require_left_out(before, step)
        try:
            after = snapshot.fold(before, envelope)
        except Exception:
            if before is not None:
                rows[key] = before
            raise
        step.before = before
        step.after = rows[key] = changed[kind][key] = after
        return True

    def _require_left_out(self, row: Any, step: Step) -> None:
        """All between the row and the step. Raises ``Gap``."""
        known, stream = 0 if row is None else row.version, step.envelope.stream_id
        missing = range(known + 1, step.envelope.version)
        if not missing or any((stream, version) not in self.left_out for version in missing):
            raise Gap(
                step.envelope.position,
                f"the tables know {known} events of {stream} and now get number "
                f"{step.envelope.version}: rebuild them",
            )

    def _undo(
        self, step: Step, facts: Mapping[str, list[Any]], changed: dict[str, dict[str, Any]]
    ) -> None:
        """As if the step had never been folded; a row may be written again as it stands."""
        for made in facts.values():
            while made and made[-1].position == step.envelope.position:
                made.pop()
        mine = changed.get(step.kind, {})
        if step.after is not None and mine.get(step.key) is step.after:
            if step.before is None:
                del mine[step.key], self._rows[step.kind][step.key]
            else:
                self._rows[step.kind][step.key] = mine[step.key] = step.before

    def _put_aside(self, step: Step, error: Exception, aside: list[Aside] | None) -> None:
        reason = str(error) or repr(error)
        if aside is None:
            self.forget()
            raise Poisoned(step.envelope.position, reason) from error
        aside.append(Aside(step, reason))

    def _present(self, steps: Sequence[Step]) -> Mapping[str, Set[int]]:
        """By table of facts: the positions of these steps that have rows there."""
        if self._newest is None:
            self._newest = {facts.table: self._tables.newest(facts) for facts in self._facts}
        highest = max(self._newest.values(), default=0)
        old = [(s.envelope.position, s.kind) for s in steps if s.envelope.position <= highest]
        found: dict[str, Set[int]] = {}
        for facts in self._facts:
            newest = self._newest[facts.table]
            asked = [p for p, k in old if p <= newest and (not facts.kinds or k in facts.kinds)]
            found[facts.table] = self._tables.stored(facts, asked) if asked else frozenset()
        return found

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

    def _trim(self) -> None:
        for rows in self._rows.values():
            for key in list(islice(rows, max(0, len(rows) - self._cached))):
                del rows[key]


Making = tuple[Callable[[Step, Rules], Sequence[Any]], Set[int], list[Any]]


class _ByKind(dict[str, list[Making]]):
    """What makes rows of the events of a kind of stream: except for which positions, and where
    the rows go."""

    def __init__(self, facts: Sequence[tuple[Facts[Any], Set[int], list[Any]]]) -> None:
        super().__init__()
        self._facts = facts

    def __missing__(self, kind: str) -> list[Making]:
        self[kind] = [
            (facts.rows, present, rows)
            for facts, present, rows in self._facts
            if not facts.kinds or kind in facts.kinds
        ]
        return self[kind]
