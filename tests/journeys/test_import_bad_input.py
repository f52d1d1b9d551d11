"""Bad files on the command line: one clear line and an exit code, and nothing half-written."""

import csv
import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.importing import CHECKS, HEADINGS, ROOT, YEAR_2012, opened, row, table
from tests.support.program import duban, environment

GOOD = [row("V1", "2024-03-01", "Dirty floor"), row("V2", "2024-03-08")]


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "checks.yaml"
    path.write_text(CHECKS, encoding="utf-8")
    return path


def refused(*arguments: object) -> str:
    ended = duban("import", *arguments)
    assert ended.returncode == 1
    assert not ended.stdout
    (line,) = ended.stderr.strip().splitlines()
    return line


def asked(question: str, data: Path) -> list[str]:
    answered = duban("query", question, "--data", data, "--format", "TSV")
    assert answered.returncode == 0, answered.stderr
    return answered.stdout.split()


def test_a_file_that_cannot_be_used_refuses_the_whole_command(
    tmp_path: Path, mapping: Path
) -> None:
    good = table(tmp_path / "good.csv", GOOD)
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(gzip.compress(good.read_bytes() * 500)[:-20])
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes((",".join(HEADINGS) + "\nV1,caf\xe9\n").encode("latin-1"))
    lacking = table(tmp_path / "lacking.csv", [{"visit": "V1", "dya": "x"}], ["visit", "dya"])
    data = tmp_path / "city"
    for path, code in (
        (torn, "import.corrupt"), (wrong, "import.encoding"), (lacking, "import.columns"),
    ):  # fmt: skip
        line = refused(good, path, "--mapping", mapping, "--data", data)
        assert line.endswith(f"[{code}]")
        assert path.name in line
    assert asked("SELECT count() FROM events", data) == ["0"]


def test_a_slip_in_a_mapping_is_one_line_before_anything_is_made(
    tmp_path: Path, mapping: Path
) -> None:
    mapping.write_text(CHECKS.replace("inspections:", "inspektions:"), encoding="utf-8")
    good = table(tmp_path / "good.csv", GOOD)
    line = refused(good, "--mapping", mapping, "--data", tmp_path / "city")
    assert "unknown word 'inspektions': did you mean 'inspections'?" in line
    assert line.endswith("[mapping.invalid]")
    assert not (tmp_path / "city").exists()


def test_rows_that_cannot_be_used_are_set_aside_and_the_rest_goes_in(
    tmp_path: Path, mapping: Path
) -> None:
    bad = [
        *GOOD,
        row("V3", "2024-02-30", "Mice"),
        row("V4", "2024-03-09", "Mice", action="Burnt down"),
        row("V5", "2024-03-09", "x" * (2 << 20)),
        row("V6", "2024-03-09", "y" * 5000),
    ]
    path = table(tmp_path / "mixed.csv", bad)
    ended = duban("import", path, "--mapping", mapping, "--data", tmp_path / "city")
    assert ended.returncode == 0, ended.stderr
    assert "4 rows were rejected" in ended.stdout
    with (tmp_path / "mixed.csv.rejected.csv").open(encoding="utf-8") as stream:
        found = {r["rejected_row"]: r["rejected_code"] for r in csv.DictReader(stream)}
    assert found == {
        "4": "import.value", "5": "import.value", "6": "import.line_too_long", "7": "import.value",
    }  # fmt: skip
    assert asked("SELECT inspection_id FROM inspections ORDER BY 1", tmp_path / "city") == [
        "V1", "V2",
    ]  # fmt: skip


LIMITED = 'ulimit -f 9000; exec "$0" "$@"'  # in kilobytes: less than the year needs
IMPORT = """
import signal, sys
from pathlib import Path
from domain.errors import Refused
from tests.support.importing import opened
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing fails instead of ending the process
with opened(Path(sys.argv[1])) as city:
    try:
        city.take("dinesafe", Path(sys.argv[2]), rejected_folder=Path(sys.argv[3]))
    except Refused as refused:
        print(refused.code)
"""


def test_a_disk_that_fills_up_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    ended = subprocess.run(
        ["bash", "-c", LIMITED, sys.executable, "-c", IMPORT,
         tmp_path / "city", YEAR_2012, tmp_path],
        capture_output=True, text=True, check=False, env=environment(), cwd=ROOT,
    )  # fmt: skip
    assert ended.stdout.strip() in ("store.full", "store.io"), ended.stderr
    with opened(tmp_path / "city") as city, opened(tmp_path / "straight") as straight:
        assert 0 < city.store.last_position() < 63_000
        city.take("dinesafe", YEAR_2012)
        straight.take("dinesafe", YEAR_2012)
        assert city.facts() == straight.facts()
