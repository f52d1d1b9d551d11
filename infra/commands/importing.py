"""``duban import``: a city's own tables, through the same rules as everything else."""

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from infra.commands.opening import add_data_option, opened
from infra.commands.progress import answer, progress_bar
from infra.importing.loading import load_mapping
from infra.importing.model import Mapping
from infra.importing.running import run_import
from infra.importing.summary import Stage, Summary
from infra.runtime import Runtime
from infra.settings import Settings

EXAMPLES = (
    "duban import dinesafe.2012.csv.gz --mapping dinesafe --data ./data",
    "duban import 2011.csv 2012.csv --mapping my-city.yaml --dry-run",
    "duban import bad.csv.rejected.csv --mapping my-city.yaml     # after correcting the rows",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--mapping", required=True, metavar="NAME|FILE.yaml", help="a bundled mapping or your own"
    )
    parser.add_argument("--dry-run", action="store_true", help="decide everything, store nothing")
    add_data_option(parser)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    mapping = load_mapping(chosen.mapping)
    scratch = Path(tempfile.mkdtemp(prefix="duban-")) if _rehearsal(chosen, settings) else None
    if scratch is not None:
        chosen.data = scratch
    try:
        with opened(chosen, settings) as runtime:
            summary = import_files(runtime, chosen.files, mapping, dry_run=chosen.dry_run)
    finally:
        if scratch is not None:
            shutil.rmtree(scratch)
    for line in summary.lines():
        answer(line)
    return 0


def import_files(
    runtime: Runtime,
    files: Sequence[Path],
    mapping: Mapping,
    *,
    dry_run: bool = False,
    rejected_folder: Path | None = None,
) -> Summary:
    """Imports and waits until the tables hold it, with bars on a terminal."""
    with progress_bar(f"importing by {mapping.name}") as bar, runtime.follower.resting():

        def report(stage: Stage, done: int, total: int) -> None:
            bar(done, total)

        summary = run_import(
            files, mapping, runtime.desk, runtime.store, report,
            dry_run=dry_run, rejected_folder=rejected_folder,
        )  # fmt: skip
    start = perf_counter()
    with progress_bar("events into tables") as bar:
        runtime.catch_up(bar)
    summary.seconds["tables"] = perf_counter() - start
    return summary


def _rehearsal(chosen: argparse.Namespace, settings: Settings) -> bool:
    """A dry run must not leave an empty city behind where there was none."""
    return chosen.dry_run and not (chosen.data or settings.data_dir).exists()
