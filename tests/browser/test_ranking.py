"""A ranking with more lines than can be read at a glance: the first ones, how many more there are, and all of them by key, mouse or finger.

130 communes are ranked by crimes for 100,000 people on the dashboard of public order, the highest first.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.portal import visit
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

SECONDS = 60_000
SHOWN = 15
ALL = 130
SCREENS = {"laptop": (1366, 3200), "phone": (390, 9000)}


@pytest.fixture(params=SCREENS)
def ranking(request: pytest.FixtureRequest, leader: Page, instance: Running) -> Locator:
    width, height = SCREENS[request.param]
    leader.set_viewport_size({"width": width, "height": height})
    visit(leader, f"{instance.superset_url}/superset/dashboard/public-safety/")
    found = leader.locator(".ioc-ranking")
    expect(found.locator(".ioc-bars > li")).to_have_count(SHOWN, timeout=SECONDS)
    return found


def whole_list(page: Page) -> Locator:
    return page.locator("dialog.ioc-ranking-all")


def test_the_line_under_the_bars_opens_them_all_and_a_key_closes_them(ranking: Locator) -> None:
    line = ranking.get_by_role("button", name=f"và {ALL - SHOWN} đơn vị khác")
    line.focus()
    ranking.page.keyboard.press("Enter")
    dialog = whole_list(ranking.page)
    expect(dialog).to_be_visible(timeout=SECONDS)
    expect(dialog.locator(".ioc-bar")).to_have_count(ALL)
    expect(dialog.locator(".ioc-bar-name").first).to_have_text(re.compile(r"^1\. "))
    expect(dialog.locator(".ioc-bar-name").last).to_have_text(re.compile(rf"^{ALL}\. "))
    expect(dialog.get_by_role("button", name="Đóng")).to_be_in_viewport()
    ranking.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(line).to_be_focused()


def test_one_of_the_others_filters_the_dashboard(ranking: Locator) -> None:
    page = ranking.page
    ranking.locator(".ioc-ranking-more").click()
    last = whole_list(page).locator(".ioc-bar").last
    expect(last).to_be_visible(timeout=SECONDS)
    name = last.locator(".ioc-bar-name").inner_text().removeprefix(f"{ALL}. ")
    last.click()
    expect(whole_list(page)).to_have_count(0)
    # A phone's line of filters says only how many there are.
    filtered = re.compile(rf"{re.escape(name)}|Thêm bộ lọc\s*1")
    expect(page.locator("[data-test='filter-bar']")).to_contain_text(filtered, timeout=SECONDS)
    expect(ranking.locator(".ioc-bars .ioc-dimmed")).to_have_count(SHOWN, timeout=SECONDS)


def test_the_list_stays_open_when_the_dashboard_is_asked_again(ranking: Locator) -> None:
    page = ranking.page
    ranking.locator(".ioc-ranking-more").click()
    expect(whole_list(page)).to_be_visible(timeout=SECONDS)
    ranking.evaluate("(chart) => { chart.dataset.drawn = 'before'; }")
    page.locator("[data-test='refresh-button']").evaluate("(button) => button.click()")
    expect(page.locator(".ioc-ranking[data-drawn]")).to_have_count(0, timeout=SECONDS)
    expect(whole_list(page)).to_be_visible(timeout=SECONDS)
    whole_list(page).get_by_role("button", name="Đóng").click()
    expect(whole_list(page)).to_have_count(0)
