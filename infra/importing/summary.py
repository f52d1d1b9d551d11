"""What an import tells while it runs and when it is done."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Literal

Stage = Literal["read", "store"]

# Called with the stage, how much is done and, where it is known, out of how much (else 0): rows
# while reading, jobs (inspections, steps of service requests) while storing.
Report = Callable[[Stage, int, int], None]


def silent(stage: Stage, done: int, total: int) -> None:
    """Reports nothing."""


@dataclass
class Summary:
    """``jobs`` counts the atomic appends that the rows came to (``what`` they are: inspections, or
    openings and endings of service requests), ``already_there`` those of them that had been
    imported before. Rows that only repeat rows of the same command are ``repeated_rows``, findings
    written twice in one inspection ``duplicate_findings``; ``rejected`` counts rows by code.
    ``seconds`` are those of reading, of learning what is ``known``, of deciding and of appending;
    whoever goes on (projecting) adds its own."""

    mapping: str
    files: Sequence[Path]
    dry_run: bool = False
    what: str = "inspections"
    rows: int = 0
    jobs: int = 0
    imported: int = 0
    already_there: int = 0
    repeated_rows: int = 0
    duplicate_findings: int = 0
    events: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    rejected_files: list[Path] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def rejected_rows(self) -> int:
        return self.rejected.total()

    @property
    def duration(self) -> float:
        return sum(self.seconds.values())

    @property
    def events_per_second(self) -> float:
        return self.events / self.duration if self.duration else 0.0

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start

    def lines(self) -> list[str]:
        """The summary for people, one thing per line."""
        return [line for line in self._lines() if line]

    def _lines(self) -> Iterator[str]:
        yield (
            f"{', '.join(path.name for path in self.files)}: {self.rows:,} rows make "
            f"{self.jobs:,} {self.what}"
        )
        would = "would be " if self.dry_run else ""
        yield f"{self.imported:,} {would}imported as {self.events:,} events"
        if self.already_there:
            nothing = ", nothing was added" if not self.imported else ""
            yield f"{self.already_there:,} were already there{nothing}"
        if self.repeated_rows:
            yield f"{self.repeated_rows:,} rows repeat others of the same files"
        if self.duplicate_findings:
            yield f"{self.duplicate_findings:,} findings stand twice in their inspection"
        if self.rejected_rows:
            codes = ", ".join(f"{code} {count:,}" for code, count in self.rejected.most_common())
            yield f"{self.rejected_rows:,} rows were rejected ({codes}), see"
            yield from (f"  {path}" for path in self.rejected_files)
        spent = ", ".join(f"{name} {took:.1f} s" for name, took in self.seconds.items())
        yield f"{self.duration:.1f} s ({spent}), {self.events_per_second:,.0f} events/s"
