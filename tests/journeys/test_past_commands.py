"""The past on the command line: any case, unit, person, ranking, and two moments side by side."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_command_line import one_line
from tests.support.cities import synthetic
from tests.support.program import duban


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("city") / "data"
    synthetic(data, days=2, seed=3)
    return data


def asked(city: Path, *words: str) -> Any:
    told = duban(*words, "--data", city, "--json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def found(city: Path, sql: str) -> list[str]:
    told = duban("query", sql, "--data", city, "--format", "TSV")
    assert told.returncode == 0, told.stderr
    return told.stdout.strip().split("\t")


CLOSED = """
SELECT case_id, unit, formatDateTime(dispatched_at, '%Y-%m-%dT%H:%i:%S+00:00'),
    formatDateTime(closed_at, '%Y-%m-%dT%H:%i:%S+00:00')
FROM cases WHERE status = 'closed' AND dispatched_at > opened_at AND closed_at > dispatched_at
ORDER BY closed_at - dispatched_at DESC LIMIT 1
"""


def test_a_case_was_once_open_and_a_difference_says_so(city: Path) -> None:
    case, unit, dispatched, closed = found(city, CLOSED)
    story = asked(city, "case", "show", case, "--at", dispatched.replace("+00:00", ".999999+00:00"))
    assert story["case"]["status"] == "dispatched"
    assert story["case"]["unit"] == unit
    told = asked(
        city, "diff", "case", case, dispatched.replace("+", ".999999+"),
        closed.replace("+", ".999999+"), "--at",
    )  # fmt: skip
    changed = {field["field"]: field for field in told["fields"]}
    assert changed["status"]["before"] == "dispatched"
    assert changed["status"]["after"] == "closed"
    assert told["between"][-1]["mark"]["name"] == "case.closed"
    plain = duban("diff", "cases", case, dispatched, "--data", city)
    assert plain.returncode in (0, 1)


def test_a_units_dossier_is_told_and_filtered(city: Path) -> None:
    _, unit, *_ = found(city, CLOSED)
    whole = asked(city, "unit", "show", unit)
    assert whole["unit"]["unit_id"] == unit
    assert sum(count["events"] for count in whole["counts"]) == len(whole["items"])
    times = [item["occurred_at"] for item in whole["items"]]
    assert times == sorted(times)
    did = asked(city, "unit", "show", unit, "--part", "did", "--kind", "case")
    assert {item["part"] for item in did["items"]} == {"did"}
    early = asked(city, "unit", "show", unit, "--at", times[0])
    assert {item["occurred_at"] for item in early["items"]} == {times[0]}
    shown = duban("unit", "show", unit, "--limit", "1", "--data", city)
    assert shown.returncode == 0
    assert "--limit shows more" in shown.stderr
    reads = found(city, "SELECT count() FROM events WHERE name = 'access.recorded'")
    assert int(reads[0]) >= 4


def test_a_person_is_told_by_what_they_did(city: Path) -> None:
    (actor,) = found(city, "SELECT actor FROM events WHERE name = 'case.filed' LIMIT 1")
    told = asked(city, "person", "show", actor, "--kind", "case")
    assert {item["actor"] for item in told["items"]} == {actor}


def test_two_rankings_stand_side_by_side(city: Path) -> None:
    (month,) = found(city, "SELECT formatDateTime(max(day), '%Y-%m') FROM scores")
    (first, last) = found(city, "SELECT min(occurred_at), max(occurred_at) FROM scores")
    told = asked(city, "diff", "ranking", month, f"{first}+00:00", f"{last}+00:00", "--at")
    now = asked(city, "rank", month, "--at", f"{last}+00:00")
    placed = {row["unit"]: row["place"] for row in now["rows"]}
    assert told["units"]
    for unit in told["units"]:
        after = unit["after"]
        assert (after and after["place"]) == placed.get(unit["unit"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("case", "show", "x", "--as-of", "soon"), "time.unreadable"),
        (("case", "show", "x", "--as-of", "2190-01-01"), "as_of.future"),
        (("case", "show", "x", "--as-of", "1999-01-01"), "as_of.before_first"),
        (("unit", "show", "x", "--at", "2190-01-01"), "at.future"),
        (("unit", "show", "nobody"), "unit.unknown"),
        (("person", "show", "nobody"), "person.unknown"),
        (("diff", "weather", "x", "2026-01-01"), "kind.unknown"),
        (("diff", "case", "nobody", "2026-03-19T12:00", "--at"), "case.unknown"),
        (("diff", "case", "x", "2026-03-02T09:00 CST"), "time.zone_unknown"),
        (("rank", "2026-03", "--as-of", "2190-01-01"), "as_of.future"),
        (("why", "case", "x", "--as-of", "2190-01-01"), "as_of.future"),
    ],
)
def test_what_cannot_be_asked_is_one_line_with_its_code(
    city: Path, words: tuple[str, ...], code: str
) -> None:
    told = duban(*words, "--data", city)
    assert told.returncode == 1
    assert one_line(told.stderr).endswith(f"[{code}]")


def test_another_zones_time_is_taken_and_told(city: Path) -> None:
    case, *_ = found(city, CLOSED)
    told = duban("case", "show", case, "--at", "2026-03-20T10:00:00-05:00", "--data", city)
    assert told.returncode == 0
    assert one_line(told.stderr).endswith("[time.foreign_zone]")
