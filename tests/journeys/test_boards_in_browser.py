"""A real browser walks the boards of a living city, and sees the big screen move."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Route, expect

from api.app import create_app
from infra.clocks import SimulatedClock
from infra.embedded import embedded
from infra.settings import Settings
from infra.simulating.running import simulate
from tests.api.caller import Caller

# A Thursday morning: the week has scores and visits to show whenever the tests run.
NOW = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
_keys = count(1)


@dataclass(frozen=True)
class City:
    """A synthetic city behind a real server."""

    address: str
    api: Caller

    def problem(self, unit: str, severity: str = "major") -> str:
        """A problem is found and sent to a unit, which loses points for it."""
        case_id = f"live-{next(_keys)}"
        found = {"case_id": case_id, "source": "patrol", "category": "井盖", "text": "井盖缺失"}
        self.api.done("/cases", {**found, "severity": severity})
        self.api.done(f"/cases/{case_id}/file", {"standard": "立案标准"})
        self.api.done(f"/cases/{case_id}/dispatch", {"unit": unit})
        return case_id


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    clock = SimulatedClock(NOW)
    runtime = embedded(Settings(data_dir=tmp_path_factory.mktemp("city")), clock)
    simulate(runtime.services, runtime.react, clock, "示例市", 4, 7, NOW, lambda done, days: None)
    runtime.catch_up()
    with (
        served(create_app(runtime.services)) as address,
        httpx2.Client(base_url=address, timeout=30) as client,
    ):
        yield City(address, Caller(client, "duty-officer"))
    runtime.close()


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The application on a free port, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def reading(browser: Browser, city: City, **how: Any) -> Iterator[Page]:
    """A reader's page. Whatever the page complains about, or asks of others, fails the test."""
    wrong: list[str] = []
    context = browser.new_context(base_url=city.address, locale="zh-CN", **how)
    context.set_default_timeout(10_000)

    def only_from_here(route: Route) -> None:
        if urlsplit(route.request.url).netloc != urlsplit(city.address).netloc:
            wrong.append(f"asks elsewhere: {route.request.url}")
        route.continue_()

    context.route("**/*", only_from_here)
    context.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert not wrong


@pytest.fixture
def page(browser: Browser, city: City) -> Iterator[Page]:
    with reading(browser, city, viewport=DESKTOP) as page:
        yield page


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(wider))


def test_an_auditor_walks_from_the_overview_down_to_the_event_and_back_in_time(page: Page) -> None:
    page.goto("/")
    expect(page.locator("h1")).to_have_text("今日总览")
    expect(page.locator(".band")).to_contain_text("合成数据")
    expect(page.locator("figure[data-chart] svg").first).to_be_visible()

    page.locator("nav.nav").get_by_text("排名").click()
    row = page.locator("#ranking tbody tr[data-row]").last
    unit = row.locator("a[data-main]").inner_text()
    row.locator("td.num").first.click()
    drill = page.locator("#drill")
    expect(drill.locator("h2")).to_have_text(unit)
    assert "unit=" in page.url
    expect(drill.locator("code").first).to_be_visible()

    drill.locator("a[href^='/cases/']").first.click()
    expect(page.locator("h1")).to_contain_text("案卷")
    steps = page.locator(".timeline > li")
    known = steps.count()
    assert known >= 3
    slider = page.locator("#seen")
    slider.focus()
    page.keyboard.press("Home")
    expect(steps).to_have_count(1)
    expect(page.locator("#known .notice")).to_contain_text("当时所知的案卷")
    expect(page.locator("h1 + p.lede")).to_contain_text("已上报")
    page.keyboard.press("ArrowRight")
    expect(steps).to_have_count(2)
    assert page.url.endswith("?seen=2")
    expect(slider).to_be_focused()
    page.reload()
    expect(steps).to_have_count(2)
    page.locator("#known").get_by_text("回到现在").click()
    expect(steps).to_have_count(known)

    page.locator(".facts").get_by_role("link").first.click()
    expect(page.locator("ol.crumbs").first).to_contain_text("示例市")
    page.goto("/units/s01")
    page.locator("a[href^='/inspections/']").first.click()
    expect(page.locator("h1")).to_contain_text("检查")
    expect(page.get_by_text("评分表")).to_be_visible()
    page.locator("nav.nav").get_by_text("大屏").click()
    expect(page.locator("h1")).to_contain_text("城市督办排名")


# Marks the body once a row has set out for its new place.
WATCH = """document.addEventListener("transitionrun", ({ target, propertyName }) => {
  if (propertyName === "transform") document.body.dataset.glided = target.id;
})"""


def test_the_big_screen_moves_within_a_second_of_an_event(page: Page, city: City) -> None:
    page.goto("/board")
    expect(page.locator("[data-link-state]")).to_have_text("实时更新")
    page.evaluate(WATCH)
    first = page.locator("tr[data-row]").first
    unit = str(first.get_attribute("id")).removeprefix("row-")
    for _ in range(3):
        city.problem(unit)
    expect(page.locator("tr[data-row]").first).not_to_have_id(f"row-{unit}", timeout=1000)
    expect(page.locator(".ticker li").first).to_contain_text("派遣", timeout=1000)
    expect(page.locator("body[data-glided]")).to_have_count(1)


def test_only_the_row_that_changed_flashes(page: Page, city: City) -> None:
    page.goto("/board")
    expect(page.locator("[data-link-state]")).to_have_text("实时更新")
    unit = str(page.locator("tr[data-row]").last.get_attribute("id")).removeprefix("row-")
    city.problem(unit, "minor")
    expect(page.locator(f"#row-{unit}.changed")).to_have_count(1, timeout=1000)
    expect(page.locator("table tr.changed")).to_have_count(1)


def test_nothing_glides_for_a_reader_who_asked_for_less_motion(
    browser: Browser, city: City
) -> None:
    with reading(browser, city, viewport=DESKTOP, reduced_motion="reduce") as page:
        page.goto("/board")
        expect(page.locator("[data-link-state]")).to_have_text("实时更新")
        page.evaluate(WATCH)
        first = page.locator("tr[data-row]").first
        unit = str(first.get_attribute("id")).removeprefix("row-")
        for _ in range(3):
            city.problem(unit)
        expect(page.locator("tr[data-row]").first).not_to_have_id(f"row-{unit}", timeout=1000)
        expect(page.locator("body[data-glided]")).to_have_count(0)


def test_a_page_in_front_follows_what_happens(page: Page, city: City) -> None:
    case_id = city.problem("s01")
    page.goto(f"/cases/{case_id}")
    expect(page.locator(".timeline > li")).to_have_count(3)
    city.api.done(f"/cases/{case_id}/claim", actor="unit:s01")
    expect(page.locator(".timeline > li")).to_have_count(4, timeout=2000)
    expect(page.locator("#seen")).to_have_attribute("max", "4")


HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_page_that_comes_back_to_the_front_catches_up(page: Page, city: City) -> None:
    case_id = city.problem("s05")
    page.goto(f"/cases/{case_id}")
    expect(page.locator("[data-link-state]")).to_have_text("实时更新")
    page.evaluate(HIDE, True)
    city.api.done(f"/cases/{case_id}/claim", actor="unit:s05")
    page.evaluate(HIDE, False)
    expect(page.locator(".timeline > li")).to_have_count(4, timeout=2000)


def test_whoever_looks_back_is_not_pulled_into_the_present(page: Page, city: City) -> None:
    case_id = city.problem("s02")
    page.goto(f"/cases/{case_id}")
    page.locator("#seen").focus()
    page.keyboard.press("Home")
    expect(page.locator(".timeline > li")).to_have_count(1)
    city.api.done(f"/cases/{case_id}/claim", actor="unit:s02")
    expect(page.locator("#seen")).to_have_attribute("max", "4", timeout=2000)
    expect(page.locator(".timeline > li")).to_have_count(1)


def test_a_refresh_keeps_what_the_reader_opened_and_where_they_are(page: Page, city: City) -> None:
    page.goto("/")
    page.get_by_text("数据表").click()
    link = page.locator("tr[data-row] a[data-main]").first
    link.focus()
    before = page.locator("#position").inner_text()
    city.problem("s04")
    expect(page.locator("#position")).not_to_have_text(before, timeout=2000)
    expect(page.locator("#figures td").first).to_be_visible()
    expect(page.locator("tr[data-row] a[data-main]:focus")).to_have_count(1)
    expect(page.locator("#plane svg")).to_be_visible()

    page.goto("/rankings")
    page.locator("#ranking tbody tr[data-row]").nth(1).click()
    expect(page.locator("#drill")).to_be_focused()
    chosen = page.locator("#ranking tr.chosen a[data-main]").inner_text()
    before = page.locator("#position").inner_text()
    city.problem("s04")
    expect(page.locator("#position")).not_to_have_text(before, timeout=2000)
    expect(page.locator("#ranking tr.chosen a[data-main]")).to_have_text(chosen)
    expect(page.locator("#drill h2")).to_have_text(chosen)


def test_many_open_tabs_share_one_stream_and_none_freezes(browser: Browser, city: City) -> None:
    with reading(browser, city, viewport=DESKTOP) as first:
        tabs = [first, *(first.context.new_page() for _ in range(7))]
        for tab in tabs:
            tab.goto("/board")
            expect(tab.locator("[data-link-state]")).to_have_text("实时更新")


PATHS = (
    "/", "/?by=month", "/rankings?unit=s01", "/rankings?period=2026", "/cases", "/units",
    "/units/s01", "/inspections", "/board",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_scrolls_sideways_on_a_phone(browser: Browser, city: City, language: str) -> None:
    case_id = city.problem("s03")
    with reading(browser, city, viewport=PHONE, is_mobile=True) as page:
        page.goto(f"/?lang={language}")
        for path in (*PATHS, f"/cases/{case_id}"):
            page.goto(path)
            assert (path, sideways(page)) == (path, 0)


def test_the_language_stays_as_chosen(page: Page) -> None:
    page.goto("/cases")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("Cases")
    page.locator("nav.nav").get_by_text("Rankings").click()
    expect(page.locator("h1")).to_contain_text("Week 47 of 2026")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("h1")).to_contain_text("2026年第47周")


def test_the_keyboard_alone_reaches_everything(page: Page) -> None:
    page.goto("/rankings")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h1")).to_contain_text("2026年第46周")
    page.wait_for_load_state()  # keys are heard once the script has come
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_contain_text("2026年第47周")
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("井盖")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("案卷")
    expect(page.locator("tbody tr[data-row]").first).to_contain_text("井盖")


def test_a_long_list_goes_on_where_it_ended(page: Page) -> None:
    page.goto("/cases")
    rows = page.locator("tbody tr[data-row]")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="再显示一些").click()
    expect(rows).to_have_count(100)
    ids = rows.evaluate_all("rows => rows.map(row => row.id)")
    assert len(set(ids)) == 100


def test_paper_has_the_head_of_the_city_and_no_navigation(page: Page) -> None:
    page.goto("/rankings")
    page.emulate_media(media="print")
    expect(page.locator(".print-head")).to_contain_text("示例市")
    expect(page.locator("nav.nav")).to_be_hidden()


def test_pages_work_without_a_script(browser: Browser, city: City) -> None:
    with reading(browser, city, viewport=DESKTOP, java_script_enabled=False) as page:
        page.goto("/rankings")
        page.locator("#ranking a[data-main]").first.click()
        expect(page.locator("#drill h2")).to_be_visible()
        page.locator("#drill a[href^='/cases/']").first.click()
        expect(page.locator(".timeline > li").first).to_be_visible()
