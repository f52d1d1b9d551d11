"""Runs the command line as a user does: another process, its words and its exit code."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAIN = "import sys; from infra.cli import main; sys.exit(main())"


def environment(said: Mapping[str, str] | None = None) -> dict[str, str]:
    ours = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "NO_COLOR": "1"}
    return {**os.environ, **ours, **(said or {})}


def duban(
    *arguments: object,
    timeout: float = 120,
    stdin: str = "",
    said: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """``said`` is what the environment says besides."""
    return subprocess.run(
        [sys.executable, "-c", MAIN, *map(str, arguments)],
        capture_output=True,
        text=True,
        input=stdin,
        timeout=timeout,
        env=environment(said),
        check=False,
    )


def start(
    *arguments: object, said: Mapping[str, str] | None = None, into: Path | None = None
) -> subprocess.Popen[str]:
    """A process that goes on; the caller stops it, and reads what it prints unless that goes
    ``into`` a file."""
    command = [sys.executable, "-c", MAIN, *map(str, arguments)]
    if into is None:
        piped = subprocess.PIPE
        return subprocess.Popen(
            command, stdout=piped, stderr=piped, text=True, env=environment(said)
        )
    with into.open("a", encoding="utf-8") as file:
        return subprocess.Popen(command, stdout=file, stderr=file, text=True, env=environment(said))
