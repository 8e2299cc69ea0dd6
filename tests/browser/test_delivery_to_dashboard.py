"""The main job in a real browser: an editor uploads a file in CKAN and reads the receipt; a leader sees the new figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from datasets.model.calendar import ZONE
from tests.running import Account, Running

expect.set_options(timeout=60_000)
pytestmark = [pytest.mark.stack, pytest.mark.browser]

DATASET = "health-bed-days"
TITLE = "Giường bệnh theo ngày"
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
HEADER = "ngay;ma_xa;ma_co_so;khoa;giuong_thuc_ke;giuong_su_dung"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


@pytest.fixture
def today(instance: Running) -> Iterator[str]:
    """Today's period, with no delivery of the health department for it before and after."""
    period = datetime.now(ZONE).date().isoformat()
    _remove(instance, period)
    yield period
    _remove(instance, period)


def _remove(instance: Running, period: str) -> None:
    site = instance.ckan(instance.editor("so-y-te").token)
    for resource in site.call_action("package_show", {"id": DATASET})["resources"]:
        if resource.get("period") == period and resource.get("agency") == "so-y-te":
            site.call_action("resource_delete", {"id": resource["id"]})


def write(path: Path, period: str, *rows: str) -> Path:
    day = datetime.fromisoformat(period).strftime("%d/%m/%Y")
    path.write_text("\n".join([HEADER, *(row.format(day=day) for row in rows)]) + "\n")
    return path


def log_in_to_ckan(page: Page, instance: Running, account: Account) -> None:
    page.goto(instance.ckan_url)
    page.get_by_role("link", name="Đăng nhập").click()
    page.locator("input[name=login]").fill(account.name)
    page.locator("input[name=password]").fill(account.password)
    page.locator("input[name=password]").press("Enter")
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()


def log_in_to_superset(page: Page, instance: Running, account: Account) -> None:
    page.goto(f"{instance.superset_url}/login/")
    page.locator("#username, input[name=username]").first.fill(account.name)
    page.locator("#password, input[name=password]").first.fill(account.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def open_form(page: Page) -> None:
    """From the portal's first page to the form, by what a clerk sees."""
    card = (
        page.locator("li, div.card, article, section").filter(has=page.get_by_role("link", name=TITLE)).filter(has_text="Nộp số liệu").last
    )
    card.get_by_role("link", name="Nộp số liệu").click()
    expect(page.get_by_role("heading", name=f"Nộp số liệu: {TITLE}")).to_be_visible()


def upload(page: Page, file: Path, period: str) -> None:
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Kỳ số liệu").fill(period)
    page.get_by_role("button", name="Nộp", exact=True).click()


def test_an_uploaded_file_gets_its_receipt_and_its_figure_reaches_the_leader(
    page: Page, browser: Browser, instance: Running, today: str, tmp_path: Path
) -> None:
    file = write(tmp_path / "giuong-benh.csv", today, "{day};16681;40101;thuong;87654;76543")
    log_in_to_ckan(page, instance, instance.editor("so-y-te"))
    open_form(page)
    upload(page, file, today)
    expect(page.get_by_text("Đã tiếp nhận").first).to_be_visible()

    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="vi-VN")
    leader = context.new_page()
    leader.set_default_timeout(60_000)
    log_in_to_superset(leader, instance, instance.leader)
    leader.goto(f"{instance.superset_url}/superset/dashboard/health/")
    heading = leader.get_by_text(TITLE, exact=True).last
    heading.wait_for()
    heading.scroll_into_view_if_needed()
    expect(leader.get_by_text("87.654").first).to_be_visible(timeout=60_000)
    context.close()


def test_a_file_with_mistakes_is_answered_in_vietnamese_by_row_and_column(
    page: Page, instance: Running, today: str, tmp_path: Path
) -> None:
    rows = [f"{{day}};16681;{number};thuong;100;80" for number in range(40101, 40141)]
    file = write(tmp_path / "giuong-benh.csv", today, *rows, "{day};99999;40199;thuong;100;80")
    log_in_to_ckan(page, instance, instance.editor("so-y-te"))
    open_form(page)
    upload(page, file, today)
    row = page.get_by_role("row").filter(has_text="99999")
    expect(row).to_be_visible()
    expect(row).to_contain_text("42")
    expect(row).to_contain_text("ma_xa")
