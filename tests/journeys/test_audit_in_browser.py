"""The auditor's day in a real browser: search, the time machine, two moments side by side, proof,
and a package that verifies on another computer; with the keyboard, on paper, and in English."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from api.app import create_app
from infra.bundled import preset
from infra.clocks import SimulatedClock
from infra.commands.keys import _make as make_log_key
from infra.embedded import embedded
from infra.runtime import Runtime
from infra.settings import Settings
from tests.api.caller import Caller
from tests.api.conftest import UNITS
from tests.api.serving import served
from tests.support.browsing import watched
from tests.support.program import duban

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass(frozen=True)
class City:
    address: str
    runtime: Runtime


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    clock = SimulatedClock(MONDAY)
    runtime = embedded(Settings(data_dir=tmp_path_factory.mktemp("city")), clock)
    make_log_key(runtime.settings, runtime.kept.ledger)
    with (
        closing(runtime),
        served(create_app(runtime.services)) as address,
        httpx2.Client(base_url=address, timeout=30) as client,
    ):
        api = Caller(client)
        api.done("/policies", {"body": preset("default"), "occurred_at": "2020-01-01T00:00:00Z"})
        for unit in UNITS:
            api.done("/units", {"code": unit["unit_id"], "peer_group": unit["kind"], **unit})
        _live(api, clock)
        runtime.kept.notary.issue()
        yield City(address, runtime)


def _live(api: Caller, clock: SimulatedClock) -> None:
    """A case whose dispatch is recorded two days late."""
    case = {
        "case_id": "A1", "case_no": "督2026-0007", "source": "patrol", "category": "井盖",
        "text": "人民路口井盖缺失有坠落危险", "about": "lake",
    }  # fmt: skip
    for path, body in (
        ("/cases", case),
        ("/cases/A1/file", {"standard": "市容-3"}),
        ("/cases/A1/dispatch", {"unit": "lake"}),
        ("/cases/A1/claim", {}),
        ("/cases/A1/rectify", {"note": "已补盖"}),
    ):
        happened = clock.now().isoformat()
        clock.move_to(clock.now() + (48 * HOUR if path.endswith("dispatch") else HOUR))
        api.done(path, {**body, "occurred_at": happened})


@pytest.fixture
def page(browser: Browser, city: City) -> Iterator[Page]:
    context = browser.new_context(base_url=city.address, locale="zh-CN", viewport=DESKTOP)
    wrong = watched(context, city.address)
    yield context.new_page()
    context.close()
    assert not wrong


def test_from_a_search_to_a_package_that_verifies_elsewhere(
    page: Page, city: City, tmp_path: Path
) -> None:
    page.goto("/")
    page.get_by_role("link", name="审计室").click()
    page.locator("#q").fill("缺失井盖")
    page.locator("#q").press("Enter")
    hit = page.locator(".hits li").first
    expect(hit).to_contain_text("督2026-0007")
    expect(hit.locator("mark").first).to_have_text("井盖")
    hit.get_by_role("link", name="督2026-0007").click()

    slider = page.locator("#seen")
    expect(slider).to_have_value("5")
    expect(page.locator(".track")).to_have_count(5)
    expect(page.locator(".track.late")).to_have_count(1)
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    expect(page.locator("#known")).to_contain_text("已立案")
    expect(page.locator("#known")).to_contain_text("之后还有 3 步")
    expect(page.locator("output[for=seen]")).to_contain_text("第 2 步")
    page.locator(".steps-nav a[rel=prev]").click()
    expect(page.locator("#seen")).to_have_value("1")
    expect(page.locator("#known")).to_contain_text("已上报")

    page.get_by_role("link", name="并排比较").click()
    first = city.runtime.store.load("case-A1")[0].recorded_at
    page.locator("[name=from]").fill(first.isoformat())
    page.get_by_role("button", name="比较").click()
    differs = page.locator("tr.differs", has_text="状态")
    expect(differs.locator("del")).to_have_text("已上报")
    expect(differs.locator("ins")).to_have_text("已整改待核查")

    page.get_by_role("link", name="证明", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("未被改动")
    expect(page.locator(".proven-not")).to_contain_text("不证明存入时是真的")

    page.locator(".ways").get_by_role("link", name="导出档案").click()
    page.locator("[name=purpose]").fill("年度审计")
    page.get_by_role("button", name="开始制作").click()
    download = page.locator("#download")
    expect(download).to_be_visible(timeout=60_000)
    with page.expect_download() as taken:
        download.click()
    file = tmp_path / "case.zip"
    taken.value.save_as(file)
    key = city.runtime.services.transparency.keys()[0]
    done = duban("verify", str(file), "--key", key)
    assert done.returncode == 0, done.stderr


def test_the_keyboard_is_enough(page: Page) -> None:
    page.goto("/audit")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("督2026-0007")
    page.keyboard.press("Enter")
    page.wait_for_url("**/audit/search**")
    page.locator(".hits a[data-main]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/past")
    page.locator("main").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**seen=4**")
    expect(page.locator("#known")).to_contain_text("已认领")
    page.locator("#seen").focus()
    outline = page.locator("#seen").evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline != "none"


def test_all_of_it_works_without_javascript(browser: Browser, city: City) -> None:
    context = browser.new_context(base_url=city.address, java_script_enabled=False, locale="zh-CN")
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto("/audit")
    page.locator("#q").fill("井盖")
    page.get_by_role("button", name="检索").first.click()
    page.locator(".hits a[data-main]").first.click()
    page.locator(".steps-nav a[rel=prev]").click()
    expect(page.locator("#known")).to_contain_text("已认领")
    page.locator("[name=as_of]").fill("2026-03-02 10:30")
    page.locator(".two-times button").click()
    expect(page.locator("#known")).to_contain_text("已上报")
    page.locator(".ways").get_by_role("link", name="导出档案").click()
    page.get_by_role("button", name="开始制作").click()
    expect(page.locator("#download")).to_be_visible(timeout=60_000)
    context.close()


def test_paper_shows_the_matter_and_not_the_controls(page: Page) -> None:
    page.goto("/audit/cases/A1/proof")
    page.emulate_media(media="print")
    expect(page.locator(".print-head")).to_be_visible()
    expect(page.locator(".verdict")).to_be_visible()
    for hidden in (".top", ".ways", ".actions"):
        expect(page.locator(hidden).first).to_be_hidden()
    page.goto("/audit/cases/A1/past")
    expect(page.locator("#known")).to_be_visible()
    expect(page.locator("#seen")).to_be_hidden()


def test_english_by_the_switch(page: Page) -> None:
    page.goto("/audit/cases/A1/past?seen=2")
    page.get_by_role("link", name="English").click()
    expect(page.locator(".ways")).to_contain_text("Time machine")
    expect(page.locator("#known")).to_contain_text("As it stood")
    expect(page.locator("#seen")).to_have_value("2")
    page.goto("/audit/units/lake/dossier")
    expect(page.locator(".life").first).to_contain_text("Dispatched")


def test_a_phone_shows_it_without_scrolling_sideways(browser: Browser, city: City) -> None:
    context = browser.new_context(base_url=city.address, viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    for path in (
        "/audit", "/audit/search?q=井盖", "/audit/cases/A1/past", "/audit/cases/A1/difference",
        "/audit/cases/A1/proof", "/audit/units/lake/dossier", "/audit/cases/A1/pack",
        "/audit/cases", "/audit/standings", "/audit/indicators", "/reads",
    ):  # fmt: skip
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], (path, width)
    context.close()


def test_ordinary_pages_lead_into_the_room(page: Page) -> None:
    for path, there in (
        ("/cases/A1", "/audit/cases/A1/past"),
        ("/units/lake", "/audit/units/lake/dossier"),
        ("/rankings", "/audit/standings"),
    ):
        page.goto(path)
        page.locator(".actions").get_by_role("link", name="审计室").click()
        page.wait_for_url(f"**{there}**")
