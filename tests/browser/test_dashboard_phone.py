"""The leader's dashboards on a phone: one chart a row, as wide as the screen, and nothing to move sideways but a wide table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.portal import log_in_to_superset, visit
from tests.running import Running

WIDTH, HEIGHT = 390, 844
LEAST_SHARE_OF_WIDTH = 0.9
HOLDER = ".dashboard-component-chart-holder"
BOXES = "(elements) => elements.map((e) => e.getBoundingClientRect()).map((box) => [box.left, box.top, box.right, box.bottom])"
PAGE_WIDTH = "() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth, window.innerWidth)"

pytestmark = [pytest.mark.stack, pytest.mark.browser]


@pytest.fixture(scope="module")
def phone(browser: Browser, instance: Running) -> Iterator[Page]:
    """A phone on which the leader is logged in."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, is_mobile=True, has_touch=True, device_scale_factor=2, locale="vi-VN"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    log_in_to_superset(page, instance, instance.leader)
    yield page
    context.close()


def _open(page: Page, instance: Running, slug: str) -> None:
    visit(page, f"{instance.superset_url}/superset/dashboard/{slug}/")
    expect(page.locator(f"{HOLDER} canvas").first).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("slug", ["health", "public-services"])
def test_every_chart_has_the_phones_whole_width(phone: Page, instance: Running, slug: str) -> None:
    _open(phone, instance, slug)
    boxes = phone.locator(HOLDER).evaluate_all(BOXES)
    assert len(boxes) > 5
    for left, _, right, _ in boxes:
        assert 0 <= left < right <= WIDTH
        assert right - left >= LEAST_SHARE_OF_WIDTH * WIDTH
    for above, below in pairwise(boxes):
        assert above[3] <= below[1], "two charts stand side by side or over one another"
    for left, _, right, _ in phone.locator(f"{HOLDER} canvas").evaluate_all(BOXES):
        assert right <= WIDTH
        assert right - left >= 0.8 * WIDTH, "a chart was drawn for a narrower frame"


@pytest.mark.parametrize("slug", ["health", "public-services"])
def test_the_page_does_not_move_sideways(phone: Page, instance: Running, slug: str) -> None:
    _open(phone, instance, slug)
    assert phone.evaluate(PAGE_WIDTH) == WIDTH


def test_name_and_filters_are_in_reach(phone: Page, instance: Running) -> None:
    _open(phone, instance, "health")
    name = phone.locator("[data-test='editable-title-input']").bounding_box()
    assert name is not None
    assert name["width"] >= 30
    phone.locator("[data-test='dropdown-container-btn']").tap()
    for label in ("Khoảng thời gian", "Đơn vị hành chính"):
        expect(phone.locator(".ant-popover").get_by_text(label, exact=True)).to_be_in_viewport()


def test_the_list_of_dashboards_fits(phone: Page, instance: Running) -> None:
    visit(phone, f"{instance.superset_url}/dashboard/list/")
    card = phone.locator("[data-test='styled-card']").filter(has_text="Y tế").first
    card.scroll_into_view_if_needed()
    expect(card).to_be_in_viewport()
    assert phone.evaluate(PAGE_WIDTH) == WIDTH
    expect(phone.get_by_text(" of ")).to_be_hidden()


def test_a_wide_screen_keeps_charts_side_by_side(browser: Browser, instance: Running) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(60_000)
    log_in_to_superset(page, instance, instance.leader)
    _open(page, instance, "health")
    boxes = page.locator(HOLDER).evaluate_all(BOXES)
    assert any(first[1] == second[1] for first, second in pairwise(boxes))
    context.close()
