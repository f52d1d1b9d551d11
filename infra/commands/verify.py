"""``duban verify``: hold a city, or a package, against what was signed; derive it again."""

import argparse
from pathlib import Path

from infra.commands.opening import add_data_option, chosen_settings, existing
from infra.commands.package_checking import check_package, read_text
from infra.commands.progress import answer, progress_bar
from infra.settings import Settings
from infra.stores import require_city
from infra.transparency.kept import prove
from infra.verifying import Findings
from projections.transparency.notes import parse_key
from streams.proving import Outside

EXAMPLES = (
    "duban verify --data ./data",
    "duban verify --checkpoint audit.key.seen     # hold it against what a witness has seen",
    "duban verify case.zip --key 'city/…+0123abcd+…' --witness-key 'audit.example+89ab…+…'",
    "duban verify case.zip --trust keys.txt       # the keys that somebody sent you, a line each",
    "duban verify --log-key 'city/…+0123abcd+…' --witness 'audit-office.example+89abcdef+…'",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "package", type=Path, nargs="?", metavar="PACKAGE.zip", help="only this; needs no city"
    )
    add_data_option(parser)
    parser.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a signed checkpoint that somebody else has kept (as often as there are some)",
    )
    parser.add_argument(
        "--witness", "--witness-key", action="append", default=[], metavar="KEY",
        help="demand its cosignature",
    )  # fmt: skip
    parser.add_argument(
        "--log-key", "--key", action="append", default=[], metavar="KEY",
        help="believe no other log key",
    )  # fmt: skip
    parser.add_argument(
        "--trust", type=Path, action="append", default=[], metavar="FILE",
        help="for a package: a file of keys to believe, as duban keys list prints them",
    )  # fmt: skip


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    if chosen.package:
        return check_package(chosen)
    outside = Outside(
        [(str(path), read_text(path, "checkpoint.none")) for path in chosen.checkpoint],
        [parse_key(text) for text in chosen.witness],
        [parse_key(text) for text in chosen.log_key],
    )
    placed = chosen_settings(chosen, settings)
    require_city(placed)
    with progress_bar("events hashed") as report:
        proven = prove(placed, outside, report)
    if proven.wrong:
        findings = Findings(proven.events, (), proven.wrong)
    else:
        with existing(chosen, settings) as runtime, progress_bar("events derived") as report:
            findings = runtime.verify(report, proven=proven)
    for line in findings.lines():
        answer(line)
    return 0 if findings.sound else 1
