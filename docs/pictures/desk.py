"""Pictures of the desk, as the general hospital's clerk sees it; what is delivered for them is withdrawn."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

from datasets.model.calendar import ZONE
from tests.browser.portal import DATASET, HEADER, TITLE, log_in_to_ckan, new_page
from tests.running import Running

AGENCY = "benh-vien-huu-nghi-da-khoa"
COMMUNE = "16681"
WIDE, HIGH = 1366, 768
PHONE = 390, 844
WRONG = ("99999;40011;thuong;1800;1533", f"{COMMUNE};40011;hoi-suc;một trăm;88", f"{COMMUNE};4001;thuong;10;9")
GOOD = (f"{COMMUNE};40011;thuong;1800;1533", f"{COMMUNE};40011;hoi-suc;100;88")
BETTER = (f"{COMMUNE};40011;thuong;1800;1561", f"{COMMUNE};40011;hoi-suc;100;88")


def desk(browser: Browser, running: Running, folder: Path) -> None:
    """The list, a file's mistakes, the receipt, a difference, the form on a screen and a phone, the call."""
    day = datetime.now(ZONE).date()
    with _today(running, day), tempfile.TemporaryDirectory() as place:
        files = Path(place)
        page = new_page(browser, WIDE, HIGH)
        log_in_to_ckan(page, running, running.editor(AGENCY))
        _open_desk(page)
        page.screenshot(path=folder / "desk.png")
        _form(page, day, folder)
        _file(page, day, files, folder)
        page.context.close()


@contextmanager
def _today(running: Running, day: date) -> Iterator[None]:
    """Today's report without a delivery, before and after."""
    site = running.ckan(running.editor(AGENCY).token)

    def withdraw() -> None:
        for resource in site.call_action("package_show", {"id": DATASET})["resources"]:
            if (resource.get("agency"), resource.get("period")) == (AGENCY, day.isoformat()):
                site.call_action("resource_delete", {"id": resource["id"]})

    withdraw()
    try:
        yield
    finally:
        withdraw()


def _open_desk(page: Page) -> None:
    page.get_by_role("link", name="Bàn nộp số liệu", exact=True).first.click()
    page.get_by_role("heading", name="Bàn nộp số liệu").wait_for()


def _open_report(page: Page, day: date) -> None:
    _open_desk(page)
    row = page.get_by_role("row").filter(has_text=TITLE).filter(has_text=f"{day:%d/%m/%Y}")
    row.get_by_role("link", name=TITLE).first.click()
    page.get_by_role("heading", level=1, name=TITLE).wait_for()


def _choose(page: Page, path: Path, day: date, rows: tuple[str, ...]) -> None:
    """Writes a file, chooses it and has it checked."""
    path.write_text("\n".join([HEADER, *(f"{day:%d/%m/%Y};{row}" for row in rows)]) + "\n")
    page.get_by_label("Tệp số liệu").set_input_files(path)
    page.get_by_role("button", name="Kiểm tra").click()


def _file(page: Page, day: date, files: Path, folder: Path) -> None:
    _open_report(page, day)
    _choose(page, files / "giuong-benh.csv", day, WRONG)
    problems = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="Ví dụ đúng"))
    problems.wait_for()
    _shown_from(page, page.get_by_role("heading", name="Kiểm tra trước khi nộp"), folder / "desk-errors.png")
    for number, rows in enumerate((GOOD, BETTER)):
        if number:
            _open_report(page, day)
        _choose(page, files / "giuong-benh.csv", day, rows)
        page.get_by_text("Tệp đúng, nộp được ngay").wait_for()
        page.get_by_role("button", name="Nộp", exact=True).click()
        page.get_by_role("link", name="Mở bảng điều hành").wait_for(timeout=120_000)
        page.wait_for_timeout(2500)
    _shown_from(page, page.get_by_role("heading", level=1), folder / "desk-receipt.png")
    page.reload()
    page.get_by_role("link", name="Xem khác biệt").first.click()
    page.get_by_role("heading", name="Khác biệt giữa hai lần nộp").wait_for()
    page.screenshot(path=folder / "desk-difference.png")
    _open_report(page, day)
    page.get_by_role("link", name="Gửi từ phần mềm").click()
    _shown_from(page, page.get_by_role("link", name="Gửi từ phần mềm"), folder / "desk-call.png")


def _form(page: Page, day: date, folder: Path) -> None:
    _open_report(page, day)
    page.get_by_role("link", name="Nhập vào biểu").click()
    grid = page.get_by_role("grid")
    grid.wait_for()
    for ward, number, text in (("Hồi sức tích cực", 4, "100"), ("Hồi sức tích cực", 5, "88"), ("Khoa thường", 4, "1.8oo")):
        grid.get_by_role("row").filter(has_text=ward).get_by_role("gridcell").nth(number).click()
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.get_by_role("listitem").filter(has_text="1.8oo").wait_for()
    _shown_from(page, page.get_by_role("heading", level=1), folder / "desk-form.png")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.reload()
    page.get_by_role("button", name="Dòng sau").wait_for()
    page.wait_for_timeout(1500)
    _shown_from(page, page.get_by_role("combobox").first, folder / "desk-form-phone.png")
    page.set_viewport_size({"width": WIDE, "height": HIGH})
    page.reload()
    page.get_by_role("button", name="Bắt đầu lại").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Bắt đầu lại").click()
    page.wait_for_timeout(1500)


def _shown_from(page: Page, top: Locator, path: Path) -> None:
    """A picture of the screen with that element near its upper edge."""
    top.evaluate("element => window.scrollTo(0, element.getBoundingClientRect().top + window.scrollY - 24)")
    page.wait_for_timeout(400)
    page.screenshot(path=path)
