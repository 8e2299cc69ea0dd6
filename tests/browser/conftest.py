"""Browser tests share one running instance, and a module of them one Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.portal import CHROMIUM_ARGUMENTS, log_in_to_superset, new_page
from tests.running import Running


@pytest.fixture(scope="session")
def instance() -> Running:
    return Running.from_environment()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def leader(browser: Browser, instance: Running) -> Iterator[Page]:
    """A page on which the leader is logged in."""
    page = new_page(browser)
    log_in_to_superset(page, instance, instance.leader)
    yield page
    page.context.close()
