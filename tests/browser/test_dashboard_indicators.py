"""A leader works with the health dashboard: filters, clicks and rows behind a figure; everyone sees the open part of it and no more.

A hospital's editor delivers one day of two wards of one hospital, 60 beds each and 45 of them occupied: 45 / 60 = 75,0 %.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from datasets.model.calendar import ZONE
from datasets.model.reference import read_reference
from tests.browser.portal import log_in_to_superset, visit
from tests.running import Running
from tests.stack.bed_days import COMMUNE, FIRST_FACILITY, BedDays, no_delivery_left

pytestmark = [pytest.mark.stack, pytest.mark.browser]

HOLDER = ".dashboard-component-chart-holder"
COMMUNE_NAME = "SELECT name FROM ref.unit WHERE code = %s AND level = 'commune' AND valid_to IS NULL"
OTHER = "SELECT DISTINCT unit_name FROM health.bed_days WHERE unit_code <> %s AND beds_occupied > 0 AND day >= current_date - 7 LIMIT 1"
SECONDS = 60_000
LAPTOP = 1366
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
def leader_page(browser: Browser, instance: Running) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 2800}, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    log_in_to_superset(page, instance, instance.leader)
    yield page
    context.close()


@pytest.fixture
def health(leader_page: Page, instance: Running, delivered: BedDays, commune: str) -> Page:
    """The health dashboard, narrowed to the hospital's commune by the filter that a person uses."""
    open_dashboard(leader_page, instance, "health")
    choose(leader_page, "health", "unit", commune)
    return leader_page


def open_dashboard(page: Page, instance: Running, slug: str) -> None:
    visit(page, f"{instance.superset_url}/superset/dashboard/{slug}/")
    # What everyone sees may have no tile, and only lines of scores.
    expect(page.locator(f"{HOLDER} .ioc-figure, {HOLDER} .ioc-score-value").first).to_be_visible(timeout=SECONDS)


def choose(page: Page, slug: str, name: str, value: str) -> None:
    """Chooses a value in one of the dashboard's filters and applies it."""
    page.locator(f"#NATIVE_FILTER-{slug}-{name}").click()
    page.keyboard.type(value)
    page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter(has_text=value).first.click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Áp dụng").click()


def chart(page: Page, heading: str) -> Locator:
    """The chart of this heading."""
    return page.locator(HOLDER).filter(has=page.get_by_text(heading, exact=True))


def test_a_unit_in_the_filter_narrows_tiles_rankings_and_tables(health: Page, commune: str, delivered: BedDays) -> None:
    tile = chart(health, "Công suất giường bệnh")
    expect(tile.locator(".ioc-figure")).to_have_text("75,0\u00a0%", timeout=SECONDS)
    expect(tile).to_contain_text(f"{delivered.day:%d/%m/%Y}")
    bars = chart(health, "Công suất giường bệnh: xếp hạng theo cơ sở").locator(".ioc-bar")
    expect(bars).to_have_count(1)
    expect(bars.first).to_contain_text("75,0")
    rows = chart(health, "Giường bệnh: 500 dòng mới nhất").locator("tbody tr")
    expect(rows.first).to_contain_text(commune)
    assert all(commune in row for row in rows.all_inner_texts())


def test_a_click_on_a_bar_filters_the_charts_that_know_it_and_no_others(health: Page) -> None:
    ranking = chart(health, "Công suất giường bệnh: xếp hạng theo cơ sở")
    cases = chart(health, "Ca COVID-19/100.000 dân").locator(".ioc-figure")
    expect(chart(health, "Công suất giường bệnh").locator(".ioc-figure")).to_have_text("75,0\u00a0%", timeout=SECONDS)
    before = cases.inner_text()
    ranking.locator(".ioc-bar").first.click()
    expect(health.locator("[data-test='filter-bar']")).to_contain_text(str(FIRST_FACILITY))
    rows = chart(health, "Giường bệnh: 500 dòng mới nhất").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(chart(health, "Công suất giường bệnh").locator(".ioc-figure")).to_have_text("75,0\u00a0%")
    assert cases.inner_text() == before, "cases are not counted by facility"
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
    expect(bar).to_contain_text("75,0", timeout=SECONDS)
    drill(health, bar, str(FIRST_FACILITY))
    rows = health.get_by_role("dialog")
    expect(rows).to_contain_text("2 dòng", timeout=SECONDS)  # beds and occupied beds, a cell each
    expect(rows).to_contain_text(commune)
    health.keyboard.press("Escape")


def test_a_click_on_the_map_filters_by_the_unit(leader_page: Page, instance: Running, delivered: BedDays, commune: str) -> None:
    open_dashboard(leader_page, instance, "health")
    unit = leader_page.locator(f".ioc-choropleth path[aria-label^='{commune}']")
    unit.click()
    expect(chart(leader_page, "Công suất giường bệnh").locator(".ioc-figure")).to_have_text("75,0\u00a0%", timeout=SECONDS)


def test_nothing_moves_inside_a_chart(leader_page: Page, instance: Running) -> None:
    slugs = [name.replace("_", "-") for name, declared in read_reference().subsystems.items() if declared.order]
    for slug in [*slugs, "health-open", "public-services-open"]:
        open_dashboard(leader_page, instance, slug)
        for width, height in ((LAPTOP, 4200), (1920, 4200)):
            leader_page.set_viewport_size({"width": width, "height": height})
            leader_page.wait_for_load_state("networkidle")
            leader_page.wait_for_timeout(3000)
            moving = leader_page.locator(HOLDER).evaluate_all(MOVES)
            assert [one for one in moving if width > LAPTOP or not SCROLLS_ON_A_LAPTOP.search(one)] == [], (slug, width)
    leader_page.set_viewport_size({"width": 1366, "height": 2800})


MOVES = """(holders) => holders.flatMap((holder) => [...holder.querySelectorAll("*")].filter((element) => {
    const style = getComputedStyle(element);
    const moves = (overflow, inside, frame) => /auto|scroll/.test(overflow) && inside > frame + 1;
    const cut = style.textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth + 1 && element.innerText.trim();
    return cut || moves(style.overflowY, element.scrollHeight, element.clientHeight)
        || moves(style.overflowX, element.scrollWidth, element.clientWidth);
}).map((element) => `${holder.innerText.slice(0, 40)}: ${element.className} ${element.innerText.slice(0, 40)}`))"""


def test_everyone_sees_the_open_dashboard_and_not_the_internal_one(browser: Browser, instance: Running) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 2800}, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    refused: list[int] = []
    page.on("response", lambda answer: refused.append(answer.status) if "/api/v1/chart/data" in answer.url and not answer.ok else None)
    open_dashboard(page, instance, "health-open")
    expect(page.get_by_text("Y tế · công khai")).to_be_visible()
    expect(chart(page, "Năng lực và phòng, chống dịch")).to_contain_text("Trẻ tiêm chủng đầy đủ", timeout=SECONDS)
    expect(page.get_by_text("Công suất giường bệnh")).to_have_count(0)
    assert refused == []
    internal = context.new_page()
    visit(internal, f"{instance.superset_url}/superset/dashboard/health/")
    expect(internal).to_have_url(re.compile("/login/"))
    expect(internal.locator(HOLDER)).to_have_count(0)
    context.close()
