"""``duban verify``: hold everything against what was signed, and derive it again."""

import argparse
from pathlib import Path

from domain.errors import NotFound
from infra.commands.opening import add_data_option, chosen_settings, existing
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
    "duban verify --log-key 'city/…+0123abcd+…' --witness 'audit-office.example+89abcdef+…'",
)


def arguments(parser: argparse.ArgumentParser) -> None:
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
        "--witness", action="append", default=[], metavar="KEY", help="demand its cosignature"
    )
    parser.add_argument(
        "--log-key", action="append", default=[], metavar="KEY", help="believe no other log key"
    )


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    outside = Outside(
        [(str(path), _text(path)) for path in chosen.checkpoint],
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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise NotFound("checkpoint.none", f"{path} cannot be read: {error.strerror}") from error
