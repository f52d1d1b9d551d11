"""``duban bench``: how fast, beside the raw library on the same data in the same run."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from infra.commands.progress import answer, say
from infra.settings import Settings

EXAMPLES = (
    "duban bench append --events 20000",
    "duban bench rebuild --events 1000000 --json rebuild.json",
)

# What a bench needs is loaded only when it is asked for: every other command starts sooner.
BENCHES: Mapping[str, tuple[str, int]] = {
    "append": ("infra.benches.append:bench_append", 20_000),
    "import": ("infra.benches.importing:bench_import", 120_000),
    "rebuild": ("infra.benches.rebuild:bench_rebuild", 1_000_000),
    "query": ("infra.benches.querying:bench_query", 1_000_000),
    "past": ("infra.benches.past:bench_past", 1_000_000),
    "compose": ("infra.benches.composing:bench_compose", 1_000_000),
    "sweep": ("infra.benches.sweep:bench_sweep", 1_000_000),
    "live": ("infra.benches.serving:bench_live", 1_000_000),
    "sink": ("infra.benches.sinking:bench_sink", 300_000),
    "relay": ("infra.benches.relaying:bench_relay", 100_000),
    "through": ("infra.benches.through:bench_through", 10_000),
    "http": ("infra.benches.over_http:bench_http", 200_000),
    "start": ("infra.benches.serving:bench_start", 1_000_000),
    "evidence": ("infra.benches.evidence:bench_evidence", 20),
    "tree": ("infra.benches.growing:bench_tree", 1_000_000),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=tuple(BENCHES))
    parser.add_argument("--events", type=int, metavar="N", help="size of the log (of the scores)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    bench, usual = BENCHES[chosen.what]
    events = chosen.events or usual
    say(f"measuring {chosen.what} with {events:,} events; other work on this machine disturbs it")
    figures: Mapping[str, Any] = resolve_name(bench)(events)
    for name, figure in figures.items():
        shown = f"{figure:,}" if isinstance(figure, int | float) else figure
        answer(f"{name:<28} {shown:>14}")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0
