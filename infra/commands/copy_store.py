"""``duban copy-store``: move an embedded city's events into PostgreSQL."""

import argparse
import time
from dataclasses import replace

from infra.commands.opening import add_data_option, chosen_settings
from infra.commands.progress import answer, progress_bar, say
from infra.event_store.postgres.copying import copy_store
from infra.lasting import require
from infra.settings import SERVERS, Settings
from infra.stores import require_city
from infra.transparency.kept import copy_ledger

EXAMPLES = ("DUBAN_POSTGRES=postgresql://duban@127.0.0.1/duban duban copy-store --data ./data",)


def arguments(parser: argparse.ArgumentParser) -> None:
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    settings = chosen_settings(chosen, settings)
    require(settings.postgres, "DUBAN_POSTGRES", SERVERS["DUBAN_POSTGRES"])
    require_city(replace(settings, mode="embedded"))
    started = time.perf_counter()
    with progress_bar("events copied and compared") as report:
        copied = copy_store(settings, report)
    copy_ledger(replace(settings, mode="embedded"), replace(settings, mode="server"))
    took = time.perf_counter() - started
    answer(
        f"copied {copied.events:,} events and {copied.commands:,} command ids in {took:.1f} s; "
        f"read back, they are the same: {copied.root}"
    )
    say("what the read tables hold is made anew from these events in server mode")
    return 0
