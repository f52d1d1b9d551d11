"""Slips, money, lists and accountability over HTTP: two people, lists, ledger, and the feed."""

import csv
import io
from decimal import Decimal

import pytest

from tests.api.caller import Caller, problem
from tests.support.instruments import action, adopt, dispatched, entry, money, published, slip


@pytest.fixture(scope="module")
def found(api: Caller) -> int:
    adopt(api, "supervision", "appeals")
    dispatched(api, "E1", "lake")
    return dispatched(api, "E2", "hill")


@pytest.fixture(scope="module")
def ranking(api: Caller, found: int) -> str:
    return published(api)


def status(api: Caller, path: str) -> str:
    return str(api.json(path)["status"])


def test_a_slip_is_proposed_issued_served_answered_and_lifted(api: Caller, found: int) -> None:
    first = api.post("/slips", slip("E2.1", "hill", found), actor="clerk", key="slip-once")
    assert first.status_code == 201
    assert first.headers["Location"] == "/api/v1/slips/E2.1"
    repeated = api.post("/slips", slip("E2.1", "hill", found), actor="clerk", key="slip-once")
    assert repeated.headers["Idempotency-Replayed"] == "true"
    api.done("/slips/E2.1/issue", {"demand": "三日内办结"})
    api.done("/slips/E2.1/serve", {"receiver": "山脚街道"})
    served = api.json("/slips/E2.1")
    assert served["number"].endswith("E2.1")
    assert served["due_at"] > served["served_at"]
    api.done("/slips/E2.1/answer", {"note": "已办结"}, actor="hill")
    refused = api.refused("/slips/E2.1/lift", {"reason": "已办结"}, actor="hill")
    assert (refused["status"], refused["code"]) == (403, "slip.own_answer")
    api.done("/slips/E2.1/lift", {"reason": "核实已办结"})
    assert status(api, "/slips/E2.1") == "lifted"
    told = api.json("/slips/E2.1/history")
    assert [step["event"]["name"].partition(".")[2] for step in told["steps"]] == [
        "proposed", "issued", "served", "answered", "lifted",
    ]  # fmt: skip


def test_one_matter_has_one_slip_at_a_time(api: Caller, found: int) -> None:
    api.done("/slips", slip("E1.1", "lake", found))
    refused = api.refused("/slips", slip("E1.2", "lake", found, colour="yellow"))
    assert (refused["status"], refused["code"]) == (409, "slip.running")


def test_who_proposed_or_reviewed_money_may_not_approve_it(api: Caller, ranking: str) -> None:
    api.done("/money", money("M1", "hill", ranking), actor="clerk")
    api.done("/money/M1/review", {}, actor="bookkeeper")
    for person in ("clerk", "bookkeeper"):
        refused = api.refused("/money/M1/approve", {"authority": "city"}, actor=person)
        assert (refused["status"], refused["code"]) == (403, "money.same_person")
    api.done("/money/M1/approve", {"authority": "city"}, actor="mayor")
    api.done("/money/M1/issue")
    api.done("/money/M1/settle", {"amount": "250000.00"})
    assert status(api, "/money/M1") == "issued"


def test_the_ledger_balances_and_says_what_is_open(api: Caller, ranking: str) -> None:
    lines = api.json("/ledger", period="2020-W10")
    assert sum(Decimal(line["amount"]) for line in lines) == 0
    assert len({line["position"] for line in lines}) * 2 == len(lines)
    (balance,) = api.json("/ledger/balances", period="2020-W10")
    assert (balance["unit"], Decimal(balance["difference"])) == ("hill", 0)
    assert Decimal(balance["due"]) == -1_000_000
    assert Decimal(balance["paid"]) == -250_000
    table = api.get("/ledger", format="csv").text.removeprefix("\ufeff")
    assert len(list(csv.DictReader(io.StringIO(table)))) == len(api.json("/ledger"))


def test_a_proposal_needs_a_ranking_that_is_published(api: Caller, ranking: str) -> None:
    assert api.refused("/money", money("M9", "hill", "no-such"))["code"] == "ranking.unknown"
    assert api.refused("/money", money("M9", "hill", ranking, amount="-1"))["status"] == 422


def test_a_list_entry_is_reviewed_approved_published_and_objected_to(api: Caller) -> None:
    api.done("/listings", entry("L1", "hill"), actor="clerk")
    text = "山脚街道本周考评末位"
    api.done("/listings/L1/review", {"personal_data": "none", "text": text}, actor="reader")
    refused = api.refused("/listings/L1/approve", {"authority": "city"}, actor="reader")
    assert refused["code"] == "listing.same_person"
    api.done("/listings/L1/approve", {"authority": "city"}, actor="chief")
    assert feed(api) == []
    api.done("/listings/L1/publish", {"channel": "日报"}, actor="chief")
    (item,) = feed(api)
    assert (item["content_text"], item["tags"]) == (text, ["black"])
    api.done("/listings/L1/object", {"grounds": "排名有误"}, actor="hill")
    assert feed(api) == []
    api.done("/listings/L1/dismiss-objection", {"reason": "无误"}, actor="judge")
    assert len(feed(api)) == 1
    api.done("/listings/L1/withdraw", {"reason": "更正"}, actor="chief")
    (taken_back,) = feed(api)
    assert taken_back["_duban"]["retracted"] is True
    assert text not in taken_back["content_text"]


def feed(api: Caller) -> list[dict[str, object]]:
    answer = api.get("/feeds/lists.json")
    assert answer.headers["content-type"].startswith("application/feed+json")
    told = answer.json()
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    items: list[dict[str, object]] = told["items"]
    return items


def test_the_feed_is_not_sent_again_to_who_holds_it(api: Caller) -> None:
    tag = api.get("/feeds/lists.json").headers["ETag"]
    assert api.get("/feeds/lists.json", headers={"If-None-Match": tag}).status_code == 304
    assert api.get("/feeds/lists.json", list="green").status_code == 422


def test_accountability_is_decided_by_a_third_person(api: Caller) -> None:
    api.done("/accountability", action("A1", "hill"), actor="clerk")
    api.done("/accountability/A1/review", {}, actor="reader")
    decision = {"decision": "ordered", "authority": "city", "reason": "事实清楚"}
    for person in ("clerk", "reader"):
        refused = api.refused("/accountability/A1/decide", decision, actor=person)
        assert refused["code"] == "accountability.same_person"
    api.done("/accountability/A1/decide", decision, actor="mayor")
    api.done("/accountability/A1/carry-out", {"note": "已约谈"}, actor="mayor")
    assert status(api, "/accountability/A1") == "carried_out"


@pytest.mark.parametrize("name", ["system:reactions", "System:clock", "%73ystem:x"])
def test_nobody_acts_in_the_name_of_the_system(api: Caller, name: str) -> None:
    refused = problem(api.post("/money/M1/issue", {}, actor=name))
    assert (refused["status"], refused["code"]) == (400, "actor.reserved")


def test_lists_are_filtered_by_status_unit_and_kind(api: Caller, ranking: str) -> None:
    def ids(path: str, key: str, **asked: object) -> list[str]:
        return sorted(row[key] for row in api.json(path, **asked)["items"])

    api.done("/money", money("M2", "lake", ranking, direction="reward"), actor="clerk")
    assert ids("/money", "money_id") == ["M1", "M2"]
    assert ids("/money", "money_id", unit="west") == ["M1"]
    assert ids("/money", "money_id", direction="reward", status="proposed") == ["M2"]
    assert ids("/money", "money_id", ranking=ranking, period="2020-W10") == ["M1", "M2"]
    assert ids("/money", "money_id", period="2020-W11") == []
    assert ids("/slips", "slip_id", case="E2") == ["E2.1"]
    assert ids("/slips", "slip_id", colour="white", unit="east") == ["E1.1"]
    assert ids("/listings", "listing_id", list="black") == ["L1"]
    assert ids("/accountability", "accountability_id", action="interview") == ["A1"]
    assert problem(api.get("/money", status="paid"))["status"] == 422
    assert problem(api.get("/listings", list="green"))["status"] == 422


def test_a_list_goes_on_where_its_page_ended_and_comes_as_csv(api: Caller, ranking: str) -> None:
    first = api.get("/money", limit=1)
    assert 'rel="next"' in first.headers["Link"]
    second = api.json("/money", limit=1, cursor=first.json()["next"])
    assert second["next"] is None
    table = api.get("/money", format="csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(table)))
    held = {first.json()["items"][0]["money_id"], second["items"][0]["money_id"]}
    assert {row["money_id"] for row in rows} == held
    assert {row["unit_name"] for row in rows} == {"湖滨街道", "山脚街道"}


def test_one_is_read_from_the_record_and_keeps_its_version(api: Caller) -> None:
    answer = api.get("/money/M1")
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    again = api.get("/money/M1", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert problem(api.get("/money/none"))["code"] == "money.unknown"
    stale = api.post("/money/M1/settle", {"amount": "1"}, If_Match='"1"')
    assert problem(stale)["status"] == 412


def test_money_is_appealed_against_by_whom_it_concerns(api: Caller, ranking: str) -> None:
    appeal = {"against": "money", "subject": "M1", "unit": "hill", "grounds": "分数有误"}
    done = api.done("/appeals", appeal, actor="hill")
    (row,) = api.json("/appeals", against="money", status="filed")["items"]
    assert (row["appeal_id"], row["unit_name"]) == (done["id"], "山脚街道")
    refused = api.refused(f"/appeals/{done['id']}/uphold", {"reason": "x"}, actor="mayor")
    assert refused["code"] == "appeal.took_part"
