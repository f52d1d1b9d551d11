"""``duban reactions``: what followed by rule, what was refused and why, and once more."""

import argparse

from infra.commands.opening import add_data_option, existing
from infra.commands.progress import answer
from infra.settings import Settings

EXAMPLES = (
    "duban reactions list --data ./data       # what a rule could not propose, and why",
    "duban reactions run                      # record what is due, propose what follows",
    "duban reactions replay                   # try again what was refused, once mended",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("list", "run", "replay"))
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    with existing(chosen, settings) as runtime:
        match chosen.action:
            case "run":
                before = runtime.store.last_position()
                runtime.reactor.tick()
                answer(f"{runtime.store.last_position() - before:,} events followed")
            case "replay":
                tried, before = runtime.reactor.again(), runtime.store.last_position()
                answer(f"{tried} tried again; the log is at position {before:,}")
            case _:
                for refusal in runtime.reactor.refused():
                    answer(
                        f"{refusal.position:>8}  {refusal.code}  {refusal.message}  "
                        f"({refusal.cause})"
                    )
    return 0
