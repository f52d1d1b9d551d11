"""An import that dies at any moment goes on where it stopped, and comes to the same city."""

import json
import random
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.program import ROOT, duban, start

SAMPLE = ROOT / "infra" / "samples" / "dinesafe.2012.csv.gz"
# Everything that people see, in one line per table.
SUMS = """
SELECT 'cases', count(),
    sum(cityHash64(case_id, status, reworks, on_the_spot, opened_at, closed_at)) FROM cases
UNION ALL
SELECT 'inspections', count(), sum(cityHash64(inspection_id, result, colour, unit)) FROM inspections
UNION ALL SELECT 'units', count(), sum(cityHash64(unit_id, name, parent)) FROM units
UNION ALL SELECT 'penalties', count(), sum(cityHash64(penalty_id, status, amount)) FROM penalties
UNION ALL SELECT 'scores', count(), sum(cityHash64(unit, points, clause, case_id)) FROM scores
UNION ALL SELECT 'events', count(), sum(cityHash64(stream_id, version, name, payload)) FROM events
ORDER BY 1
"""


def import_sample(data: Path) -> subprocess.CompletedProcess[str]:
    return duban("import", SAMPLE, "--mapping", "dinesafe", "--data", data, timeout=300)


def sums(data: Path) -> list[str]:
    told = duban("query", SUMS, "--format", "JSONCompactEachRow", "--data", data)
    assert told.returncode == 0, told.stderr
    return sorted(json.dumps(json.loads(line)) for line in told.stdout.splitlines())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    data = tmp_path_factory.mktemp("undisturbed") / "data"
    done = import_sample(data)
    assert done.returncode == 0, done.stderr
    return sums(data)


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_again_and_again_it_ends_as_if_nothing_had_happened(
    tmp_path: Path, undisturbed: list[str], seed: int
) -> None:
    data, moments = tmp_path / "data", random.Random(seed)
    for _ in range(2):
        process = start("import", SAMPLE, "--mapping", "dinesafe", "--data", data)
        try:
            process.communicate(timeout=moments.uniform(2, 7))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    done = import_sample(data)
    assert done.returncode == 0, done.stderr
    assert sums(data) == undisturbed
    verified = duban("verify", "--data", data, timeout=300)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    again = import_sample(data)
    assert "nothing was added" in again.stdout
