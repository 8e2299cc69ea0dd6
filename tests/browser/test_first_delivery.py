"""A clerk's first delivery, found by visible labels alone: no address is typed but that of the portal's first page.

By a file with three mistakes, by the form, by the `curl` line; each is followed to its receipt and to the leader's dashboard. The
deliveries are the general hospital's of today and are withdrawn at the end.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from datasets.model.calendar import ZONE
from tests.browser.portal import DATASET, HEADER, TITLE, becomes, log_in_to_superset, new_page, visit
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

AGENCY = "benh-vien-huu-nghi-da-khoa"
FACILITY = "40011"
COMMUNE = "16681"
CLIPBOARD = "navigator.clipboard.readText()"
HARVESTED = 180_000
"""Milliseconds until a small file is checked and loaded where the machine is busy with others."""
Value = date | str | int
ROWS = "SELECT count(*) FROM health.bed_days WHERE agency = %s AND day = %s"


@pytest.fixture
def today(instance: Running) -> Iterator[date]:
    """Today, with no delivery of the hospital for it before and after, and with the clerk's tokens as they were."""
    day = datetime.now(ZONE).date()
    tokens = _tokens(instance)
    _withdraw(instance, day)
    yield day
    _withdraw(instance, day)
    for token in _tokens(instance) - tokens:
        instance.ckan(instance.sysadmin_token).call_action("api_token_revoke", {"jti": token})


def _tokens(instance: Running) -> set[str]:
    listed = instance.ckan(instance.sysadmin_token).call_action("api_token_list", {"user_id": instance.editor(AGENCY).name})
    return {token["id"] for token in listed}


def _withdraw(instance: Running, day: date) -> None:
    """Deletes the hospital's deliveries of the day in CKAN and waits until the store shows none of their rows."""
    site = instance.ckan(instance.editor(AGENCY).token)
    for resource in site.call_action("package_show", {"id": DATASET})["resources"]:
        if (resource.get("agency"), resource.get("period")) == (AGENCY, day.isoformat()):
            site.call_action("resource_delete", {"id": resource["id"]})
    with instance.store() as connection:
        instance.until(lambda: connection.execute(ROWS, (AGENCY, day)).fetchone() == (0,))


@pytest.fixture
def clerk(browser: Browser, instance: Running) -> Iterator[Page]:
    """The hospital's clerk, logged in by the link on the portal's first page."""
    page = new_page(browser)
    visit(page, instance.ckan_url)
    page.get_by_role("link", name="Đăng nhập").click()
    account = instance.editor(AGENCY)
    page.get_by_label("Tên đăng nhập").fill(account.name)
    page.get_by_label("Mật khẩu").fill(account.password)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()
    yield page
    page.context.close()


def open_report(page: Page, day: date) -> None:
    """From wherever the clerk is to today's report of beds, through the desk."""
    page.get_by_role("link", name="Bàn nộp số liệu", exact=True).first.click()
    row = page.get_by_role("row").filter(has_text=TITLE).filter(has_text=f"{day:%d/%m/%Y}")
    row.get_by_role("link", name="Nộp").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{day:%d/%m/%Y}")


def fill_template(path: Path, rows: list[list[Value]]) -> None:
    """Writes rows under the template's header as a person would: over the example row, nothing else touched."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    header = next(cell.row for line in sheet.iter_rows() for cell in line if cell.value == "ngay")
    sheet.delete_rows(header + 1, max(sheet.max_row - header, 1))
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            sheet.cell(header + number, column, value)
    book.save(path)


def problem_rows(page: Page) -> Locator:
    """The lines of the table of mistakes."""
    return page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="Ví dụ đúng")).get_by_role("row")


def follow_receipt(page: Page) -> None:
    """The receipt goes on by itself, up to the dashboard."""
    follow = page.get_by_role("list", name="Đường đi của lần nộp")
    for step in ("Đã nhận tệp", "Đã kiểm tra", "Ấn bản số", "Đã lên bảng điều hành"):
        expect(follow).to_contain_text(step, timeout=HARVESTED)
    expect(page.get_by_role("link", name="Mở bảng điều hành")).to_be_visible()


def see_on_the_dashboard(browser: Browser, instance: Running, beds: str) -> None:
    """The leader opens health from the home page and reads the hospital's figure."""
    leader = new_page(browser, 1920, 1080)
    log_in_to_superset(leader, instance, instance.leader)
    visit(leader, f"{instance.superset_url}/superset/dashboard/health/")
    heading = leader.get_by_text("Giường bệnh: 500 dòng mới nhất", exact=True)
    heading.wait_for()
    heading.scroll_into_view_if_needed()
    expect(leader.get_by_role("row").filter(has_text="BV Hữu nghị đa khoa").filter(has_text=beds).first).to_be_visible()
    leader.context.close()


def test_a_file_with_three_mistakes_is_mended_and_reaches_the_leader(
    clerk: Page, browser: Browser, instance: Running, today: date, tmp_path: Path
) -> None:
    open_report(clerk, today)
    with clerk.expect_download() as download:
        clerk.get_by_role("link", name="Tải tệp mẫu (Excel)").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    wrong: list[list[Value]] = [
        [today, "99999", FACILITY, "thuong", 2847, 2533],
        [today, COMMUNE, FACILITY, "hoi-suc", "một trăm", 88],
        [today, COMMUNE, "4001", "thuong", 10, 9],
    ]
    fill_template(file, wrong)
    clerk.get_by_label("Tệp số liệu").set_input_files(file)
    clerk.get_by_role("button", name="Kiểm tra").click()
    for column, value in (("ma_xa", "99999"), ("giuong_thuc_ke", "một trăm"), ("ma_co_so", "4001")):
        line = problem_rows(clerk).filter(has_text=column).filter(has_text=value)
        expect(line).to_have_count(1)
        expect(line.get_by_role("rowheader")).to_have_text(re.compile(rf"\b{_line_of(file, value)}$"))
    expect(clerk.get_by_role("button", name="Nộp", exact=True), "a file that would be refused can be published").to_be_disabled()

    fill_template(file, [[today, COMMUNE, FACILITY, "thuong", 2847, 2533], [today, COMMUNE, FACILITY, "hoi-suc", 100, 88]])
    clerk.get_by_label("Tệp số liệu").set_input_files(file)
    clerk.get_by_role("button", name="Kiểm tra").click()
    expect(clerk.get_by_text("Tệp đúng, nộp được ngay")).to_be_visible()
    clerk.get_by_role("button", name="Nộp", exact=True).click()
    follow_receipt(clerk)
    see_on_the_dashboard(browser, instance, "2.847")


def _line_of(file: Path, value: str) -> int:
    """The line of the workbook's first sheet that holds the value, as a spreadsheet counts."""
    return next(cell.row for line in openpyxl.load_workbook(file).worksheets[0].iter_rows() for cell in line if cell.value == value)


def test_the_same_by_the_form(clerk: Page, browser: Browser, instance: Running, today: date) -> None:
    open_report(clerk, today)
    clerk.get_by_role("link", name="Nhập vào biểu").click()
    grid = clerk.get_by_role("grid", name="Bảng nhập số liệu")
    begin_anew(clerk, grid)
    expect(grid.get_by_role("row").filter(has_text="BV Hữu nghị đa khoa")).to_have_count(2)

    write(grid, "Khoa thường", "Giường thực kê", "hai nghìn")
    write(grid, "Hồi sức tích cực", "Giường thực kê", "-100")
    write(grid, "Hồi sức tích cực", "Mã xã nơi đặt cơ sở", "99999")
    problems = clerk.get_by_role("listitem").filter(has_text="Dòng")
    for column, value in (("Giường thực kê", "hai nghìn"), ("Giường thực kê", "-100"), ("Mã xã nơi đặt cơ sở", "99999")):
        expect(problems.filter(has_text=column).filter(has_text=value)).to_have_count(1)

    write(grid, "Khoa thường", "Giường thực kê", "2847")
    write(grid, "Khoa thường", "Giường đang sử dụng", "2533")
    write(grid, "Hồi sức tích cực", "Giường thực kê", "100")
    write(grid, "Hồi sức tích cực", "Giường đang sử dụng", "88")
    write(grid, "Hồi sức tích cực", "Mã xã nơi đặt cơ sở", COMMUNE)
    expect(clerk.get_by_text("Không có lỗi: 2 dòng sẵn sàng nộp.")).to_be_visible()
    expect(clerk.get_by_text("Đã lưu lúc")).to_be_visible()

    clerk.reload()
    expect(cell(grid, "Khoa thường", "Giường thực kê")).to_have_text("2847")
    expect(clerk.get_by_text("Không có lỗi: 2 dòng sẵn sàng nộp.")).to_be_visible()
    clerk.get_by_role("button", name="Nộp số liệu", exact=True).click()
    clerk.get_by_role("dialog").get_by_role("button", name="Nộp số liệu", exact=True).click()
    follow_receipt(clerk)
    see_on_the_dashboard(browser, instance, "2.847")


def begin_anew(page: Page, grid: Locator) -> None:
    """Puts aside a draft that a run which was stopped may have left."""
    expect(grid).to_be_visible()
    page.get_by_role("button", name="Bắt đầu lại").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Bắt đầu lại").click()
    expect(page.get_by_text("Đã điền sẵn các dòng theo lần nộp")).to_be_visible()


def cell(grid: Locator, ward: str, column: str) -> Locator:
    """The cell of the form in the line of that ward and under that heading."""
    expect(grid.get_by_role("columnheader").filter(has_text=column).first).to_be_visible()
    titles = [text.split("\n")[0].removesuffix(" *") for text in grid.get_by_role("columnheader").all_inner_texts()]
    return grid.get_by_role("row").filter(has_text=ward).get_by_role("gridcell").nth(titles.index(column) - 1)


def write(grid: Locator, ward: str, column: str, text: str) -> None:
    """Writes into a cell as into a spreadsheet's: a click, the keys, Enter."""
    place = cell(grid, ward, column)
    place.click()
    place.page.keyboard.type(text)
    place.page.keyboard.press("Enter")


def test_the_same_by_the_line_for_programs(clerk: Page, browser: Browser, instance: Running, today: date, tmp_path: Path) -> None:
    clerk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_report(clerk, today)
    clerk.get_by_role("link", name="Gửi từ phần mềm").click()
    clerk.get_by_role("button", name="Tạo mã truy cập").click()
    token = copied(clerk, "export ")
    line = copied(clerk, "ioc_deliver")

    day = f"{today:%d/%m/%Y}"
    wards = (("thuong", 2847, 2533), ("hoi-suc", 100, 88))
    lines = [f"{day};{COMMUNE};{FACILITY};{ward};{beds};{used}" for ward, beds, used in wards]
    (tmp_path / "so-lieu.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    first, again = (json.loads(run_by_a_shell(f"{token}\n{line}", tmp_path)) for _ in range(2))
    assert first["success"] and first["result"]["state"] == "received"
    assert again == first, "the same key delivered twice"

    clerk.get_by_role("link", name="Bàn nộp số liệu", exact=True).first.click()
    row = clerk.get_by_role("row").filter(has_text=TITLE).filter(has_text=f"{today:%d/%m/%Y}")
    row.get_by_role("link", name=TITLE, exact=True).click()
    follow_receipt(clerk)
    see_on_the_dashboard(browser, instance, "2.847")


def copied(page: Page, holds: str) -> str:
    """What the button below the first lines that hold these letters puts on the clipboard."""
    place = page.get_by_role("listitem").filter(has=page.locator("pre", has_text=holds)).first

    def on_clipboard() -> bool:
        place.locator("[data-ioc-copy]").first.click()
        return holds in page.evaluate(CLIPBOARD)

    becomes(page, on_clipboard, True)  # a page that still loads its scripts lets a click go by, and people click again
    text: str = page.evaluate(CLIPBOARD)
    return text


def run_by_a_shell(lines: str, folder: Path) -> str:
    """What the lines print, run as a person pastes them into a terminal."""
    done = subprocess.run(["bash", "-c", lines], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
