"""What a person does in the portal and in Superset, by what they see on the pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from tests.running import Account, Running

DATASET = "health-bed-days"
TITLE = "Giường bệnh theo ngày"
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ON_ITS_WAY = ("ERR_ABORTED", "interrupted by another navigation")
TOO_MANY = 429
PATIENCE = 60_000
"""Milliseconds that a page on a machine with two busy cores may take; what is there sooner is seen at once."""
HEADER = "ngay;ma_xa;ma_co_so;khoa;giuong_thuc_ke;giuong_su_dung"

T = TypeVar("T")


def new_page(browser: Browser, width: int = 1366, height: int = 768, **more: Any) -> Page:
    """A page of this size in a context of its own; `more` as Playwright's `new_context` takes it."""
    context = browser.new_context(viewport={"width": width, "height": height}, **{"locale": "vi-VN", **more})
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def leader_context_of(browser: Browser, instance: Running, width: int = 1366, height: int = 768, **more: Any) -> BrowserContext:
    """A context of this size in which the leader is logged in, without a page."""
    page = new_page(browser, width, height, **more)
    log_in_to_superset(page, instance, instance.leader)
    page.close()
    return page.context


def visit(page: Page, address: str) -> None:
    """Opens an address, also on a page that is on its way elsewhere: Superset's own pages change their address while they load."""
    for tries_left in reversed(range(5)):
        try:
            page.goto(address)
        except Error as error:
            if not tries_left or not any(words in error.message for words in ON_ITS_WAY):
                raise
            page.wait_for_timeout(1000)
        else:
            return


def becomes(page: Page, read: Callable[[], T], wanted: T, what: object = "") -> None:
    """Asserts that what is read is as wanted, now or within PATIENCE; `what` is said where it does not become so.

    For what `expect` cannot ask: sizes, places, what a script finds. Letters that arrive late and frames that settle change these.
    """
    deadline = time.monotonic() + PATIENCE / 1000
    while (seen := read()) != wanted and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert seen == wanted, what


def point_at(page: Page, place: Locator, tip: Locator, words: str) -> None:
    """Moves the pointer onto a place until its tip says these words: a chart that is drawn again meanwhile moves from under the pointer."""
    for tries_left in reversed(range(6)):
        place.hover()
        try:
            expect(tip).to_contain_text(words, timeout=PATIENCE / 6)
        except AssertionError:
            if not tries_left:
                raise
            page.mouse.move(0, 0)
        else:
            return


def choose_in_filter(page: Page, slug: str, name: str, value: str) -> None:
    """Chooses a value in one of a dashboard's filters and applies it."""
    field = page.locator(f"#NATIVE_FILTER-{slug}-{name}")
    field.click()
    field.fill(value)
    page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter(has_text=value).first.click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Áp dụng").click()


def take_back(instance: Running, period: str) -> None:
    """Deletes the health department's delivery of that period, if there is one."""
    site = instance.ckan(instance.editor("so-y-te").token)
    for resource in site.call_action("package_show", {"id": DATASET})["resources"]:
        if resource.get("period") == period and resource.get("agency") == "so-y-te":
            site.call_action("resource_delete", {"id": resource["id"]})


def delivery_file(path: Path, period: str, *rows: str) -> Path:
    """Writes a file of bed days; `{day}` in a row is the period's day as the contract writes it."""
    day = datetime.fromisoformat(period).strftime("%d/%m/%Y")
    path.write_text("\n".join([HEADER, *(row.format(day=day) for row in rows)]) + "\n")
    return path


def log_in_to_ckan(page: Page, instance: Running, account: Account) -> None:
    """Logs in to the portal through its form."""
    visit(page, instance.ckan_url)
    page.get_by_role("link", name="Đăng nhập").click()
    page.locator("input[name=login]").fill(account.name)
    page.locator("input[name=password]").fill(account.password)
    page.locator("input[name=password]").press("Enter")
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()


def log_in_to_superset(page: Page, instance: Running, account: Account) -> None:
    """Logs in to Superset through its form, and looks whether it took the account: who is refused is led away from the form too.

    A quick machine logs in more often than Superset allows in a minute, and waits then.
    """
    for tries_left in reversed(range(10)):
        visit(page, f"{instance.superset_url}/login/")
        for name, text in (("username", account.name), ("password", account.password)):
            field = page.locator(f"#{name}, input[name={name}]").first
            field.fill(text)
            expect(field).to_have_value(text)
        with page.expect_response(lambda answer: answer.request.method == "POST" and "/login" in answer.url) as answered:
            page.keyboard.press("Enter")
        if answered.value.status != TOO_MANY:
            page.wait_for_url(lambda url: "/login" not in url)
            if page.request.get(f"{instance.superset_url}/api/v1/me/").ok:
                return
        assert tries_left, f"Superset did not let {account.name} in: {answered.value.status}"
        page.wait_for_timeout(8_000)


def open_form(page: Page) -> None:
    """From the portal's first page by the dataset's own page to the form, by what a clerk sees."""
    page.get_by_role("link", name=TITLE, exact=True).first.click()
    page.get_by_role("link", name="Nộp số liệu", exact=True).click()
    expect(page.get_by_role("heading", name=f"Nộp số liệu: {TITLE}")).to_be_visible()


def upload(page: Page, file: Path, period: str) -> None:
    """Fills the form and sends it."""
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Kỳ số liệu").fill(period)
    page.get_by_role("button", name="Nộp", exact=True).click()
