"""``duban why`` from the command line: sentences, account, clauses, events, or why not."""

import json
from pathlib import Path

import pytest

from tests.support.cities import synthetic
from tests.support.program import duban


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("city") / "data"
    synthetic(data, days=2, seed=3)
    return data


def test_help_says_what_can_be_explained_and_gives_examples() -> None:
    told = duban("why", "--help")
    assert told.returncode == 0
    assert "examples:" in told.stdout
    assert "duban why rank " in told.stdout
    for thing in ("entry", "rank", "colour", "slip", "indicator"):
        assert thing in told.stdout


def test_a_rank_and_then_an_entry_in_it_are_explained(city: Path) -> None:
    ranked = json.loads(duban("rank", "2026-03", "--data", city, "--json").stdout)
    row = ranked["rows"][-1]
    key = f"{ranked['policy_id']}:2026-03:{row['peer_group']}:{row['unit']}"
    told = duban("why", "rank", key, "--lang", "en", "--data", city)
    assert told.returncode == 0, told.stderr
    assert f"stands at place {row['place']} of" in told.stdout
    assert "total" in told.stdout
    found = json.loads(duban("why", "rank", key, "--json", "--data", city).stdout)
    amounts = [float(part["amount"]) for part in found["parts"]]
    assert abs(sum(amounts) - float(row["points"])) < 1e-9
    entry = found["parts"][1]["parts"][0]["link"]["id"]
    below = duban("why", "entry", entry, "--lang", "zh", "--data", city)
    assert "依据条款" in below.stdout
    assert entry.split(".")[0] in below.stdout.splitlines()[-1]


def test_the_city_speaks_its_own_language_unless_asked_otherwise(city: Path) -> None:
    case = duban(
        "query", "SELECT case_id FROM cases LIMIT 1", "--data", city, "--format", "TSV"
    ).stdout.strip()
    assert "案卷" in duban("why", "case", case, "--data", city).stdout
    assert "Deadline of case" in duban("why", "case", case, "--lang", "en", "--data", city).stdout


def test_what_is_not_there_is_one_line_that_says_how_a_key_looks(city: Path) -> None:
    told = duban("why", "entry", "nothing", "--data", city)
    assert told.returncode == 1
    (line,) = told.stderr.strip().splitlines()
    assert "1204.0" in line
    assert line.endswith("[entry.unknown]")
    assert "[thing.unknown]" in duban("why", "weather", "x", "--data", city).stderr
    wrong = duban("why", "entry", "1.0", "--as-of", "yesterday", "--data", city)
    assert "[time.unreadable]" in wrong.stderr
