"""A year of the Toronto records under another policy: who would have moved, in how long."""

import csv
import hashlib
import json
import re
from pathlib import Path

import pytest

from infra.bundled import preset
from tests.support.importing import YEAR_2012
from tests.support.program import duban, start

YEAR = ("--from", "2012-01-01", "--to", "2012-12-31")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("toronto") / "data"
    made = duban("import", YEAR_2012, "--mapping", "dinesafe", "--data", data)
    assert made.returncode == 0, made.stderr
    return data


def stricter(folder: Path) -> Path:
    """A crucial infraction costs 20 points instead of 8."""
    text = preset("toronto").replace("version: 1", "version: 2", 1)
    path = folder / "stricter.yaml"
    path.write_text(text.replace("points: -8", "points: -20", 1), encoding="utf-8")
    return path


def test_a_year_is_replayed_under_another_policy_and_nothing_is_written(
    city: Path, tmp_path: Path
) -> None:
    log = city / "events.sqlite"
    before = hashlib.sha256(log.read_bytes()).hexdigest()
    out = tmp_path / "moved.csv"
    told = duban("policy", "backtest", stricter(tmp_path), *YEAR, "--data", city, "--csv", out)
    assert told.returncode == 0, told.stderr
    took = re.search(r"63,177 events replayed under both in ([0-9.]+) s", told.stderr)
    assert took is not None
    assert float(took[1]) < 30
    print(f"one year under two policies in {took[1]} s")  # noqa: T201
    assert hashlib.sha256(log.read_bytes()).hexdigest() == before
    assert "390 units would have moved in 458 of 10,064 places" in told.stdout
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    moved = [row for row in rows if row["kind"] == "place"]
    assert len(moved) == 458
    bagels = next(row for row in moved if row["name"] == "MIMICO BAGEL & COFFEE")
    assert bagels["difference"] == "-28 places, -12.00 points"
    # Its real place is the one the board shows.
    board = duban("rank", bagels["period"], "--data", city, "--json")
    (shown,) = [r for r in json.loads(board.stdout)["rows"] if r["unit"] == bagels["unit"]]
    assert bagels["real"] == f"{shown['place']} ({shown['points']})"


def test_under_its_own_policy_nobody_moves(city: Path, tmp_path: Path) -> None:
    same = tmp_path / "same.yaml"
    same.write_text(preset("toronto"), encoding="utf-8")
    told = duban("policy", "backtest", same, *YEAR, "--period", "quarter", "--data", city)
    assert "2012-Q1 to 2012-Q4: 0 units would have moved in 0 of" in told.stdout


def test_history_is_replayed_while_the_city_is_being_served(city: Path, tmp_path: Path) -> None:
    server = start("serve", "--data", city, "--port", "0")
    try:
        assert server.stderr is not None
        server.stderr.readline()
        told = duban(
            "policy", "backtest", stricter(tmp_path), "--from", "2012-03-01", "--to", "2012-03-31",
            "--data", city, "--json",
        )  # fmt: skip
    finally:
        server.terminate()
        server.communicate(timeout=30)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["periods"] == ["2012-03"]
    assert {move["board"] for move in found["moves"]} == {"toronto"}


def test_a_file_that_is_no_policy_or_a_day_that_is_none_is_one_clear_line(
    city: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("id: x", encoding="utf-8")
    refused = duban("policy", "backtest", wrong, *YEAR, "--data", city)
    assert (refused.returncode, "[policy.invalid]" in refused.stderr) == (1, True)
    days = ("--from", "2012-13-01", "--to", "2012-12-31")
    assert duban("policy", "backtest", wrong, *days, "--data", city).returncode == 2
