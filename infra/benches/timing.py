"""How long something takes when it is done again and again."""

import statistics
import time
from collections.abc import Callable, Sequence


def seconds_of(done: Callable[[], object]) -> float:
    started = time.perf_counter()
    done()
    return time.perf_counter() - started


def timed(name: str, times: int, ask: Callable[[], object]) -> dict[str, float]:
    """Once before anything is counted, so that nobody pays for what is loaded then."""
    ask()
    return spread(name, [seconds_of(ask) for _ in range(times)], digits=2)


def spread(name: str, seconds: Sequence[float], digits: int = 1) -> dict[str, float]:
    """In milliseconds."""
    return {
        f"{name}_p50_ms": round(statistics.median(seconds) * 1000, digits),
        f"{name}_p99_ms": round(statistics.quantiles(seconds, n=100)[-1] * 1000, digits),
    }
