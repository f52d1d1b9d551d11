"""``duban tables``: the dictionary of the analyst tables."""

import argparse

from infra.commands.progress import answer
from infra.settings import Settings
from projections.dictionary import dictionary

EXAMPLES = ("duban tables", "duban tables cases scores")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="only these")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    answer(dictionary(chosen.tables))
    return 0
