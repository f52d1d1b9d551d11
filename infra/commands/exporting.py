"""``export`` of every kind of thing: all that happened to it, in a file that verifies offline."""

import argparse
import sys
from pathlib import Path

from domain.errors import Invalid
from domain.moments import Then
from infra.casefiles.container import replacing
from infra.commands.opening import add_data_option, existing, moment
from infra.commands.progress import answer, progress_bar
from infra.commands.reading import add_reader, record_reading
from infra.runtime import Runtime
from infra.settings import Settings
from projections.packages import Kind, Order

THINGS: dict[Kind, str] = {
    "case": "cases", "unit": "units", "person": "persons", "ranking": "rankings",
    "referral": "accountability",
}  # fmt: skip


def add_export(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", kind: Kind
) -> argparse.ArgumentParser:
    export = actions.add_parser("export", help="all of it, with proof, as one file")
    add_package_options(export, kind)
    export.add_argument("--as-of", metavar="TIME", help="as it was known then (recorded time)")
    export.set_defaults(exporting=kind)
    return export


def add_package_options(parser: argparse.ArgumentParser, kind: Kind) -> None:
    parser.add_argument("key", metavar="ID")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help=f"default {kind}-ID.zip, here"
    )
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="of the document")
    parser.add_argument(
        "--without-evidence", action="store_true", help="name the files of evidence alone"
    )
    parser.add_argument(
        "--with-persons", action="store_true", help="say who the pseudonyms are (needs --purpose)"
    )
    add_reader(parser)
    add_data_option(parser)


def export(chosen: argparse.Namespace, settings: Settings) -> int:
    check_purpose(chosen)
    with existing(chosen, settings) as runtime:
        write(runtime, chosen, chosen.exporting, chosen.as_of or "")
    return 0


def check_purpose(chosen: argparse.Namespace) -> None:
    """Raises ``Invalid`` (``purpose.missing``)."""
    if chosen.with_persons and not chosen.purpose.strip():
        raise Invalid("purpose.missing", "say with --purpose why the names are needed")


def write(runtime: Runtime, chosen: argparse.Namespace, kind: Kind, as_of: str = "") -> None:
    """Recorded before anything is read, as every export is. Raises ``Refused``."""
    services = runtime.services
    then = Then(as_of=moment(as_of, services.city().zone) if as_of else None)
    if chosen.with_persons:
        record_reading(services, chosen, "persons", act="export")
    record_reading(services, chosen, THINGS[kind], chosen.key, act="export")
    runtime.catch_up()
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in chosen.key)
    path: Path = chosen.output or Path(f"{kind}-{name}.zip")
    order = Order(
        kind, chosen.key, then, chosen.lang, not chosen.without_evidence, chosen.with_persons
    )
    with progress_bar("packing") as report, replacing(path) as file:
        made = services.packages.pack(order, file, report)
    answer(
        f"{path}: {made.events:,} events in {made.files:,} files, {made.size:,} bytes, proven by "
        f"the checkpoint of {made.checkpoint:,} events"
    )
    if made.absent:
        sys.stderr.write(f"duban: {made.absent} files of evidence are not in it\n")
