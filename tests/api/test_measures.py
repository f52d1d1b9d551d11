"""Counts, rates with their parts, and the cases behind every number, over HTTP."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from tests.api.caller import Caller, problem
from tests.support.instruments import adopt, dispatched

MARCH = {"period": "2020-03"}


@pytest.fixture(scope="module", autouse=True)
def march(api: Caller) -> None:
    adopt(api, "indicators")
    for number, unit in enumerate(("lake", "lake", "hill")):
        dispatched(api, f"I{number}", unit)
    at = {"occurred_at": "2020-03-05T01:00:00Z"}
    api.done("/cases/I0/rectify", {"note": "done", **at}, actor="worker")
    api.done("/cases/I0/verify", at, actor="checker")
    api.done("/cases/I0/close", at, actor="checker")


def line(api: Caller, name: str, **asked: str) -> dict[str, Any]:
    table = api.json("/indicators", **MARCH, **asked)
    (found,) = [each for each in table["lines"] if each["name"] == name]
    return dict(found)


def test_a_rate_keeps_its_numerator_denominator_and_formula(api: Caller) -> None:
    lake = line(api, "lake", by="unit")
    assert lake["called"] == "湖滨街道"
    assert (lake["counts"]["dispatched"], lake["counts"]["handled"]) == (2, 1)
    handled = next(r for r in lake["rates"] if r["numerator"] == 1 and r["denominator"] == 2)
    assert Decimal(handled["value"]) == 50
    assert handled["formula"].startswith("default-indicators@1#")


def test_a_rate_of_nothing_is_not_applicable_and_says_why(api: Caller) -> None:
    table = api.json("/indicators", **MARCH, by="total", source="hotline")
    assert table["lines"] == []
    hill = line(api, "hill", by="unit")
    closed = [rate for rate in hill["rates"] if rate["denominator"] == 0]
    assert all(rate["value"] is None and "is 0" in rate["why"] for rate in closed)


def test_every_count_is_the_sum_of_the_cases_behind_it(api: Caller) -> None:
    counts = line(api, "", by="total")["counts"]
    for name, number in counts.items():
        behind = api.json("/indicators/cases", **MARCH, count=name)
        assert sum(case["times"] for case in behind) == number, name
    under = api.json("/indicators/cases", **MARCH, count="dispatched", unit="east")
    assert [case["case_id"] for case in under] == ["I0", "I1"]


def test_the_table_comes_as_csv_with_one_number_in_each_row(api: Caller) -> None:
    table = api.get("/indicators", **MARCH, by="unit", format="csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(table)))
    (handled,) = [r for r in rows if (r["name"], r["indicator"]) == ("lake", "handled")]
    assert handled["value"] == "1"


def test_without_a_policy_of_indicators_there_is_nothing_to_count_by(api: Caller) -> None:
    refused = problem(api.get("/indicators", period="1999"))
    assert (refused["status"], refused["code"]) == (404, "indicators.none_in_force")
    assert problem(api.get("/indicators", by="colour"))["status"] == 422


def test_readings_are_listed_by_indicator_and_period(api: Caller) -> None:
    reading = {"indicator": "satisfaction", "unit": "lake", "period": "2020-Q1", "value": "91.5"}
    done = api.done("/readings", {**reading, "source": "survey"})
    (row,) = api.json("/readings", indicator="satisfaction")
    assert (row["reading_id"], Decimal(row["value"])) == (done["id"], Decimal("91.5"))
    assert api.json("/readings", period="2020-Q2") == []
    assert api.json(f"/readings/{done['id']}")["unit"] == "lake"
    assert api.get("/readings", format="csv").text.count("satisfaction") == 1


def test_boards_and_bulletins_are_listed(api: Caller) -> None:
    (board,) = api.json("/rankings/boards", **MARCH)
    assert (board["board"], board["kind"]) == ("default", "scoring")
    week = {"board": "default", "period": "2020-W10", "peer_group": "street"}
    done = api.done("/rankings", week, actor="clerk")
    (row,) = api.json("/rankings/bulletins", period="2020-W10")
    assert (row["ranking_id"], row["draft_status"]) == (done["id"], "composed")
    live = api.json("/rankings", board="default", period="2020-W10", peer_group="street")
    assert [each["unit"] for each in live["rows"]] == ["hill", "lake"]
    assert problem(api.get("/rankings", board="none"))["code"] == "policy.none_in_force"
