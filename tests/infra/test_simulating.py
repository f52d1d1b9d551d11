"""The synthetic city: the same for the same seed, believable, and marked as made up."""

from contextlib import closing
from pathlib import Path

from domain.cases.events import CaseClosed, CaseOverdue, CaseReported
from domain.messages import Envelope
from domain.registry import Registry
from infra.event_store import SqliteEventStore
from infra.simulating.territory import CAUSE
from tests.support.cities import END, synthetic


def log_of(data: Path) -> list[Envelope]:
    with closing(SqliteEventStore.open_read_only(data / "events.sqlite", Registry())) as store:
        return store.read(0, 1_000_000)


def test_the_same_seed_makes_the_same_city(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        synthetic(tmp_path / name, days=3, seed=seed)
    first, again, other = (log_of(tmp_path / name) for name in "abc")
    assert first == again
    assert first != other
    assert all(e.metadata.cause == CAUSE for e in first if not e.actor.startswith("system:"))
    assert max(e.occurred_at for e in first) <= END
    reported = sum(isinstance(e.event, CaseReported) for e in first)
    closed = sum(isinstance(e.event, CaseClosed) for e in first)
    overdue = sum(isinstance(e.event, CaseOverdue) for e in first)
    assert reported > closed > overdue > 0
