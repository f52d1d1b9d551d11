"""``duban policy``: check policy files, read them as prose, adopt them, try them on history."""

import argparse

from infra.commands import (
    backtesting,
    policy_adopting,
    policy_checking,
    policy_listing,
    policy_showing,
)
from infra.settings import Settings

EXAMPLES = (
    "duban policy check my-city.yaml",
    "duban policy check cities/riverside",
    "duban policy show my-city.yaml --lang en",
    "duban policy show riverside --data ./data > 办法.txt",
    "duban policy adopt cities/riverside --actor 'Li Wei' --data ./data",
    "duban policy list --data ./data",
    "duban policy backtest new.yaml --from 2012-01-01 --to 2012-12-31 --csv moved.csv",
)

# Each is a module of its own with ``arguments`` and ``run``.
ACTIONS = {
    "check": (policy_checking, "say all that is wrong with files, or with a city's folder"),
    "show": (policy_showing, "read a file or an adopted policy as prose, in Chinese or English"),
    "adopt": (policy_adopting, "judge by these policies from their effective dates on"),
    "list": (policy_listing, "list the policies that were adopted, and which are in force"),
    "backtest": (backtesting, "who would have moved under other policies"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="|".join(ACTIONS))
    for name, (module, summary) in ACTIONS.items():
        action = actions.add_parser(
            name,
            help=summary,
            description=summary,
            epilog="\n".join(["examples:", *(f"  {e}" for e in EXAMPLES if f" {name} " in e)]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.arguments(action)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    module, _ = ACTIONS[chosen.action]
    return int(module.run(chosen, settings))
