"""Opens a city for a command and closes it again."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.moments import read_moment
from domain.ports import Clock
from infra.commands.choosing import add_data_option as add_data_option
from infra.commands.choosing import chosen_settings as chosen_settings
from infra.commands.progress import progress_bar, say
from infra.compose import open_city
from infra.runtime import Runtime
from infra.settings import Settings
from infra.stores import require_city

# A few seconds are every clock's right; more is worth a word.
NOTICED = timedelta(seconds=5)


@contextmanager
def opened(
    chosen: argparse.Namespace,
    settings: Settings,
    clock: Clock | None = None,
    follow: bool = True,
) -> Iterator[Runtime]:
    """The city to write to; a directory that is not there yet becomes an empty city."""
    settings = chosen_settings(chosen, settings)
    runtime = open_city(settings, clock, follow)
    try:
        behind = runtime.store.clock_behind()
        if behind > NOTICED:
            say(
                f"duban: this machine's clock is {behind} behind the newest event; until it has "
                "caught up, events are recorded at the time of that one [clock.behind]"
            )
        yield runtime
    finally:
        runtime.close()


@contextmanager
def existing(chosen: argparse.Namespace, settings: Settings) -> Iterator[Runtime]:
    """The city to ask, its tables up to date. Raises ``NotFound`` (``data.none``)."""
    require_city(chosen_settings(chosen, settings))
    with opened(chosen, settings) as runtime:
        with progress_bar("events into tables") as report:
            runtime.catch_up(report)
        yield runtime


def moment(text: str, zone: ZoneInfo) -> datetime:
    """A moment from the command line, in UTC: ISO 8601; without a zone it is the city's time, and
    a date alone means the end of that day. Raises ``Invalid`` (``time.*``)."""
    return read_moment(text, zone)
