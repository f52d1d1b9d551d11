"""``duban verify``: derive everything again from the events and compare."""

import argparse

from infra.commands.opening import add_data_option, existing
from infra.commands.progress import answer, progress_bar
from infra.settings import Settings

EXAMPLES = ("duban verify --data ./data",)


def arguments(parser: argparse.ArgumentParser) -> None:
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    with existing(chosen, settings) as runtime, progress_bar("events") as report:
        findings = runtime.verify(report)
    for line in findings.lines():
        answer(line)
    return 0 if findings.sound else 1
