"""The home page in a real browser: inside Superset's navigation, by mouse and keyboard, on a phone, for officials and for everyone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.portal import becomes, new_page, visit
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PAGE_WIDTH = "() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
FIGURE = """(figures) => figures.map((figure) => [figure.querySelector("dt").textContent, figure.querySelector("strong").textContent,
    figure.dataset.state, (figure.querySelector(".ioc-verdict")?.lastChild.textContent || "").trim()])"""
CUT = "(cards) => cards.filter((card) => card.scrollWidth > card.clientWidth + 1 || card.scrollHeight > card.clientHeight + 1).length"


def go_home(page: Page, instance: Running) -> None:
    visit(page, f"{instance.superset_url}/")
    expect(page.locator(".ioc-card").first).to_be_visible()
    expect(page.locator("header.top .main-nav")).to_be_attached()


def test_a_card_leads_to_its_dashboard_and_the_mark_leads_back(leader: Page, instance: Running) -> None:
    go_home(leader, instance)
    card = leader.locator("[data-subsystem=health]")
    expect(card).to_have_attribute("data-state", "live")
    card.click(position={"x": 150, "y": 120})
    expect(leader).to_have_url(f"{instance.superset_url}/superset/dashboard/health/")
    leader.locator("header.top .navbar-brand, header.top a:has(img)").first.click()
    expect(leader).to_have_url(f"{instance.superset_url}/ioc/home/")
    expect(leader.locator(".ioc-card").first).to_be_visible()


@pytest.mark.parametrize("subsystem", ["health", "public_safety"])
def test_figures_on_the_card_say_what_the_dashboards_tiles_say(leader: Page, instance: Running, subsystem: str) -> None:
    go_home(leader, instance)
    card = leader.locator(f"[data-subsystem={subsystem}]")
    figures = card.locator(".ioc-figures > div")
    expect(figures).to_have_count(2)
    told = figures.evaluate_all(FIGURE)
    card.locator("h2 a").click()
    for title, value, state, verdict in told:
        tile = leader.locator(".dashboard-component-chart-holder").filter(has_text=title).locator(".ioc-tile").first
        expect(tile.locator(".ioc-figure")).to_contain_text(value)
        expect(tile).to_have_attribute("data-state", state)
        expect(tile).to_contain_text(verdict)


def test_the_state_of_a_figure_is_told_by_words_too(leader: Page, instance: Running) -> None:
    go_home(leader, instance)
    judged = leader.locator(".ioc-of-good, .ioc-of-watch, .ioc-of-bad, .ioc-of-grey")
    expect(judged.first).to_be_visible()
    without = judged.filter(has_not=leader.locator(".ioc-verdict, .ioc-missing"))
    expect(without).to_have_count(0)


def test_the_keyboard_reaches_every_card_that_leads_somewhere(leader: Page, instance: Running) -> None:
    go_home(leader, instance)
    links = leader.locator(".ioc-card h2 a")
    links.first.focus()
    for number in range(links.count()):
        expect(links.nth(number)).to_be_focused()
        leader.keyboard.press("Tab")
    links.first.focus()
    leader.keyboard.press("Enter")
    leader.wait_for_url(re.compile("/superset/dashboard/|/ioc/supply/"))


def test_the_navigation_leaves_the_page_whole(leader: Page, instance: Running) -> None:
    go_home(leader, instance)
    leader.locator("header.top").get_by_text("Bảng điều hành", exact=True).click()
    leader.wait_for_url("**/dashboard/list/**")
    expect(leader.locator("#ioc-home")).to_have_count(0)
    leader.locator("header.top").get_by_text("Trang chủ", exact=True).click()
    leader.wait_for_url("**/ioc/home/")
    expect(leader.locator("#ioc-home")).to_be_visible()
    leader.go_back()
    leader.wait_for_url("**/dashboard/list/**")
    expect(leader.locator("#ioc-home")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (390, 844)])
def test_no_card_is_cut_and_the_page_does_not_move_sideways(browser: Browser, instance: Running, width: int, height: int) -> None:
    page = new_page(browser, width, height)
    go_home(page, instance)
    expect(page.locator(".ioc-figures > div").first).to_be_visible()
    becomes(page, lambda: page.locator(".ioc-card").evaluate_all(CUT), 0)
    becomes(page, lambda: page.evaluate(PAGE_WIDTH) <= width, True)
    page.context.close()


def test_everyone_is_led_to_open_dashboards_only(browser: Browser, instance: Running) -> None:
    page = new_page(browser)
    go_home(page, instance)
    addresses = page.locator(".ioc-card h2 a").evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
    assert addresses
    assert all(address.endswith("-open/") for address in addresses)
    page.locator("[data-subsystem=public_services] h2 a").click()
    page.wait_for_url("**/superset/dashboard/public-services-open/")
    expect(page.locator(".ioc-tile").first).to_be_visible()
    page.context.close()
