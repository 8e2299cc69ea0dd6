"""Superset's own lines in a real browser: over those of a contract it is said why their figures are not judged."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.portal import visit
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

DASHBOARD = "/superset/dashboard/documents/"
FACTS = "**/ioc/supply/indicators.json*"
TREND = ".ioc-trend"
AGENCY = {"vi": "Sở Công Thương", "en": "Department of Industry and Trade", "fr": "Service de l'industrie et du commerce"}


def late(facts: dict[str, Any]) -> dict[str, Any]:
    """The same facts when a report of each dataset is missing."""
    report = {
        "word": "missing",
        "agency": AGENCY,
        "calendar": "week",
        "starts": "2026-11-16",
        "due_at": "2026-11-23T17:00+07:00",
        "until": None,
    }
    for dataset in facts["datasets"].values():
        dataset |= {"supply": "missing", "missing": 1, "last": [report]}
    return facts


def in_time(facts: dict[str, Any]) -> dict[str, Any]:
    """The same facts when nothing is missing and nothing was expected."""
    for dataset in facts["datasets"].values():
        dataset |= {"supply": "ok", "missing": 0, "last": [], "periods": []}
    return facts


def answer(page: Page, changed: Any) -> None:
    def changed_answer(route: Route) -> None:
        given = route.fetch()
        route.fulfill(response=given, json=changed(given.json()))

    page.route(FACTS, changed_answer)


def test_lines_of_late_data_say_so_and_what_is_missing(leader: Page, instance: Running) -> None:
    answer(leader, late)
    visit(leader, instance.superset_url + DASHBOARD)
    trend = leader.locator(TREND).first
    trend.scroll_into_view_if_needed()
    expect(trend.locator("canvas")).to_be_visible()
    expect(trend).to_have_attribute("data-reason", "late_data")
    expect(trend.get_by_role("status")).to_contain_text("Sở Công Thương")


def test_lines_of_data_that_came_say_nothing(leader: Page, instance: Running) -> None:
    answer(leader, in_time)
    visit(leader, instance.superset_url + DASHBOARD)
    trend = leader.locator(TREND).first
    trend.scroll_into_view_if_needed()
    expect(trend.locator("canvas")).to_be_visible()
    expect(trend).not_to_have_attribute("data-reason", "late_data")
    expect(trend.get_by_role("status")).to_have_count(0)
