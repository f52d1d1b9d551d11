"""The order in which unrelated things are recorded never changes a ranking."""

from collections import defaultdict
from collections.abc import Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.periods import Period, PeriodKind
from domain.rankings.composing import UnitTotal, compose
from domain.rankings.events import RankedUnit
from infra.bundled import preset
from projections.score_rows import ScoreRow
from streams.wire import Decoding
from tests.projections.test_scores import entries
from tests.support.lives import LEADS, Lives
from tests.support.memory_log import REGISTRY, MemoryLog
from tests.support.policies import load_scoring

LIVES = Lives(3).until(700)
POLICY = load_scoring(preset("default"))
KINDS: tuple[PeriodKind, ...] = ("week", "fortnight", "month", "quarter", "year")


def in_another_order(log: MemoryLog, random: Random) -> MemoryLog:
    """The same streams, each in its own order, shuffled into each other after the policies."""
    streams: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    other = MemoryLog()
    for step in Decoding(REGISTRY).steps(log.events):
        envelope = step.envelope
        told = (envelope.stream_id, envelope.event, envelope.occurred_at,
                envelope.metadata.policies, envelope.actor)  # fmt: skip
        if step.kind == "policy":
            other.append(*told)
        else:
            streams[envelope.stream_id].append(told)
    turns = [stream for stream, told in streams.items() for _ in told]
    random.shuffle(turns)
    waiting = {stream: iter(told) for stream, told in streams.items()}
    for stream in turns:
        other.append(*next(waiting[stream]))  # type: ignore[arg-type]
    return other


def ranked(rows: Sequence[ScoreRow], period: Period) -> tuple[RankedUnit, ...]:
    totals = [
        UnitTotal(row.unit, row.points, 1, row.clause if row.veto > 0 else "")
        for row in rows
        if period.first <= row.day < period.end
    ]
    return compose(POLICY, totals, dict.fromkeys(LEADS, "")).get("", ())


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_unrelated_events_may_be_recorded_in_any_order(random: Random) -> None:
    rows, shuffled = entries(LIVES), entries(in_another_order(LIVES, random))
    assert len(rows) == len(shuffled) > 100
    for day in {row.day for row in rows}:
        for kind in KINDS:
            period = Period.on(kind, day)
            assert ranked(rows, period) == ranked(shuffled, period)
