"""What a person does in the portal and in Superset, by what they see on the pages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, expect

from tests.running import Account, Running

DATASET = "health-bed-days"
TITLE = "Giường bệnh theo ngày"
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
HEADER = "ngay;ma_xa;ma_co_so;khoa;giuong_thuc_ke;giuong_su_dung"


def new_page(browser: Browser, width: int = 1366, height: int = 768, locale: str = "vi-VN") -> Page:
    """A page of this size in a context of its own."""
    page = browser.new_context(viewport={"width": width, "height": height}, locale=locale).new_page()
    page.set_default_timeout(30_000)
    return page


def visit(page: Page, address: str) -> None:
    """Opens an address, also on a page that is on its way elsewhere: Superset's own pages change their address while they load."""
    for last_try in (False, True):
        try:
            page.goto(address)
        except Error as error:
            if last_try or "ERR_ABORTED" not in error.message:
                raise
            page.wait_for_timeout(1000)
        else:
            return


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
    page.goto(instance.ckan_url)
    page.get_by_role("link", name="Đăng nhập").click()
    page.locator("input[name=login]").fill(account.name)
    page.locator("input[name=password]").fill(account.password)
    page.locator("input[name=password]").press("Enter")
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()


def log_in_to_superset(page: Page, instance: Running, account: Account) -> None:
    """Logs in to Superset through its form."""
    visit(page, f"{instance.superset_url}/login/")
    page.locator("#username, input[name=username]").first.fill(account.name)
    page.locator("#password, input[name=password]").first.fill(account.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)


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
