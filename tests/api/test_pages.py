"""The pages of a city, as a browser without scripts gets them."""

import csv
import io
import re
from urllib.parse import quote

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from infra.runtime import Runtime
from tests.api.caller import Caller

LANGUAGES = ("zh", "en")
NASTY = "<script>alert('名')</script>"
RAW_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d|\+00:00|\d\dZ\b")
TAGS = re.compile(r"<[^>]*>")


@pytest.fixture(scope="module")
def city(api: Caller) -> TestClient:
    """A week in which a little of everything has happened."""
    report = {"source": "hotline", "category": "井盖", "severity": "major", "text": NASTY}
    for number, unit in enumerate(("lake", "hill", "hill", "works")):
        case = f"/cases/c{number}"
        api.done("/cases", {**report, "case_id": f"c{number}", "case_no": f"榕2026-{number}"})
        api.done(f"{case}/file", {"standard": "有安全隐患"})
        limit = {"amount": 4, "clock": "urgent_hours"}
        api.done(f"{case}/dispatch", {"unit": unit, "limit": limit, "instructions": "尽快"})
    api.done("/cases/c0/claim", actor=quote("湖滨街道值班员"))
    evidence = [{"sha256": "ab" * 32, "media_type": "image/jpeg", "name": "现场.jpg"}]
    api.done("/cases/c0/rectify", {"note": "井盖已补", "evidence": evidence}, actor=quote("工人"))
    api.done("/cases/c0/verify", {}, actor=quote("检查员"))
    api.done("/cases/c0/close", {}, actor=quote("检查员"))
    sheet = [{"item": "垃圾桶", "points": "8.5", "out_of": "10", "note": "满溢一处"}]
    visit = {"unit": "sweepers", "source": "third_party", "result": "scored", "sheet": sheet}
    findings = [{"text": "地面积水", "severity": "minor", "case_id": "c1"}]
    api.done("/inspections", {**visit, "inspection_id": "v1", "findings": findings})
    penalty = {"unit": "sweepers", "kind": "ticket", "currency": "CNY", "amount": "200.00"}
    api.done("/penalties", {**penalty, "penalty_id": "p1", "case_id": "c1", "inspection_id": "v1"})
    assert isinstance(api.client, TestClient)
    return api.client


PAGES = (
    "/", "/?by=week", "/?by=month", "/rankings", "/rankings?unit=hill", "/rankings?period=2020",
    "/rankings?level=district", "/rankings?level=department&unit=works",
    "/rankings?as_of=2024-01-01T00:00", "/rankings/entries?unit=hill",
    "/rankings/entries?unit=east&level=district", "/cases", "/cases?status=running&light=green",
    "/cases?status=with_unit&sort=-due&unit=west", "/cases?search=nothing-like-it",
    "/cases?dates=closed&since=2020-01-01&until=2031-01-01", "/cases/c0", "/cases/c0?seen=2",
    "/cases/c0?as_of=2020-01-01T00:00", "/cases/c0?seen=99", "/units", "/units?under=east",
    "/units?search=湖&kind=street", "/units?colour=green", "/units/lake", "/units/east",
    "/units/sweepers?period=2026-Q1", "/units/city", "/inspections", "/inspections?unit=works",
    "/inspections?result=scored&colour=green", "/inspections/v1", "/board", "/board?level=street",
    "/board?period=2020-W10",
)  # fmt: skip


def words(answer: Response) -> str:
    """What a reader sees of a page."""
    body = re.sub(r"<head>.*?</head>", "", answer.text, flags=re.DOTALL)
    return " ".join(TAGS.sub(" ", body).split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_in_both_languages(city: TestClient, path: str, language: str) -> None:
    answer = city.get(path, headers={"Cookie": f"lang={language}"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert not RAW_TIME.findall(words(answer))


@pytest.mark.parametrize("path", PAGES)
def test_no_page_carries_a_script_of_its_own_or_a_word_of_the_data_as_markup(
    city: TestClient, path: str
) -> None:
    page = city.get(path).text
    assert NASTY not in page
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\s(on\w+|style)=", page) == []
    assert re.findall(r"(?:src|href|action)=\"(?:https?:)?//", page) == []


MISTAKES = {
    "/cases/none": (404, "没有这个编号的案卷"),
    "/units/none": (404, "没有这个单位"),
    "/inspections/none": (404, "没有这次检查"),
    "/nowhere/at/all": (404, "这个地址没有页面"),
    "/rankings?period=2012-W60": (400, "没有这个考核期"),
    "/rankings?level=galaxy": (400, "没有这个层级的排名"),
    "/rankings?as_of=yesterday": (400, "时间写法如"),
    "/cases?since=2026-02-30": (400, "日期写法如"),
    "/cases?status=lost": (400, "没有这种状态"),
    "/cases?light=blue": (400, "没有这种时限状态"),
    "/cases?dates=eaten": (400, "没有这种日期"),
    "/cases?sort=beauty": (400, "没有这种排序"),
    "/cases?cursor=rubbish": (400, "这个翻页位置不属于本列表"),
    "/?by=century": (422, "参数不完整或过长"),
    f"/cases?search={'x' * 300}": (422, "参数不完整或过长"),
}


@pytest.mark.parametrize("path", MISTAKES)
def test_a_mistake_is_answered_by_a_page_that_leads_on(city: TestClient, path: str) -> None:
    status, sentence = MISTAKES[path]
    answer = city.get(path)
    assert answer.status_code == status
    assert sentence in words(answer)
    assert 'href="/cases"' in answer.text


STRANGE = (
    "/rankings?period=2200", "/rankings?period=1900", "/rankings?period=2020-03-04",
    "/rankings?unit=nobody", "/rankings?unit=%00", "/rankings?from=999999999", "/rankings?from=-1",
    "/rankings?as_of=2199-12-31T23:59", "/rankings?group=nobody", "/units/hill?period=1900",
    "/cases?since=2199-12-31&until=1971-01-01", "/cases?search=%27%22%3Cscript%3E%25",
    "/cases?cursor=WzEsIm5vIl0", "/cases?unit=nobody", "/cases/c0?seen=zero&of=-1",
    "/units?under=east&search=%00", "/inspections?unit=nobody&until=2199-12-31",
)  # fmt: skip


@pytest.mark.parametrize("path", STRANGE)
def test_no_address_however_strange_breaks_a_page(city: TestClient, path: str) -> None:
    assert city.get(path).status_code == 200


def test_an_address_of_a_programme_is_refused_as_programmes_read_it(city: TestClient) -> None:
    for path in ("/api/v1/nowhere", "/static/nowhere.css"):
        answer = city.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_language_is_remembered_once_it_is_asked_for(city: TestClient) -> None:
    answer = city.get("/cases?lang=en")
    assert "lang=en" in answer.headers["set-cookie"]
    assert '<html lang="en"' in answer.text
    assert 'href="/cases?lang=zh"' in answer.text
    assert "set-cookie" not in city.get("/cases").headers
    city.cookies.clear()


def test_a_case_tells_who_did_what_when_and_under_which_rule(city: TestClient) -> None:
    told = words(city.get("/cases/c0"))
    said = ("榕2026-0", "湖滨街道值班员", "井盖已补", "现场.jpg", "结案销号", "尽快", "有安全隐患")
    assert not [word for word in said if word not in told]
    assert "已认领 → 已整改待核查" in told
    assert "市容环境卫生综合考评（通用样本） default@1#" in told


def test_a_case_is_shown_as_it_was_known_at_a_step(city: TestClient) -> None:
    then = words(city.get("/cases/c0?seen=2"))
    assert "已立案" in then
    assert "结案销号" not in then.split("全过程")[1]
    assert "其后还有 5 步" in then


def test_a_reader_at_the_end_moves_on_with_the_case(city: TestClient) -> None:
    assert "其后还有" not in words(city.get("/cases/c0?seen=3&of=3"))


def test_the_unit_page_adds_up(city: TestClient) -> None:
    told = words(city.get("/units/hill"))
    assert "属地 榕江市 西山区 山脚街道" in told
    assert "92 得分" in told  # 100 less two grave problems of 4 points


def test_a_district_is_the_sum_of_what_is_under_it(city: TestClient) -> None:
    told = words(city.get("/rankings/entries?unit=west&level=district"))
    assert told.count("山脚街道") == 2
    assert "起始分 100" in told


def grave(api: Caller, case_id: str, at: str) -> None:
    """A grave problem is found at that time and sent to 山脚街道, which loses 4 points."""
    when = {"occurred_at": at}
    report = {"source": "patrol", "category": "井盖", "text": "补记", "severity": "major"}
    api.done("/cases", {**when, **report, "case_id": case_id})
    api.done(f"/cases/{case_id}/file", {**when, "standard": "有安全隐患"})
    api.done(f"/cases/{case_id}/dispatch", {**when, "unit": "hill"})


def test_a_published_ranking_is_shown_as_it_was_frozen(city: TestClient, api: Caller) -> None:
    grave(api, "old", "2020-03-04T09:00:00+08:00")
    group = {"board": "default", "period": "2020-W10", "peer_group": "street"}
    ranking = api.done("/rankings", group, actor=quote("考评科"))["id"]
    draft = api.json(f"/rankings/{ranking}")["draft"]["checksum"]
    api.done(f"/rankings/{ranking}/approve", {"checksum": draft}, actor=quote("督查办"))
    api.done(f"/rankings/{ranking}/publish", actor=quote("督查办"))
    grave(api, "older", "2020-03-05T09:00:00+08:00")
    now = words(city.get("/rankings?period=2020-W10&group=street"))
    frozen = words(city.get("/rankings?period=2020-W10&group=street&published=1"))
    assert "由 督查办 发布" in now
    assert "山脚街道 92 " in now
    assert "山脚街道 96 " in frozen


def test_the_list_as_csv_holds_every_case_that_the_page_counts(city: TestClient) -> None:
    answer = city.get("/cases.csv?status=with_unit&sort=opened")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    (found,) = re.findall(r"共 ([\d,]+) 件", words(city.get("/cases?status=with_unit")))
    assert len(rows) == int(found)
    assert rows[0]["unit_name"] == "山脚街道"


def test_every_number_of_the_overview_leads_to_as_many_cases(city: TestClient) -> None:
    page = city.get("/").text
    tiles = re.findall(r'class="tile[^"]*" href="(/cases[^"]*)"[^>]*><b>([\d,]+)</b>', page)
    lights = re.findall(r'<a class="\w+" href="(/cases[^"]*)"><b>([\d,]+)</b>', page)
    counted = [pair for pair in tiles + lights if "sort=reworks" not in pair[0]]
    assert len(counted) >= 8
    for href, number in counted:
        told = words(city.get(href.replace("&amp;", "&")))
        assert f"共 {number} 件" in told, href
    for href, number in re.findall(r'href="(/units\?colour=\w+)"><b>([\d,]+)</b>', page):
        assert f"共 {number} 个单位" in words(city.get(href))


def test_static_files_are_named_by_their_content_and_kept(city: TestClient) -> None:
    page = city.get("/").text
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(files) >= 5
    for address in files:
        answer = city.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_every_page_says_how_far_it_has_counted(city: TestClient, runtime: Runtime) -> None:
    position = f'data-position="{runtime.services.live.changed()}"'
    for path in ("/", "/cases", "/board"):
        assert position in city.get(path).text


def test_head_is_answered_like_get_without_the_page(city: TestClient) -> None:
    answer = city.head("/cases")
    assert answer.status_code == 200
    assert answer.content == b""
