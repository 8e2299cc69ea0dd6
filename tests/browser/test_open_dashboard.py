"""The public's dashboards in a real browser, without an account."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.portal import new_page
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

OPEN = "/superset/dashboard/health-open/"
HOME_LINK = "Trang chủ"
LIST = "Bảng điều hành"
"""Superset's list of dashboards, which is empty for a visitor: the home page leads to the open ones."""


def shown(page: Page, address: str) -> list[str]:
    """Opens a dashboard until a chart of it stands; what is written to dashboards from then on is in the list."""
    written: list[str] = []

    def note(request: Request) -> None:
        if request.method == "PUT" and "/api/v1/dashboard/" in request.url:
            written.append(request.url)

    page.on("request", note)
    page.goto(address)
    expect(page.locator(".ioc-scores, .ioc-tile, .ioc-ranking").first).to_be_visible()
    return written


def test_a_visitor_who_leaves_a_dashboard_by_a_link_gets_where_the_link_leads(browser: Browser, instance: Running) -> None:
    page = new_page(browser)
    written = shown(page, instance.superset_url + OPEN)
    expect(page.get_by_text(LIST, exact=True)).to_have_count(0)
    page.get_by_role("link", name=HOME_LINK).first.click()
    expect(page).to_have_url(re.compile(r"/ioc/home/$"))
    expect(page.get_by_role("heading", name="Toàn cảnh của tỉnh")).to_be_visible()
    assert written == [], "a visitor may write nothing, and was sent to the log-in for it"
    page.context.close()


def test_a_leader_who_may_not_change_dashboards_writes_nothing_either(leader: Page, instance: Running) -> None:
    written = shown(leader, instance.superset_url + "/superset/dashboard/health/")
    expect(leader.get_by_text(LIST, exact=True).first).to_be_visible()
    leader.get_by_role("link", name=HOME_LINK).first.click()
    expect(leader.get_by_role("heading", name="Toàn cảnh của tỉnh")).to_be_visible()
    assert written == []
