"""``duban rebuild``: make the read tables anew beside the live ones, then switch."""

import argparse
import time

from infra.commands.opening import add_data_option, chosen_settings, opened
from infra.commands.progress import progress_bar, say
from infra.settings import Settings
from infra.stores import require_city

EXAMPLES = ("duban rebuild --data ./data", "duban rebuild cases scores --data ./data")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "tables",
        nargs="*",
        metavar="TABLE",
        help="only these (default: all; server mode: always all)",
    )
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    require_city(chosen_settings(chosen, settings))
    with opened(chosen, settings, follow=False) as runtime, progress_bar("events") as report:
        started = time.perf_counter()
        rebuilt = runtime.rebuild(chosen.tables, report)
        took, events = time.perf_counter() - started, runtime.store.last_position()
    say(
        f"rebuilt {', '.join(rebuilt)} from {events:,} events in {took:.1f} s "
        f"({events / took:,.0f} events/s)"
    )
    return 0
