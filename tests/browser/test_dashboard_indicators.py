"""A leader works with the health dashboard: filters, clicks and rows behind a figure; everyone sees the open part of it and no more.

A hospital's editor delivers one day of two wards of one hospital, 60 beds each and 45 of them occupied: 45 / 60 = 75,0 %.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, TimeoutError, expect

from datasets.model.calendar import ZONE
from datasets.model.reference import read_reference
from tests.browser.portal import becomes, choose_in_filter, leader_context_of, new_page, visit
from tests.running import Running
from tests.stack.bed_days import COMMUNE, FIRST_FACILITY, BedDays, no_delivery_left

pytestmark = [pytest.mark.stack, pytest.mark.browser]

HOLDER = ".dashboard-component-chart-holder"
LOADING = f"{HOLDER} .loading"
COMMUNE_NAME = "SELECT name FROM ref.unit WHERE code = %s AND level = 'commune' AND valid_to IS NULL"
OTHER = "SELECT DISTINCT unit_name FROM health.bed_days WHERE unit_code <> %s AND beds_occupied > 0 AND day >= current_date - 7 LIMIT 1"
LAPTOP = 1366
NOTHING: list[str] = []
SUBSYSTEMS = [name.replace("_", "-") for name, declared in read_reference().subsystems.items() if declared.order]
SCROLLS_ON_A_LAPTOP = re.compile(r": (superset-|ioc-scores)")
"""Tables with many columns, and scores of many lines: on a laptop's width they scroll inside their frame."""


@pytest.fixture(scope="module")
def delivered(instance: Running) -> Iterator[BedDays]:
    """Today's beds of one hospital, loaded."""
    file = BedDays(datetime.now(ZONE).date(), facilities=1, occupied=45)
    with no_delivery_left(instance, file):
        receipt = instance.receipt(file.deliver(instance))
        assert receipt["state"] == "done", receipt
        yield file


@pytest.fixture(scope="module")
def commune(instance: Running) -> str:
    """Name of the commune that the hospital is in."""
    with instance.store() as store:
        row = store.execute(COMMUNE_NAME, (COMMUNE,)).fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture(scope="module")
def tall_context(browser: Browser, instance: Running) -> Iterator[BrowserContext]:
    """The leader is logged in on a screen so tall that every chart is drawn without scrolling."""
    context = leader_context_of(browser, instance, 1366, 2800)
    yield context
    context.close()


@pytest.fixture
def leader_page(tall_context: BrowserContext) -> Iterator[Page]:
    page = tall_context.new_page()
    yield page
    page.close()


@pytest.fixture
def health(leader_page: Page, instance: Running, delivered: BedDays, commune: str) -> Page:
    """The health dashboard, narrowed to the hospital's commune by the filter that a person uses."""
    open_dashboard(leader_page, instance, "health")
    choose_in_filter(leader_page, "health", "unit", commune)
    return leader_page


def open_dashboard(page: Page, instance: Running, slug: str) -> None:
    visit(page, f"{instance.superset_url}/superset/dashboard/{slug}/")
    # What everyone sees may have no tile, and only lines of scores.
    expect(page.locator(f"{HOLDER} .ioc-figure, {HOLDER} .ioc-score-value").first).to_be_visible()


def chart(page: Page, heading: str) -> Locator:
    """The chart of this heading."""
    return page.locator(HOLDER).filter(has=page.get_by_text(heading, exact=True))


def test_a_unit_in_the_filter_narrows_tiles_rankings_and_tables(health: Page, commune: str, delivered: BedDays) -> None:
    tile = chart(health, "Công suất giường bệnh")
    expect(tile.locator(".ioc-figure")).to_have_text("75,0\u00a0%")
    expect(tile).to_contain_text(f"{delivered.day:%d/%m/%Y}")
    bars = chart(health, "Công suất giường bệnh: xếp hạng theo cơ sở").locator(".ioc-bar")
    expect(bars).to_have_count(1)
    expect(bars.first).to_contain_text("75,0")
    rows = chart(health, "Giường bệnh: 500 dòng mới nhất").locator("tbody tr")
    expect(rows.first).to_contain_text(commune)
    expect(rows.filter(has_not_text=commune)).to_have_count(0)


def test_a_click_on_a_bar_filters_the_charts_that_know_it_and_no_others(health: Page) -> None:
    ranking = chart(health, "Công suất giường bệnh: xếp hạng theo cơ sở")
    cases = chart(health, "Ca COVID-19/100.000 dân").locator(".ioc-figure")
    expect(chart(health, "Công suất giường bệnh").locator(".ioc-figure")).to_have_text("75,0\u00a0%")
    expect(health.locator(LOADING)).to_have_count(0)
    before = cases.inner_text()
    ranking.locator(".ioc-bar").first.click()
    expect(health.locator("[data-test='filter-bar']")).to_contain_text(str(FIRST_FACILITY))
    rows = chart(health, "Giường bệnh: 500 dòng mới nhất").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(chart(health, "Công suất giường bệnh").locator(".ioc-figure")).to_have_text("75,0\u00a0%")
    expect(health.locator(LOADING)).to_have_count(0)
    expect(cases, "cases are not counted by facility").to_have_text(before)
    expect(ranking.locator(".ioc-bar")).to_have_attribute("aria-pressed", "true")


def drill(page: Page, bar: Locator, value: str) -> None:
    """Asks for the rows of a bar as people do; the menu goes when the dashboard refreshes itself, and people ask again."""
    choice = page.locator(".ant-dropdown-menu-submenu:visible, .ant-menu-submenu:visible").get_by_text(value).last
    for last_try in (False, False, False, True):
        bar.click(button="right")
        try:
            page.get_by_text("Xem chi tiết theo").locator("visible=true").last.hover(timeout=8_000)
            choice.click(timeout=8_000)
        except TimeoutError:
            if last_try:
                raise
            page.keyboard.press("Escape")
        else:
            return


def test_a_bar_leads_to_the_rows_behind_it(health: Page, commune: str) -> None:
    bar = chart(health, "Công suất giường bệnh: xếp hạng theo cơ sở").locator(".ioc-bar").first
    expect(bar).to_contain_text("75,0")
    drill(health, bar, str(FIRST_FACILITY))
    rows = health.get_by_role("dialog")
    expect(rows).to_contain_text("2 dòng")  # beds and occupied beds, a cell each
    expect(rows).to_contain_text(commune)
    health.keyboard.press("Escape")


def test_a_click_on_the_map_filters_by_the_unit(leader_page: Page, instance: Running, delivered: BedDays, commune: str) -> None:
    open_dashboard(leader_page, instance, "health")
    unit = leader_page.locator(f".ioc-choropleth path[aria-label^='{commune}']")
    unit.click()
    expect(chart(leader_page, "Công suất giường bệnh").locator(".ioc-figure")).to_have_text("75,0\u00a0%")


@pytest.mark.parametrize("slug", [*SUBSYSTEMS, "health-open", "public-services-open"])
def test_nothing_moves_inside_a_chart(leader_page: Page, instance: Running, slug: str) -> None:
    open_dashboard(leader_page, instance, slug)
    for width, height in ((LAPTOP, 4200), (1920, 4200)):
        leader_page.set_viewport_size({"width": width, "height": height})
        expect(leader_page.locator(HOLDER).first).to_be_visible()
        expect(leader_page.locator(LOADING)).to_have_count(0)
        leader_page.wait_for_timeout(3000)  # what moves for a moment only is none; what moves later is seen by no test
        becomes(leader_page, partial(_moving, leader_page, width), NOTHING, (slug, width))


def _moving(page: Page, width: int) -> list[str]:
    """What could be moved inside a chart's frame or is cut, but for what may scroll on a laptop."""
    found = page.locator(HOLDER).evaluate_all(MOVES)
    return [one for one in found if width > LAPTOP or not SCROLLS_ON_A_LAPTOP.search(one)]


MOVES = """(holders) => holders.flatMap((holder) => [...holder.querySelectorAll("*")].filter((element) => {
    const style = getComputedStyle(element);
    const moves = (overflow, inside, frame) => /auto|scroll/.test(overflow) && inside > frame + 1;
    const cut = style.textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth + 1 && element.innerText.trim();
    return cut || moves(style.overflowY, element.scrollHeight, element.clientHeight)
        || moves(style.overflowX, element.scrollWidth, element.clientWidth);
}).map((element) => `${holder.innerText.slice(0, 40)}: ${element.className} ${element.innerText.slice(0, 40)}`))"""


def test_everyone_sees_the_open_dashboard_and_not_the_internal_one(browser: Browser, instance: Running) -> None:
    page = new_page(browser, 1366, 2800)
    refused: list[int] = []
    page.on("response", lambda answer: refused.append(answer.status) if "/api/v1/chart/data" in answer.url and not answer.ok else None)
    open_dashboard(page, instance, "health-open")
    expect(page.get_by_text("Y tế · công khai")).to_be_visible()
    expect(chart(page, "Năng lực và phòng, chống dịch")).to_contain_text("Trẻ tiêm chủng đầy đủ")
    expect(page.get_by_text("Công suất giường bệnh")).to_have_count(0)
    assert refused == []
    internal = page.context.new_page()
    visit(internal, f"{instance.superset_url}/superset/dashboard/health/")
    expect(internal).to_have_url(re.compile("/login/"))
    expect(internal.locator(HOLDER)).to_have_count(0)
    page.context.close()
