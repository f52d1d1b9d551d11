"""Whether an event store still is what it was when it was written: complete and in order."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

Ask = Callable[[str], Sequence[Any]]


def problems(ask: Ask) -> Iterator[str]:
    """In SQL that every store understands, over the tables that they all have."""
    count, first, last = ask("SELECT count(*), min(pos), max(pos) FROM events")[0]
    if count and (first, last) != (1, count):
        yield f"there are {count} events at positions {first} to {last}: some are missing"
    for name, has, least, most in ask(
        "SELECT s.name, count(*), min(e.version), max(e.version) FROM events e "
        "JOIN streams s ON s.id = e.stream GROUP BY s.name "
        "HAVING min(e.version) <> 1 OR max(e.version) <> count(*) LIMIT 3"
    ):
        yield f"{name} has {has} events numbered {least} to {most}: some are missing"
    for (position,) in ask(
        "SELECT pos FROM (SELECT pos, recorded_at - lag(recorded_at) OVER (ORDER BY pos) AS step "
        "FROM events) AS steps WHERE step < 0 LIMIT 3"
    ):
        yield f"event {position} is recorded before the one in front of it"
    for (position,) in ask(
        "SELECT pos FROM (SELECT pos, version - lag(version, 1, 0) "
        "OVER (PARTITION BY stream ORDER BY pos) AS step FROM events) AS steps "
        "WHERE step <> 1 LIMIT 3"
    ):
        yield f"event {position} is not the next one of its stream"
