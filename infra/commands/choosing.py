"""What the command line says about the settings, for commands that do not open a whole city."""

import argparse
from dataclasses import replace
from pathlib import Path

from infra.settings import Settings


def add_data_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the city's directory (default data)"
    )


def chosen_settings(chosen: argparse.Namespace, settings: Settings) -> Settings:
    return replace(settings, data_dir=chosen.data) if chosen.data else settings
