"""Derives everything again from the events and compares it with what people are shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from domain.messages import Envelope
from domain.rankings.composing import is_intact
from domain.rankings.events import RankingCorrected, RankingPublished
from infra.clickhouse.engine import Engine
from infra.clickhouse.rebuilding import build_beside
from infra.clickhouse.schema import beside, drop_beside
from infra.clickhouse.tables import physical
from infra.event_store.address import StoreAddress
from projections.catalogue import PROJECTIONS
from projections.projection import Projection, Snapshot

Report = Callable[[int, int], None]

# A row as text, so that NULLs and arrays count like everything else.
_ROW = "formatRowNoNewline('JSONCompactEachRow', *)"


@dataclass(frozen=True, slots=True)
class Findings:
    """``compared`` are the rows of each table; ``wrong`` says what is not as it should be;
    ``proven`` is what hashes and signatures showed, ``evidence`` what its files did, ``rested`` for
    how many seconds the sinks had to rest, where there are any."""

    events: int
    compared: Sequence[tuple[str, int]]
    wrong: Sequence[str]
    rested: float | None = None
    proven: str = ""
    evidence: str = ""

    @property
    def sound(self) -> bool:
        return not self.wrong

    def lines(self) -> list[str]:
        rows = ", ".join(f"{table} {count:,}" for table, count in self.compared) or "none"
        told = [self.proven] if self.proven else []
        told += [f"{self.events:,} events; rows derived again and compared: {rows}"]
        if self.evidence:
            told.append(self.evidence)
        if self.rested is not None:
            told.append(
                f"the sinks rested for {self.rested:.1f} s meanwhile; what came later was not "
                "looked at"
            )
        if self.sound:
            return [*told, "SOUND: the store is complete and every row is what its events make it"]
        return [*told, *(f"WRONG: {sentence}" for sentence in self.wrong)]


def verify(
    engine: Engine,
    store: StoreAddress,
    until: int,
    published: Sequence[Envelope],
    report: Report = lambda done, total: None,
) -> Findings:
    """Checks the store and the checksums of the rankings and corrections in ``published``, then
    builds all tables from events 1 to ``until`` beside the live ones, compares row by row and
    drops them again. The live tables must hold exactly these events and rest meanwhile."""
    wrong = store.problems() + altered_rankings(published)
    if wrong:  # nothing can be derived from events that are not all there
        return Findings(until, (), wrong)
    build_beside(engine, store, until, report)
    try:
        compared, wrong = compare(engine)
    finally:
        drop_beside(engine, PROJECTIONS)
    return Findings(until, compared, wrong)


def compare(engine: Engine) -> tuple[list[tuple[str, int]], list[str]]:
    """The live tables with those beside: the rows of each, and every table's difference."""
    compared = [(p.table, _count(engine, p)) for p in PROJECTIONS]
    return compared, [sentence for p in PROJECTIONS for sentence in _differences(engine, p)]


def altered_rankings(published: Sequence[Envelope]) -> list[str]:
    """Those that are not what was published, each in a sentence."""
    return [
        f"the ranking {e.key} published at position {e.position} is not what its checksum says"
        for e in published
        if isinstance(e.event, RankingPublished | RankingCorrected) and not is_intact(e.event)
    ]


def _count(engine: Engine, projection: Projection) -> int:
    return int(_ask(engine, f"SELECT count() FROM {_live(projection)}")[0][0])


def _differences(engine: Engine, projection: Projection) -> Iterator[str]:
    live, derived = _live(projection), _derived(projection)
    sums = [
        _ask(engine, f"SELECT count(), sum(cityHash64({_ROW})) FROM {table}")[0]
        for table in (live, derived)
    ]
    if sums[0] == sums[1]:
        return
    yield f"{projection.table} has {sums[0][0]:,} rows, and its events make {sums[1][0]:,}"
    for here, there, said in ((live, derived, "is shown"), (derived, live, "should be shown")):
        for (row,) in _ask(
            engine,
            f"SELECT row FROM (SELECT position, {_ROW} AS row FROM {here}) WHERE row NOT IN "
            f"(SELECT {_ROW} FROM {there}) ORDER BY position LIMIT 1",
        ):
            yield f"{projection.table}: {row} {said}"


def _live(projection: Projection) -> str:
    return physical(projection) + _final(projection)


def _derived(projection: Projection) -> str:
    return beside(projection) + _final(projection)


def _final(projection: Projection) -> str:
    return " FINAL" if isinstance(projection, Snapshot) else ""


def _ask(engine: Engine, sql: str) -> Sequence[Any]:
    with engine.client() as client:
        return client.query(sql).result_rows
