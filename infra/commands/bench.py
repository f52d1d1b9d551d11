"""``duban bench``: how fast, beside the raw library on the same data in the same run."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from infra.commands.progress import answer, say
from infra.settings import Settings

NAME = "bench"
SUMMARY = "measure this machine: figure, raw limit and ratio in one run"
EXAMPLES = (
    "duban bench append --events 20000",
    "duban bench rebuild --events 1000000 --json rebuild.json",
)


def _append(events: int) -> dict[str, Any]:
    from infra.benches.append import bench_append

    return bench_append(events)


def _import(events: int) -> dict[str, Any]:
    from infra.benches.importing import bench_import

    return bench_import(events)


def _rebuild(events: int) -> dict[str, Any]:
    from infra.benches.rebuild import bench_rebuild

    return bench_rebuild(events)


def _query(events: int) -> dict[str, Any]:
    from infra.benches.querying import bench_query

    return bench_query(events)


def _live(events: int) -> dict[str, Any]:
    from infra.benches.serving import bench_live

    return bench_live(events)


def _start(events: int) -> dict[str, Any]:
    from infra.benches.serving import bench_start

    return bench_start(events)


BENCHES: Mapping[str, tuple[Callable[[int], dict[str, Any]], int]] = {
    "append": (_append, 20_000),
    "import": (_import, 120_000),
    "rebuild": (_rebuild, 1_000_000),
    "query": (_query, 1_000_000),
    "live": (_live, 1_000_000),
    "start": (_start, 1_000_000),
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
