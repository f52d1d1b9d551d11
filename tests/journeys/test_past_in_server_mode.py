"""The past of the server mode is the past of the embedded mode, told by other stores."""

from pathlib import Path

import pytest

from tests.journeys.test_server_mode import city as city
from tests.journeys.test_server_mode import require_same_tables
from tests.support.cities import synthetic
from tests.support.program import duban
from tests.support.server_city import ServerCity

pytestmark = pytest.mark.services


def test_every_question_about_the_past_has_the_same_answer_in_both_modes(
    city: ServerCity, tmp_path: Path
) -> None:
    data = tmp_path / "embedded"
    synthetic(data, days=3)
    assert require_same_tables(city, data) > 1_000
    sql = (
        "SELECT case_id, unit, toString(dispatched_at), toString(closed_at), "
        "(SELECT toString(max(day)) FROM scores) FROM cases WHERE status = 'closed' "
        "ORDER BY reworks DESC, closed_at - dispatched_at DESC, case_id LIMIT 1"
    )
    found = duban("query", sql, "--data", data, "--format", "TSV").stdout.strip().split("\t")
    case, unit, given, closed, day = found
    month, given, closed = day[:7], f"{given}+00:00", f"{closed}+00:00"
    for asked in (
        ("case", "show", case, "--at", given, "--json"),
        ("diff", "case", case, given, closed, "--at", "--json"),
        ("diff", "unit", unit, given, "--at"),
        ("unit", "show", unit, "--at", closed, "--json"),
        ("unit", "show", unit, "--part", "late", "--under"),
        ("rank", month, "--at", given, "--json"),
        ("diff", "ranking", month, given, closed, "--at", "--json"),
    ):
        here = duban(*asked, "--data", data)
        assert here.returncode == 0, here.stderr
        assert city.duban(*asked) == here.stdout
