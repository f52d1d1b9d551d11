"""Search on the command line: what is found, what is refused, and that it was recorded."""

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


def test_cases_are_found_by_words_and_told_as_lines_or_json(city: Path) -> None:
    told = duban("search", "井盖", "--kind", "case", "--data", city)
    assert told.returncode == 0, told.stderr
    assert all(line.startswith("case ") for line in told.stdout.splitlines())
    lines = duban("search", "井盖", "--kind", "case", "--json", "--data", city).stdout
    assert all("井盖" in json.loads(line)["words"] for line in lines.splitlines())


def test_nothing_found_is_said_and_is_no_success(city: Path) -> None:
    told = duban("search", "没有这样的词语", "--data", city)
    assert told.returncode == 1
    assert "nothing has these words" in told.stderr


def test_the_number_of_an_identity_card_is_refused_in_one_line(city: Path) -> None:
    told = duban("search", "11010519491231002X", "--data", city)
    assert told.returncode == 1
    assert "[search.personal]" in told.stderr
    assert "11010519491231002X" not in told.stderr


def test_who_searched_is_in_the_log_of_readers(city: Path) -> None:
    duban("search", "井盖", "--actor", "Li Wei", "--purpose", "audit 12", "--data", city)
    told = duban("readers", "--reader", "Li Wei", "--json", "--data", city)
    (line,) = map(json.loads, told.stdout.splitlines())
    assert (line["act"], line["channel"], line["kind"], line["purpose"]) == (
        "search", "cli", "search", "audit 12",
    )  # fmt: skip
    assert "井盖" not in line["asked"]
    assert duban("readers", "--searched", "井盖", "--data", city).stdout
