"""Small cities to test on."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.runtime import Runtime
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
        simulate(
            runtime.services, runtime.react, clock, "示例市", days, seed, END,
            lambda done, total: None,
        )  # fmt: skip
        runtime.catch_up()
