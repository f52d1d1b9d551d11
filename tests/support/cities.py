"""Small cities to test on."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from domain.policies.commands import AdoptPolicy
from infra.bundled import preset
from infra.clocks import SimulatedClock
from infra.compose import Runtime, embedded
from infra.settings import Settings
from infra.simulating.running import simulate

END = datetime(2026, 3, 20, 4, tzinfo=UTC)


@contextmanager
def opened(data: Path) -> Iterator[Runtime]:
    with closing(embedded(Settings(data_dir=data))) as runtime:
        runtime.catch_up()
        yield runtime


def synthetic(data: Path, days: int = 1, seed: int = 1) -> None:
    """A synthetic city in ``data``, closed again."""
    clock = SimulatedClock(END)
    with closing(embedded(Settings(data_dir=data), clock)) as runtime:
        policy = AdoptPolicy(body=preset("default"))
        simulate(runtime.desk, clock, policy, "示例市", days, seed, END, lambda done, total: None)
        runtime.catch_up()
