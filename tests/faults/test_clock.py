"""A clock that goes back: said in one line, and no event is recorded before the one in front."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from domain.requests import Request
from domain.units.commands import RegisterUnit
from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.settings import Settings
from tests.support.cities import opened
from tests.support.program import duban

CITY = RegisterUnit(unit_id="c", code="c", name="C", kind="city", timezone="Asia/Shanghai")
GRID = RegisterUnit(unit_id="g", code="g", name="G", kind="grid", parent="c")


def test_a_clock_behind_the_log_is_said_and_keeps_the_order(tmp_path: Path) -> None:
    data = tmp_path / "data"
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with closing(embedded(Settings(data_dir=data), SimulatedClock(tomorrow))) as runtime:
        runtime.desk.handle([Request(CITY, "officer")], "city")
    asked = duban("query", "SELECT count() FROM units", "--data", data, "--format", "TSV")
    assert (asked.returncode, asked.stdout) == (0, "1\n")
    (line,) = asked.stderr.strip().splitlines()
    assert line.endswith("[clock.behind]")
    told = duban("doctor", "--data", data)
    assert told.returncode == 1
    assert "[clock.behind]" in told.stdout
    with opened(data) as runtime:
        runtime.desk.handle([Request(GRID, "officer")], "grid")
        recorded = [e.recorded_at for e in runtime.store.read(0, 10)]
    assert len(recorded) == 3  # the question above was recorded too
    assert all(one <= next_one for one, next_one in pairwise(recorded))
