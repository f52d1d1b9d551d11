"""A disk that is full gives one clear line; what was stored stays, and later it goes on."""

import resource
import subprocess
import sys
from pathlib import Path

from tests.faults.test_interrupted_imports import SAMPLE, import_sample
from tests.support.program import MAIN, duban, environment

SMALL = 6 << 20  # bytes: no file may grow further, as on a disk with no room


def _no_room() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))


def test_an_import_on_a_full_disk_is_one_clear_line_and_goes_on_later(tmp_path: Path) -> None:
    data = tmp_path / "data"
    failed = subprocess.run(
        [sys.executable, "-c", MAIN, "import", SAMPLE, "--mapping", "dinesafe", "--data", data],
        capture_output=True,
        text=True,
        env=environment(),
        preexec_fn=_no_room,
        timeout=300,
        check=False,
    )
    assert failed.returncode == 1, failed.stdout
    last = failed.stderr.strip().splitlines()[-1]
    assert last.startswith("duban: ")
    assert last.endswith(("[store.full]", "[store.io]", "[tables.failed]"))
    assert "Traceback" not in failed.stderr
    done = import_sample(data)
    assert done.returncode == 0, done.stderr
    count = duban("query", "SELECT count() FROM cases", "--data", data, "--format", "TSV")
    assert count.stdout.strip() == "9609"
    assert duban("verify", "--data", data, timeout=300).returncode == 0
