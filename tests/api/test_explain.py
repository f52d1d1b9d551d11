"""Why, over HTTP and as a page: in both languages, as known then, with ways on."""

import re
from typing import Any

import pytest

from tests.api.caller import Caller, problem

REPORT = {"case_id": "案W1", "source": "media", "category": "litter", "text": "垃圾满溢"}
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("file", {"standard": "4.1"}),
    ("dispatch", {"unit": "lake", "limit": {"amount": 2, "clock": "working_days"}}),
)


@pytest.fixture(scope="module")
def entry(api: Caller) -> dict[str, Any]:
    """The score entry of a problem given to a street."""
    api.done("/cases", {**REPORT, "occurred_at": "2026-03-02T01:00:00Z"})
    for verb, body in STEPS:
        api.done(f"/cases/%E6%A1%88W1/{verb}", {**body, "occurred_at": "2026-03-02T02:00:00Z"})
    (found,) = api.json("/rankings/entries", unit="lake", period="2026-03")["items"]
    return dict(found)


def page(api: Caller, path: str, language: str = "zh") -> str:
    answer = api.client.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_an_entry_is_explained_in_both_languages(api: Caller, entry: dict[str, Any]) -> None:
    key = f"{entry['position']}.{entry['entry']}"
    found = api.json(f"/explain/entry/{key}")
    assert found["key"] == key
    assert found["title"]["zh"].startswith("湖滨街道：-1")
    assert found["sentences"][0]["en"].startswith("湖滨街道 got -1 points")
    assert found["clauses"][0]["clause"] == entry["clause"]
    assert found["events"][0]["name"] == "case.dispatched"
    assert {"kind": "case", "id": "案W1", "name": ""} in found["links"]


def test_the_parts_of_a_rank_add_up_over_http_too(api: Caller, entry: dict[str, Any]) -> None:
    found = api.json("/explain/rank/default:2026-03:street:lake")
    amounts = [float(part["amount"]) for part in found["parts"]]
    assert sum(amounts) == float(found["amount"]) == 99
    (line,) = found["parts"][1]["parts"]
    assert line["link"] == {
        "kind": "entry", "id": f"{entry['position']}.{entry['entry']}", "name": "",
    }  # fmt: skip


@pytest.mark.usefixtures("entry")
def test_what_was_not_known_then_is_not_explained_then(api: Caller) -> None:
    first = api.json("/events", limit=1)["items"][0]["recorded_at"]
    told = problem(api.get("/explain/case/%E6%A1%88W1", as_of=first))
    assert told["code"] == "case.unknown_then"
    assert api.json("/explain/case/%E6%A1%88W1")["key"] == "案W1"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/explain/weather/x", "thing.unknown"), ("/explain/entry/x", "entry.unknown"),
        ("/explain/rank/default:2026-03:street:nobody", "rank.unranked"),
        ("/explain/slip/A1.1", "slip.unknown"), ("/explain/ranking/x", "ranking.unknown"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_with_a_code(api: Caller, path: str, code: str) -> None:
    told = problem(api.get(path))
    assert (told["status"], told["code"]) == (404, code)


def test_the_page_of_a_rank_shows_the_account_and_leads_on(
    api: Caller, entry: dict[str, Any]
) -> None:
    shown = page(api, "/why/rank/default:2026-03:street:lake")
    assert "逐项相加" in shown
    assert "合计" in shown
    assert f'href="/why/entry/{entry["position"]}.{entry["entry"]}"' in shown
    assert 'href="/units/lake"' in shown
    assert re.search(r'href="/policies/[0-9a-f]{64}"', shown)
    english = page(api, "/why/rank/default:2026-03:street:lake", "en")
    assert "Line by line" in english
    assert "It starts with 100 points" in english


def test_the_page_of_an_entry_leads_to_its_event_and_its_case(
    api: Caller, entry: dict[str, Any]
) -> None:
    shown = page(api, f"/why/entry/{entry['position']}.{entry['entry']}")
    assert 'href="/cases/%E6%A1%88W1"' in shown
    assert "派遣" in shown


def test_the_rankings_and_the_score_sheets_lead_to_the_explanation(
    api: Caller, entry: dict[str, Any]
) -> None:
    shown = page(api, "/rankings?period=2026-03&unit=lake")
    assert f'href="/why/entry/{entry["position"]}.{entry["entry"]}"' in shown
    links = set(re.findall(r'href="(/why/rank/[^"]*)"', shown))
    assert links
    for link in links:
        assert "逐项相加" in page(api, link)


def test_a_page_of_nothing_says_how_a_key_looks(api: Caller) -> None:
    answer = api.client.get("/why/entry/nothing", params={"lang": "en"})
    assert answer.status_code == 404
    assert "1204.0" in answer.text


@pytest.mark.usefixtures("entry")
def test_the_page_as_it_was_known_then_says_so(api: Caller) -> None:
    asked = {"lang": "en", "as_of": "2100-01-01T00:00"}
    answer = api.client.get("/why/case/%E6%A1%88W1", params=asked)
    assert "Explained as it was known at" in answer.text
