"""``duban bench``: how fast, beside the raw library on the same data in the same run."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from infra.benches.append import bench_append
from infra.benches.importing import bench_import
from infra.benches.querying import bench_query
from infra.benches.rebuild import bench_rebuild
from infra.benches.serving import bench_live, bench_start
from infra.commands.progress import answer, say
from infra.settings import Settings

NAME = "bench"
SUMMARY = "measure this machine: figure, raw limit and ratio in one run"
EXAMPLES = (
    "duban bench append --events 20000",
    "duban bench rebuild --events 1000000 --json rebuild.json",
)


BENCHES: Mapping[str, tuple[Callable[[int], dict[str, Any]], int]] = {
    "append": (bench_append, 20_000),
    "import": (bench_import, 120_000),
    "rebuild": (bench_rebuild, 1_000_000),
    "query": (bench_query, 1_000_000),
    "live": (bench_live, 1_000_000),
    "start": (bench_start, 1_000_000),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=tuple(BENCHES))
    parser.add_argument("--events", type=int, metavar="N", help="size of the log")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    bench, usual = BENCHES[chosen.what]
    events = chosen.events or usual
    say(f"measuring {chosen.what} with {events:,} events; other work on this machine disturbs it")
    figures = bench(events)
    for name, figure in figures.items():
        answer(
            f"{name:<28} {figure:>14,}"
            if isinstance(figure, int | float)
            else f"{name:<28} {figure:>14}"
        )
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0
