"""Killed at any moment and started again, the tables equal those of a full rebuild."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from tests.support.cities import opened
from tests.support.program import environment

ROUNDS = 4

# Stores a growing city a few events at a time; what is stored already is only recognised again.
LIVING = """
import sys
from itertools import islice
from pathlib import Path
from infra.benches.city_log import city_log
from infra.embedded import embedded
from infra.settings import Settings

def live() -> None:
    runtime = embedded(Settings(data_dir=Path(sys.argv[1])))
    appends = city_log(500_000, seed=int(sys.argv[2]))
    while batch := list(islice(appends, 20)):
        stored = runtime.store.append(batch)[-1].last_position
        runtime.follower.wait_for(stored, 0.02)  # the tables may fall behind, but not for ever
        print(runtime.follower.position, flush=True)

if __name__ == "__main__":
    live()
"""


def test_a_killed_process_leaves_tables_that_can_be_trusted(tmp_path: Path) -> None:
    seed = 1
    random = Random(seed)
    program = tmp_path / "living.py"
    program.write_text(LIVING)
    reached = [0]
    for _ in range(ROUNDS):
        reached.append(_lived_and_died(program, tmp_path / "data", seed, random))
    assert reached[-1] > reached[1] > 0
    with opened(tmp_path / "data") as runtime:
        assert runtime.follower.position == runtime.store.last_position() >= reached[-1]
        found = runtime.verify(lambda done, total: None)
    assert found.sound, found.lines()


def _lived_and_died(program: Path, data: Path, seed: int, random: Random) -> int:
    """Kills it after a while in which its tables moved on; the position they had reached."""
    process = subprocess.Popen(
        [sys.executable, str(program), str(data), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert process.stdout is not None
    try:
        first = position = int(process.stdout.readline())
        ends, after = time.monotonic() + random.uniform(0, 0.8), random.choice((1, 40, 400))
        while position < first + after or time.monotonic() < ends:
            position = int(process.stdout.readline())
        return position
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
