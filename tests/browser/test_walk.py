"""The walk of a chairman: from the home page to a dashboard, to one commune, to its rows, to the file that its officials delivered.

Real clicks through, on the simulated demonstration: no address is typed after the first.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.portal import choose_in_filter, visit
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

NINE = ["documents", "public_services", "socioeconomic", "health", "education", "feedback", "tourism", "infosec", "public_safety"]
COMMUNE = "Phường Cửa Lò"
DATASET = "tourism-visits"
LINK = "a[href^='/ioc/delivery/load/']"


def rows(page: Page) -> Locator:
    """The dashboard's table of rows, scrolled to."""
    table = page.locator(".dashboard-component-chart-holder").filter(has=page.locator("[data-test-viz-type=table]")).first
    table.scroll_into_view_if_needed()
    return table


def test_the_home_page_shows_nine_live_subsystems_and_what_agencies_owed(leader: Page, instance: Running) -> None:
    visit(leader, f"{instance.superset_url}/")
    expect(leader.locator(".ioc-live-count")).to_have_text("9/9 phân hệ đang hoạt động")
    for name in NINE:
        expect(leader.locator(f"[data-subsystem={name}]")).to_have_attribute("data-state", "live")
    agencies = leader.locator("[data-subsystem=data_supply] .ioc-agencies li")
    expect(agencies.nth(24)).to_be_attached()
    expect(agencies.filter(has_text="Sở Y tế").locator("b")).to_have_text(re.compile(r"^\d+/\d+$"))


def test_from_the_home_page_to_the_delivery_of_one_commune_s_rows(leader: Page, instance: Running) -> None:
    visit(leader, f"{instance.superset_url}/")
    leader.locator("[data-subsystem=tourism] h2 a").click()
    leader.wait_for_url("**/superset/dashboard/tourism/")
    expect(leader.locator(".ioc-figure").first).to_be_visible()

    choose_in_filter(leader, "tourism", "unit", COMMUNE)
    table = rows(leader)
    expect(table.locator("tbody tr").filter(has_text=COMMUNE).first).to_be_visible()
    expect(table.locator("tbody tr").filter(has_not_text=COMMUNE)).to_have_count(0)
    expect(table.locator(LINK).first).to_have_text(re.compile(r"^dòng \d+$"))

    with leader.context.expect_page() as opened:
        table.locator(LINK).first.click()
    delivery = opened.value
    delivery.wait_for_url(re.compile(rf"{re.escape(instance.ckan_url)}/(vi/)?dataset/{DATASET}/resource/"))
    expect(delivery.get_by_role("heading", level=1)).to_be_visible()
    expect(delivery.locator("body")).to_contain_text(re.compile("mô phỏng", re.IGNORECASE))
    delivery.close()
