"""The duty officer's weeks in a real browser: from an overdue case to a red slip, from a month's
ranking to money and the black list, each step by the hands that may take it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api.app import create_app
from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings
from tests.api.caller import Caller
from tests.api.conftest import UNITS
from tests.api.serving import served
from tests.support.browsing import watched
from tests.support.instruments import adopt

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
DUTY, CHIEF, READER = "王值班", "李主任", "钱复核"
RANKING = "default:2026-03:street"
MONEY = """\
id: default-money
version: 1
kind: money
city: 榕江市
timezone: Asia/Shanghai
title: {zh: 月度考核奖惩, en: Money of the month}
issued_by: 市创卫办
document: 榕创卫〔2026〕1号
source: a test
effective_from: 2000-01-01
board: default
period: month
peer_groups: [street]
currency: CNY
ties: heavier
ranked_at_least: 2
authority: 榕江市
rules:
  - id: last
    title: {zh: 末位扣款, en: Deduction of the last}
    from: last
    place: 1
    direction: deduction
    amount: 1000000
"""


@dataclass(frozen=True)
class City:
    """A small city behind a real server, whose clock the test moves."""

    address: str
    api: Caller
    runtime: Runtime
    clock: SimulatedClock
    shots: Path

    def at(self, local: str) -> None:
        """It becomes that time (of Shanghai), and what follows by rule has followed."""
        self.clock.move_to(datetime.fromisoformat(f"{local}+08:00").astimezone(UTC))
        self.follow()

    def follow(self) -> None:
        self.runtime.reactor.tick()
        self.api.catch_up(self.runtime.store.last_position())


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    clock = SimulatedClock(MONDAY)
    runtime = embedded(Settings(data_dir=tmp_path_factory.mktemp("city")), clock)
    with (
        closing(runtime),
        served(create_app(runtime.services)) as address,
        httpx2.Client(base_url=address, timeout=30) as client,
    ):
        api = Caller(client)
        adopt(api, "scoring", "supervision", "indicators", "listing", "accountability", "appeals")
        early = {"occurred_at": "2020-01-01T00:00:00Z"}
        api.done("/policies", {"body": MONEY, **early})
        for unit in UNITS:
            api.done("/units", {"code": unit["unit_id"], "peer_group": unit["kind"], **unit})
        yield City(address, api, runtime, clock, tmp_path_factory.mktemp("screens"))


@pytest.fixture
def person(browser: Browser, city: City) -> Iterator[Page]:
    context = browser.new_context(base_url=city.address, locale="zh-CN", viewport=DESKTOP)
    wrong = watched(context, city.address)
    yield context.new_page()
    context.close()
    assert not wrong


def acts(page: Page, name: str) -> None:
    page.locator("#who").fill(name)
    page.get_by_role("button", name="以此人办理").click()
    expect(page.locator("#who")).to_have_value(name)


def step(where: Page | Locator, action: str, **fields: str) -> None:
    """Unfolds the form of an action, fills it in and sends it."""
    details = where.locator("details.act", has=where.locator(f'form[action="{action}"]'))
    if details.count():
        if details.get_attribute("open") is None:
            details.locator("summary").click()
        for name, value in fields.items():
            field = details.locator(f'[name="{name}"]')
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
    where.locator(f'form[action="{action}"] button').click()


def look(page: Page, city: City, name: str) -> None:
    page.screenshot(path=city.shots / f"{name}.png", full_page=True)
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) == 0, name


def problem(city: City, case_id: str, unit: str, severity: str) -> None:
    report = {"source": "patrol", "category": "井盖", "text": "井盖缺失，有坠落危险"}
    city.api.done("/cases", {**report, "case_id": case_id, "severity": severity})
    city.api.done(f"/cases/{case_id}/file", {"standard": "有安全隐患"})
    limit = {"amount": 4, "clock": "urgent_hours"}
    city.api.done(f"/cases/{case_id}/dispatch", {"unit": unit, "limit": limit})


def test_an_overdue_case_leads_to_a_slip_and_a_failed_slip_to_a_red_one(
    city: City, person: Page
) -> None:
    problem(city, "S1", "hill", "major")
    problem(city, "S2", "lake", "minor")
    city.api.done("/cases/S2/rectify", {"note": "已补"}, actor="lake")
    city.at("2026-03-02T14:00")
    person.goto("/desk")
    expect(person.locator("#tile-overdue b")).to_have_text("1")
    expect(person.locator("#task-slip-S1\\.1")).to_contain_text("黄")
    acts(person, DUTY)
    look(person, city, "desk-zh")
    step(person, "/do/slips/S1.1/issue", demand="两日内办结并书面答复")
    expect(person.get_by_role("status").first).to_contain_text("已办理：签发")
    step(person, "/do/slips/S1.1/serve", receiver="山脚街道值班员")
    expect(person.get_by_role("status").first).to_contain_text("已办理：送达")
    person.goto("/units/hill")
    expect(person.locator(".notice.colour")).to_contain_text("黄")
    look(person, city, "unit-zh")
    city.at("2026-03-06T09:00")
    person.goto("/slips")
    expect(person.locator("#line-S1\\.1")).to_contain_text("逾期未办结")
    expect(person.locator("#line-S1\\.2")).to_contain_text("红")
    look(person, city, "slips-zh")
    person.goto("/slips/S1.2")
    expect(person.locator("#head")).to_contain_text("待签发")
    step(person, "/do/slips/S1.2/issue")
    expect(person.locator("#head")).to_contain_text("已签发待送达")
    look(person, city, "slip-zh")
    person.goto("/cases/S1?lang=en")
    expect(person.locator("#line-S1\\.2")).to_contain_text("Red")
    look(person, city, "case-en")


def test_a_ranking_is_composed_by_one_and_approved_and_published_by_another(
    city: City, person: Page
) -> None:
    city.at("2026-04-02T09:00")
    person.goto("/desk")
    person.locator("#task-compose-default-2026-03").get_by_role("link", name="编制").click()
    acts(person, DUTY)
    step(person, "/do/rankings")
    expect(person.locator("#actions")).to_contain_text("草稿待批准")
    expect(person.locator(".act.barred")).to_contain_text(f"{DUTY} 已经手（编制）")
    person.get_by_role("link", name="看草稿").click()
    expect(person.locator("#row-hill")).to_be_visible()
    look(person, city, "ranking-draft-zh")
    acts(person, CHIEF)
    step(person, f"/do/rankings/{RANKING.replace(':', '%3A')}/approve")
    expect(person.locator("#actions")).to_contain_text("已批准待发布")
    step(person, f"/do/rankings/{RANKING.replace(':', '%3A')}/publish")
    expect(person.locator("#actions")).to_contain_text("已发布")
    city.follow()
    person.goto(f"/rankings?ranking={RANKING}")
    expect(person.get_by_text("由本期排名提出").first).to_be_visible()
    look(person, city, "ranking-zh")
    person.goto(f"/rankings?ranking={RANKING}&lang=en")
    look(person, city, "ranking-en")


def proposed(city: City, path: str, key: str) -> str:
    (row,) = city.api.json(path, unit="hill", status="proposed")["items"]
    return str(row[key])


def test_whoever_reviewed_money_is_refused_to_approve_it(city: City, person: Page) -> None:
    money = proposed(city, "/money", "money_id")
    person.goto(f"/money/{money}")
    acts(person, READER)
    step(person, f"/do/money/{money}/review", note="分数核对无误")
    expect(person.locator("#head")).to_contain_text("已复核待批准")
    expect(person.locator(".act.barred")).to_contain_text(f"{READER} 已经手（复核）")
    look(person, city, "money-barred-zh")
    # Somebody else's page is open when the name is changed in another window.
    acts(person, CHIEF)
    details = person.locator("details.act", has=person.locator(f'form[action$="{money}/approve"]'))
    details.locator("summary").click()
    expect(details.locator('[name="authority"]')).to_have_value("榕江市")
    details.locator('[name="note"]').fill("同意，下月执行")
    other = person.context.new_page()
    other.goto(f"/money/{money}")
    acts(other, READER)
    other.close()
    details.locator("form button").click()
    expect(person.get_by_role("alert")).to_contain_text("提出或复核过这笔款项的人不能批准")
    expect(person.locator('[name="note"]').first).to_have_value("同意，下月执行")
    look(person, city, "money-refused-zh")
    acts(person, CHIEF)
    step(person, f"/do/money/{money}/approve", note="同意")
    expect(person.locator("#head")).to_contain_text("已批准待下达")
    step(person, f"/do/money/{money}/issue")
    expect(person.locator("#head")).to_contain_text("已下达")
    person.goto("/money")
    expect(person.locator("main")).to_contain_text("−1,000,000.00 CNY")
    look(person, city, "money-zh")


def test_a_black_list_entry_is_published_by_another_and_objected_to(
    city: City, person: Page
) -> None:
    (row,) = city.api.json("/listings", unit="hill", list="black")["items"]
    entry = row["listing_id"]
    person.goto(f"/lists/{entry}")
    acts(person, READER)
    text = "山脚街道三月考评末位"
    step(person, f"/do/listings/{entry}/review", personal_data="none", text=text)
    expect(person.locator(".act.barred")).to_contain_text("已经手（复核）")
    acts(person, CHIEF)
    step(person, f"/do/listings/{entry}/approve", authority="榕江市")
    step(person, f"/do/listings/{entry}/publish", channel="榕江日报")
    expect(person.locator("#head")).to_contain_text("已发布")
    assert [item["content_text"] for item in feed(city)] == [text]
    acts(person, "山脚街道")
    step(person, f"/do/listings/{entry}/object", grounds="三月七日的扣分有误")
    expect(person.locator("#head")).to_contain_text("异议处理中")
    assert feed(city) == []
    look(person, city, "list-entry-zh")
    person.goto("/lists?lang=en")
    expect(person.locator("main")).to_contain_text("Under objection")
    look(person, city, "lists-en")


def feed(city: City) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = city.api.json("/feeds/lists.json")["items"]
    return items


def test_the_desk_follows_by_itself_but_never_wipes_what_is_being_typed(
    city: City, person: Page
) -> None:
    person.goto("/desk")
    acts(person, DUTY)
    expect(person.locator(".link-state")).to_have_text("实时更新")
    before = int(person.locator("#tile-new b").inner_text())
    found = {"source": "hotline", "category": "噪声", "text": "夜间施工噪声"}
    city.api.done("/cases", {**found, "case_id": "N1"})
    expect(person.locator("#tile-new b")).to_have_text(str(before + 1))
    details = person.locator("details.act", has=person.locator('form[action="/do/cases/N1/file"]'))
    details.locator("summary").click()
    details.locator('[name="standard"]').fill("噪声扰民")
    city.api.done("/cases", {**found, "case_id": "N2"})
    person.wait_for_timeout(800)
    expect(details.locator('[name="standard"]')).to_have_value("噪声扰民")


PAGES = (
    "desk", "slips", "money", "lists", "accountability", "appeals", "indicators?period=2026-03",
    "indicators?period=2026-03&by=unit", "policies", "backtest", "cases/S1", "units/hill",
    "rankings?period=2026-03&board=default&group=street", "do/slips?slip_id=S2.1&unit=lake",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_fits_a_phone_and_works_without_scripts(
    browser: Browser, city: City, language: str
) -> None:
    context = browser.new_context(
        base_url=city.address, viewport=PHONE, java_script_enabled=False, locale="zh-CN"
    )
    context.add_cookies([{"name": "lang", "value": language, "url": city.address}])
    wrong = watched(context, city.address)
    page = context.new_page()
    for number, path in enumerate(PAGES):
        answer = page.goto(f"/{path}")
        assert answer is not None
        assert answer.status == 200, path
        page.screenshot(path=city.shots / f"phone-{language}-{number}.png", full_page=True)
        box = page.locator("body").bounding_box()
        assert box is not None
        assert box["width"] <= PHONE["width"], path
    page.goto("/cases/N1")
    page.locator("#who").fill(DUTY)
    page.locator(".who button").click()
    context.close()
    assert not wrong
