"""``duban unit``: everything a unit did, received, was asked and was late with, as one file."""

import argparse

from infra.commands.exporting import add_export, export
from infra.settings import Settings

EXAMPLES = (
    "duban unit export ID -o unit.zip --actor 'Li Wei' --purpose 'yearly audit'",
    "duban unit export ID --as-of 2026-03-31 --lang en",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="export")
    add_export(actions, "unit")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    return export(chosen, settings)
