"""``duban simulate``: a synthetic city, labelled so, that lives through the real deciders."""

import argparse

from domain.errors import Refused
from infra.clocks import SimulatedClock, SystemClock
from infra.commands.opening import add_data_option, opened
from infra.commands.progress import progress_bar, say
from infra.settings import Settings
from infra.simulating.running import simulate

EXAMPLES = ("duban simulate --city 示例市 --days 30 --seed 1 --data ./demo-city",)
LONGEST = 1100


def arguments(parser: argparse.ArgumentParser) -> None:
    add_data_option(parser)
    parser.add_argument("--city", default="示例市", help="name of the city (default 示例市)")
    parser.add_argument("--days", type=int, default=30, help="days up to now (default 30)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same city (default 1)")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    if not 1 <= chosen.days <= LONGEST:
        raise Refused("simulate.days", f"--days is from 1 to {LONGEST}, not {chosen.days}")
    now = SystemClock().now()
    clock = SimulatedClock(now)
    with opened(chosen, settings, clock=clock) as runtime:
        if runtime.store.last_position():
            raise Refused(
                "simulate.not_empty",
                f"{runtime.settings.data_dir} holds a city already: name a fresh directory, so "
                "that made-up facts never mix with others",
            )
        with progress_bar("days") as report:
            made = simulate(
                runtime.services, runtime.react, clock, chosen.city, chosen.days, chosen.seed, now,
                report,
            )  # fmt: skip
        runtime.catch_up()
        say(
            f"{chosen.city} (synthetic): {made.cases} cases in {made.steps} steps from "
            f"{made.first_day:%Y-%m-%d} to {made.last_moment:%Y-%m-%d}, "
            f"{runtime.store.last_position()} events; now: duban serve --data "
            f"{runtime.settings.data_dir}"
        )
    return 0
