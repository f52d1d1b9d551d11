"""The command line from a fresh directory on: what it prints, and how it ends."""

import json
import re
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.program import duban, start


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic city."""
    data = tmp_path_factory.mktemp("city") / "data"
    made = duban("simulate", "--city", "示例市", "--days", "3", "--seed", "7", "--data", data)
    assert made.returncode == 0, made.stderr
    assert "synthetic" in made.stderr
    return data


def one_line(stderr: str) -> str:
    (line,) = stderr.strip().splitlines()
    return line


def test_help_shows_all_commands_in_groups_and_examples() -> None:
    told = duban("--help")
    assert told.returncode == 0
    for word in ("serve", "import", "rank", "query", "tables", "rebuild", "verify", "doctor"):
        assert word in told.stdout
    assert "examples:" in duban("rank", "--help").stdout


def test_wrong_usage_ends_with_2() -> None:
    assert duban("rank").returncode == 2
    assert duban("no-such-command").returncode == 2


def test_a_city_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    asked = duban("query", "SELECT 1", "--data", tmp_path / "nowhere")
    assert asked.returncode == 1
    assert one_line(asked.stderr).endswith("[data.none]")
    assert not (tmp_path / "nowhere").exists()


def test_query_answers_in_the_format_asked_for(city: Path) -> None:
    asked = duban(
        "query", "SELECT count() AS n FROM cases", "--data", city, "--format", "JSONEachRow"
    )
    assert asked.returncode == 0, asked.stderr
    assert int(json.loads(asked.stdout)["n"]) > 100
    refused = duban("query", "DROP TABLE cases", "--data", city)
    assert refused.returncode == 1
    assert "[query.refused]" in one_line(refused.stderr)


def test_a_ranking_is_followed_down_to_its_entries(city: Path) -> None:
    year = duban(
        "query", "SELECT toYear(max(occurred_at)) FROM scores", "--data", city, "--format", "TSV"
    ).stdout.strip()
    ranked = duban("rank", year, "--data", city, "--json")
    assert ranked.returncode == 0, ranked.stderr
    rows = json.loads(ranked.stdout)["rows"]
    unit = rows[-1]["unit"]
    below = duban("rank", year, "--unit", unit, "--data", city)
    assert len(below.stdout.splitlines()) == rows[-1]["entries"]
    by_district = json.loads(
        duban("rank", year, "--by", "district", "--data", city, "--json").stdout
    )
    assert len(by_district["rows"]) == 4


def test_an_unreadable_period_or_time_is_refused(city: Path) -> None:
    assert "[period.unreadable]" in one_line(duban("rank", "2012-W99", "--data", city).stderr)
    wrong = duban("rank", "2026", "--as-of", "yesterday", "--data", city)
    assert "[time.unreadable]" in one_line(wrong.stderr)


def test_a_case_is_shown_as_it_was_known(city: Path) -> None:
    found = duban(
        "query", "SELECT case_id, recorded_at FROM cases WHERE status = 'closed' LIMIT 1",
        "--data", city, "--format", "TSV",
    ).stdout.split("\t")  # fmt: skip
    now = json.loads(duban("case", "show", found[0], "--data", city, "--json").stdout)
    assert now["case"]["status"] == "closed"
    before = now["timeline"][0]["recorded_at"]
    then = json.loads(
        duban("case", "show", found[0], "--as-of", before, "--data", city, "--json").stdout
    )
    assert len(then["timeline"]) < len(now["timeline"])
    assert then["case"]["closed_at"] is None
    assert "case.reported" in duban("case", "show", found[0], "--data", city).stdout
    unknown = duban("case", "show", "nobody", "--data", city)
    assert unknown.returncode == 1
    assert "[case.unknown]" in one_line(unknown.stderr)


def test_a_rebuild_changes_nothing_and_verify_agrees(city: Path) -> None:
    sums = (
        "SELECT (SELECT sum(cityHash64(*)) FROM cases), (SELECT sum(points) FROM scores), "
        "(SELECT count() FROM events WHERE stream_kind != 'access')"
    )
    before = duban("query", sums, "--data", city).stdout
    rebuilt = duban("rebuild", "--data", city)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "events/s" in rebuilt.stderr
    assert duban("query", sums, "--data", city).stdout == before
    verified = duban("verify", "--data", city)
    assert verified.returncode == 0, verified.stdout


def test_tables_prints_every_column_with_its_meaning() -> None:
    told = duban("tables", "cases")
    assert told.returncode == 0
    assert "case_id" in told.stdout
    assert "[tables.unknown]" in one_line(duban("tables", "nonsense").stderr)


def test_doctor_finds_everything_well(city: Path) -> None:
    told = duban("doctor", "--data", city)
    assert told.returncode == 0, told.stdout
    assert "WRONG" not in told.stdout


def test_a_synthetic_city_never_mixes_with_another(city: Path) -> None:
    again = duban("simulate", "--days", "1", "--data", city)
    assert "[simulate.not_empty]" in one_line(again.stderr)


def test_a_policy_with_an_unknown_word_is_told_with_its_line(tmp_path: Path) -> None:
    wrong = tmp_path / "policy.yaml"
    wrong.write_text("id: x\nversoin: 1\n", encoding="utf-8")
    told = duban("policy", "check", wrong)
    assert told.returncode == 1
    assert "line 2" in told.stderr
    assert "version" in told.stderr


def test_serve_keeps_to_loopback(city: Path) -> None:
    refused = duban("serve", "--host", "0.0.0.0", "--port", "0", "--data", city)
    assert refused.returncode == 1
    assert "[serve.not_loopback]" in one_line(refused.stderr)


@pytest.fixture
def served(city: Path) -> Iterator[tuple[str, int]]:
    process = start("serve", "--port", "0", "--data", city)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        address = re.search(r"http://\S+", line)
        assert address, line + process.stderr.read()
        yield address.group(), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def test_a_second_process_on_the_same_city_is_told_who_has_it(
    served: tuple[str, int], city: Path
) -> None:
    address, pid = served
    with urllib.request.urlopen(f"{address}/health", timeout=10) as answer:
        assert answer.status == 200
    second = duban("query", "SELECT 1", "--data", city)
    assert second.returncode == 1
    assert one_line(second.stderr).endswith("[data.in_use]")
    assert str(pid) in second.stderr
    told = duban("doctor", "--data", city)
    assert str(pid) in told.stdout
