"""The leader's dashboards on a phone: one chart a row, as wide as the screen, and nothing to move sideways but a wide table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.portal import becomes, leader_context_of, visit
from tests.running import Running

WIDTH, HEIGHT = 390, 844
HOLDER = ".dashboard-component-chart-holder"
FRAMES = """(frames) => frames.map((e) => [e.getBoundingClientRect(), e.innerText.slice(0, 40)])
    .filter(([box], n, all) => box.left < 0 || box.right > 390 || box.width < 0.9 * 390 || (n && all[n - 1][0].bottom > box.top))
    .map(([box, words]) => `${words}: ${JSON.stringify(box)}`)"""
"""Frames that are not as wide as the phone, or stand beside or over the one before."""
DRAWN = """(drawn) => drawn.map((e) => e.getBoundingClientRect()).filter((box) => box.right > 390 || box.width < 0.8 * 390)
    .map((box) => JSON.stringify(box))"""
"""Charts that were drawn for another frame than the phone's."""
BESIDE = "(frames) => frames.map((e) => e.getBoundingClientRect().top).some((top, n, all) => n && top === all[n - 1])"
PAGE_WIDTH = "() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth, window.innerWidth)"

pytestmark = [pytest.mark.stack, pytest.mark.browser]


@pytest.fixture(scope="module")
def phone_context(browser: Browser, instance: Running) -> Iterator[BrowserContext]:
    """A phone on which the leader is logged in."""
    context = leader_context_of(browser, instance, WIDTH, HEIGHT, is_mobile=True, has_touch=True, device_scale_factor=2)
    yield context
    context.close()


@pytest.fixture
def phone(phone_context: BrowserContext) -> Iterator[Page]:
    """A page of the phone's, on which no test before has left anything."""
    page = phone_context.new_page()
    yield page
    page.close()


def _open(page: Page, instance: Running, slug: str) -> None:
    visit(page, f"{instance.superset_url}/superset/dashboard/{slug}/")
    expect(page.locator(f"{HOLDER} canvas").first).to_be_visible()


@pytest.mark.parametrize("slug", ["health", "public-services"])
def test_every_chart_has_the_phones_whole_width(phone: Page, instance: Running, slug: str) -> None:
    _open(phone, instance, slug)
    becomes(phone, lambda: phone.locator(HOLDER).count() > 5, True)
    becomes(phone, lambda: phone.locator(HOLDER).evaluate_all(FRAMES), [])
    becomes(phone, lambda: phone.locator(f"{HOLDER} canvas").evaluate_all(DRAWN), [])


@pytest.mark.parametrize("slug", ["health", "public-services"])
def test_the_page_does_not_move_sideways(phone: Page, instance: Running, slug: str) -> None:
    _open(phone, instance, slug)
    becomes(phone, lambda: phone.evaluate(PAGE_WIDTH), WIDTH)


def test_name_and_filters_are_in_reach(phone: Page, instance: Running) -> None:
    _open(phone, instance, "health")
    name = phone.locator("[data-test='editable-title-input']")
    becomes(phone, lambda: name.evaluate("(e) => e.getBoundingClientRect().width") >= 30, True)
    phone.locator("[data-test='dropdown-container-btn']").tap()
    for label in ("Khoảng thời gian", "Đơn vị hành chính"):
        expect(phone.locator(".ant-popover").get_by_text(label, exact=True)).to_be_in_viewport()


def test_the_list_of_dashboards_fits(phone: Page, instance: Running) -> None:
    visit(phone, f"{instance.superset_url}/dashboard/list/")
    card = phone.locator("[data-test='styled-card']").filter(has_text="Y tế").first
    card.scroll_into_view_if_needed()
    expect(card).to_be_in_viewport()
    becomes(phone, lambda: phone.evaluate(PAGE_WIDTH), WIDTH)
    expect(phone.get_by_text(" of ")).to_be_hidden()


def test_a_wide_screen_keeps_charts_side_by_side(leader: Page, instance: Running) -> None:
    _open(leader, instance, "health")
    becomes(leader, lambda: leader.locator(HOLDER).evaluate_all(BESIDE), True)
