"""A city whose first board is made of other boards: its pages rank peers alone, and say so."""

import re

import pytest
from starlette.testclient import TestClient

from tests.api.caller import Caller
from tests.support.instruments import dispatched

COMPOSITE = """\
id: a-composite
version: 1
kind: composite
city: 榕江市
timezone: Asia/Shanghai
title: {zh: 月度综合考评, en: Composite of the month}
issued_by: 市创卫办
document: 榕创卫〔2026〕2号
source: a test
effective_from: 2000-01-01
rounding: {decimals: 2, mode: half_up}
ties: competition
eligibility: touched
peer_groups: {by: kind, kinds: [street]}
order: high_first
periods: [month]
missing: reweigh
components:
  - {id: points, title: {zh: 考评分, en: Points}, board: default, weight: 0.5}
"""
PAGES = (
    "/", "/board?period=2020-03", "/board?period=2020-03&level=street", "/rankings?period=2020-03",
    "/rankings?period=2020-03&level=district", "/rankings?period=2020-03&board=default",
    "/rankings/entries?period=2020-03&unit=lake", "/units/east?period=2020-03",
    "/units/lake?period=2020-03", "/desk",
)  # fmt: skip


@pytest.fixture(scope="module")
def city(api: Caller) -> TestClient:
    api.done("/policies", {"body": COMPOSITE, "occurred_at": "2020-01-01T00:00:00Z"})
    dispatched(api, "K1", "lake")
    assert isinstance(api.client, TestClient)
    return api.client


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens(city: TestClient, path: str, language: str) -> None:
    answer = city.get(path, headers={"Cookie": f"lang={language}"})
    assert answer.status_code == 200, answer.text


def test_the_boards_of_a_period_are_chosen_from_by_name(city: TestClient) -> None:
    page = city.get("/rankings?period=2020-03").text
    assert re.findall(r'<option value="(a-composite|default)"( selected)?', page) == [
        ("a-composite", " selected"), ("default", ""),
    ]  # fmt: skip
    week = city.get("/rankings?period=2020-W10").text
    assert '<select name="board"' not in week  # one board alone ranks weeks


def test_a_composite_is_worth_half_of_its_only_part(city: TestClient, api: Caller) -> None:
    rows = {
        board: api.json("/rankings", period="2020-03", board=board)["rows"]
        for board in ("a-composite", "default")
    }
    (half,) = [row["points"] for row in rows["a-composite"] if row["unit"] == "lake"]
    (whole,) = [row["points"] for row in rows["default"] if row["unit"] == "lake"]
    assert float(half) * 2 == float(whole)
