"""Browser tests share one running instance, and a module of them one Chromium; each test has a page of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.portal import CHROMIUM_ARGUMENTS, PATIENCE, leader_context_of
from tests.running import Running

# For all files at once: the setting belongs to the process, and the file that is read last would decide for the others.
expect.set_options(timeout=PATIENCE)


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
def leader_context(browser: Browser, instance: Running) -> Iterator[BrowserContext]:
    """A laptop's browser in which the leader is logged in."""
    context = leader_context_of(browser, instance)
    yield context
    context.close()


@pytest.fixture
def leader(leader_context: BrowserContext) -> Iterator[Page]:
    """A page of the leader's, on which no test before has left anything."""
    page = leader_context.new_page()
    yield page
    page.close()
