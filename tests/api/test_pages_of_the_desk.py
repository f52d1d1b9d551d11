"""Forms of the pages: the same commands as a programme's, and nothing that was typed is lost."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from infra.runtime import Runtime
from tests.api.caller import Caller
from tests.support.instruments import (
    action,
    adopt,
    dispatched,
    entry,
    money,
    published,
    slip,
)

HERE = "http://127.0.0.1"
TAGS = re.compile(r"<[^>]*>")


@pytest.fixture(scope="module")
def ranking(api: Caller) -> str:
    adopt(api, "supervision", "appeals", "indicators", "listing")
    dispatched(api, "D1", "lake")
    position = dispatched(api, "D2", "hill")
    ranking = published(api)
    api.done("/slips", slip("D2.1", "hill", position), actor="clerk")
    api.done("/listings", entry("l1", "hill"), actor="clerk")
    api.done("/accountability", action("a1", "hill"), actor="clerk")
    return ranking


@pytest.fixture
def browser(app: FastAPI, ranking: str) -> Iterator[TestClient]:
    """Without redirects, so that a test sees where a form leads."""
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        yield client


def words(answer: Response) -> str:
    body = re.sub(r"<head>.*?</head>", "", answer.text, flags=re.DOTALL)
    return " ".join(TAGS.sub(" ", body).split())


def key_of(page: str, action: str) -> str:
    """The key that the form with this action carries."""
    form = page[page.index(f'action="{action}"') :]
    found = re.search(r'name="_key" value="([^"]+)"', form)
    assert found is not None
    return found[1]


def send(browser: TestClient, action: str, **fields: Any) -> Response:
    said = {name.replace("__", "."): value for name, value in fields.items()}
    return browser.post(action, data=said, headers={"Origin": HERE})


def act(browser: TestClient, name: str) -> None:
    answer = send(browser, "/acting", actor=name, _back="/desk")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")


PAGES = (
    "/desk", "/slips", "/slips?status=proposed&which=white&unit=hill", "/slips/D2.1", "/money",
    "/money?period=2020-W10", "/lists", "/lists?which=black", "/lists/l1", "/accountability",
    "/accountability/a1", "/appeals", "/rankings?period=2020-W10&board=default&group=street",
    "/rankings?ranking=default:2020-W10:street&published=1", "/indicators?period=2020-03",
    "/indicators?period=2020-03&by=unit", "/indicators?period=2020-03&by=total",
    "/indicators/cases?period=2020-03&by=unit&name=lake&count=dispatched", "/policies",
    "/backtest", "/do/slips?slip_id=D1.1&unit=lake", "/do/appeals?against=timeout", "/do/cases",
    "/do/readings", "/do/money", "/units/hill", "/cases/D2",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_in_both_languages(browser: TestClient, path: str, language: str) -> None:
    cookie = f"lang={language}; actor={quote('王值班')}"
    answer = browser.get(path, headers={"Cookie": cookie})
    assert answer.status_code == 200, answer.text
    assert "<script>" not in answer.text
    assert ' style="' not in answer.text
    assert len(answer.content) < 120_000


def test_a_form_does_what_a_programme_does_and_leads_back(
    browser: TestClient, api: Caller, runtime: Runtime
) -> None:
    act(browser, "李主任")
    page = browser.get("/slips/D2.1").text
    action = "/do/slips/D2.1/issue"
    fields = {"demand": "三日内办结", "_key": key_of(page, action), "_back": "/desk"}
    answer = send(browser, action, **fields)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/desk?done=slip.issue&at=")
    (issued,) = [e for e in runtime.store.load("slip-D2.1") if e.event.NAME == "slip.issued"]
    assert issued.actor == "李主任"
    assert "已办理：签发" in words(browser.get(answer.headers["Location"]))
    again = send(browser, action, **fields)  # pressed twice: done once
    assert again.status_code == 303
    assert len(runtime.store.load("slip-D2.1")) == 2


def test_a_refusal_is_a_sentence_at_the_form_and_loses_nothing(
    browser: TestClient, api: Caller, ranking: str
) -> None:
    api.done("/money", money("m1", "hill", ranking), actor=quote("王值班"))
    api.done("/money/m1/review", {}, actor=quote("赵会计"))
    act(browser, "王值班")
    page = browser.get("/money/m1").text
    assert "王值班 已经手（提出），须由他人办理" in page
    key = "typed-once"
    answer = send(
        browser, "/do/money/m1/approve", authority="榕江市", note="写了很久的备注", _key=key,
        _back="/desk",
    )  # fmt: skip
    assert answer.status_code == 403
    assert "提出或复核过这笔款项的人不能批准" in words(answer)
    assert "写了很久的备注" in answer.text
    assert 'value="榕江市"' in answer.text
    assert 'name="_back" value="/desk"' in answer.text
    english = browser.get("/money/m1?lang=en").text
    assert "has taken part (Proposed by): somebody else has to" in english


def test_somebody_else_approves_in_the_name_of_a_unit_by_its_name(
    browser: TestClient, api: Caller
) -> None:
    act(browser, "李主任")
    said = {"authority": "榕江市", "_key": "approve-m1", "_back": "/money/m1"}
    answer = send(browser, "/do/money/m1/approve", **said)
    assert answer.status_code == 303, words(answer)
    row = api.json("/money/m1")
    assert (row["status"], row["approved_for"], row["approved_by"]) == (
        "approved",
        "city",
        "李主任",
    )


def test_what_is_missing_is_named_by_its_field(browser: TestClient) -> None:
    act(browser, "李主任")
    answer = send(browser, "/do/listings/l1/review", _key="k1", text="")
    assert answer.status_code == 400
    assert "请填写：个人信息、公布内容。" in words(answer)


def test_who_acts_has_to_be_said(browser: TestClient) -> None:
    send(browser, "/acting", actor="", _back="/desk")
    answer = send(browser, "/do/slips/D2.1/serve", receiver="值班员", _key="k2")
    assert answer.status_code == 401
    assert "请先写明经办人" in words(answer)
    assert 'value="值班员"' in answer.text
    named = send(browser, "/do/slips/D2.1/serve", receiver="值班员", _key="k3", actor="王值班")
    assert named.status_code == 303
    assert "actor=" in named.headers["Set-Cookie"]


def test_nobody_acts_as_the_system(browser: TestClient) -> None:
    answer = send(browser, "/do/slips/D2.1/lift", reason="x", _key="k4", actor="system:clock")
    assert answer.status_code == 400
    assert "属于系统本身" in words(answer)


def test_whoever_decides_on_an_older_version_is_told(browser: TestClient) -> None:
    act(browser, "李主任")
    answer = send(browser, "/do/slips/D2.1/lift", reason="已办结", _key="k5", _version="1")
    assert answer.status_code == 412
    assert "别人已经办理过这一件" in words(answer)


def test_what_the_server_finds_is_not_taken_from_a_form(browser: TestClient, api: Caller) -> None:
    api.done("/money/m1/issue")
    act(browser, "山脚街道")
    said = {"against": "money", "subject": "m1", "unit": "hill", "grounds": "分数有误"}
    forged = {"stream": "money-other", "known_at": "2099-01-01T00:00", "concerned": "lake"}
    answer = send(browser, "/do/appeals", **said, **forged, _key="k6")
    assert answer.status_code == 303, words(answer)
    (row,) = api.json("/appeals", against="money")["items"]
    assert row["stream"] == "money-m1"


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil", ""])
def test_a_form_never_leads_to_another_site(browser: TestClient, back: str) -> None:
    answer = send(browser, "/acting", actor="x", _back=back)
    assert answer.headers["Location"] == "/desk"


@pytest.mark.parametrize("path", ["/do/slips/D2.1/lift", "/do/slips", "/acting", "/backtest"])
def test_no_other_site_may_send_a_form(browser: TestClient, path: str) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        answer = browser.post(path, data={"actor": "x"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "request.cross_site")


def test_a_form_without_end_is_cut_off(browser: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        yield from [b"text=" + b"x" * 65536] * 40

    kind = {"Origin": HERE, "Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/backtest", "/do/slips", "/acting"):
        assert browser.post(path, content=endless(), headers=kind).status_code == 413


def test_a_thing_is_begun_from_a_form(browser: TestClient, api: Caller) -> None:
    act(browser, "王值班")
    page = browser.get("/do/slips?slip_id=D1.1&unit=lake&case_id=D1").text
    assert 'value="three-colours" selected' in page
    assert 'value="white" selected' in page
    said = {"slip_id": "D1.1", "unit": "湖滨街道", "ladder": "three-colours", "colour": "white"}
    limit = {"limit__amount": "3", "limit__clock": "working_days", "authority": "督查办"}
    refused = send(browser, "/do/slips", **said, **limit, _key="k7")
    assert refused.status_code == 400
    assert 'value="湖滨街道"' in refused.text
    answer = send(browser, "/do/slips", **said, **limit, reason__zh="超期未办结", _key="k8")
    assert answer.headers["Location"].startswith("/slips/D1.1?done=slip.propose")
    assert api.json("/slips/D1.1")["unit"] == "lake"


def test_reloading_the_answer_to_a_form_shows_the_thing(browser: TestClient) -> None:
    answer = browser.get("/do/money/m1/approve")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/money/m1")


def test_the_desk_counts_what_waits_and_offers_the_steps(browser: TestClient, api: Caller) -> None:
    api.done("/cases", {"case_id": "D9", "source": "patrol", "category": "x", "text": "新问题"})
    act(browser, "李主任")
    page = browser.get("/desk").text
    for expected in ("/do/cases/D9/file", "/do/listings/l1/review", "/do/cases/D9/reject"):
        assert f'action="{expected}"' in page
    waiting = re.search(r'id="tile-listings"><b>(\d+)</b>', page)
    assert waiting is not None
    assert waiting[1] == "1"


def test_registers_come_as_csv(browser: TestClient) -> None:
    answer = browser.get("/money.csv?period=2020-W10")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "m1" in answer.text
    counted = browser.get("/indicators.csv?period=2020-03&by=unit")
    assert "dispatched" in counted.text


def test_the_numbers_of_the_indicators_lead_to_their_cases(browser: TestClient) -> None:
    page = browser.get("/indicators?period=2020-03&by=unit").text
    links = dict.fromkeys(re.findall(r'href="(/indicators/cases[^"]+)">(\d+)', page))
    assert links
    for href, number in links:
        rows = browser.get(href.replace("&amp;", "&")).text
        assert len(re.findall(r'<tr data-row id="case-', rows)) == int(number)


def test_a_policy_is_shown_in_words_and_to_the_letter(browser: TestClient, api: Caller) -> None:
    digest = api.json("/policies")[0]["digest"]
    told = api.json(f"/policies/{digest}/prose", lang="en")
    page = browser.get(f"/policies/{digest}?lang=en")
    assert page.status_code == 200
    assert told["articles"][0]["label"] in words(page)
    assert digest in page.text


def test_history_is_replayed_under_a_pasted_policy(browser: TestClient, api: Caller) -> None:
    (row,) = [p for p in api.json("/policies") if p["policy_id"] == "default"]
    text = api.json(f"/policies/{row['digest']}")["body"]
    changed = text.replace("version: 1", "version: 2").replace("base: 100", "base: 90")
    span = {"from": "2020-03-01", "to": "2020-03-31", "period": "month", "text": changed}
    answer = send(browser, "/backtest", **span)
    assert answer.status_code == 200, words(answer)
    assert "湖滨街道" in words(answer)
    table = send(browser, "/backtest", **span, format="csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert "湖滨街道" in table.text
    wrong = send(browser, "/backtest", **{**span, "text": "id: x\nnonsense"})
    assert wrong.status_code == 400
    assert "nonsense" in wrong.text


def test_a_correction_is_published_from_the_page_with_its_reason(
    browser: TestClient, api: Caller, ranking: str
) -> None:
    dispatched(api, "D7", "lake", "2020-03-05T01:00:00Z")
    act(browser, "王值班")
    page = browser.get(f"/rankings?ranking={ranking}").text
    assert "编制更正" in page
    composed = send(
        browser, "/do/rankings", board="default", period="2020-W10", peer_group="street",
        _key=key_of(page, "/do/rankings"), _back=f"/rankings?ranking={ranking}",
    )  # fmt: skip
    assert composed.headers["Location"].startswith(f"/rankings?ranking={ranking}&done=")
    draft = api.json(f"/rankings/{ranking}")["draft"]["checksum"]
    path = f"/do/rankings/{quote(ranking, safe='')}"
    refused = send(browser, f"{path}/approve", checksum=draft, _key="c1")
    assert refused.status_code == 403
    assert "编制排名的人不能批准" in words(refused)
    act(browser, "李主任")
    assert send(browser, f"{path}/approve", checksum=draft, _key="c2").status_code == 303
    silent = send(browser, f"{path}/publish", _key="c3")
    assert "发布更正须写明理由" in words(silent)
    reason = "补记三月五日的一件"
    assert send(browser, f"{path}/publish", reason=reason, _key="c4").status_code == 303
    shown = words(browser.get(f"/rankings?ranking={ranking}"))
    assert "更正 1 次" in shown
    assert reason in shown
