"""The form of a report in a real browser: keys of a spreadsheet, marks while one types, the draft, a phone, publishing, zero."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from control.services import postgres
from tests.browser.portal import DATASET, becomes, log_in_to_ckan, new_page, take_back, visit
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PERIOD = "2020-03-02"
HARVESTED = 180_000
"""Milliseconds until a small file is checked and loaded where the machine is busy with others."""
ADDRESS = f"/ioc/desk/{DATASET}/so-y-te/{PERIOD}?way=form"
ROW = "02/03/2020\t16663\t40101\tthuong\t100\t80"
PASTE = """
text => {
  const given = new DataTransfer();
  given.setData("text/plain", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: given, bubbles: true, cancelable: true}));
}
"""


def forget(instance: Running) -> None:
    take_back(instance, PERIOD)
    with postgres.connect(instance.instance, instance.secrets, "ckan") as connection:
        connection.execute("DELETE FROM ioc_draft WHERE dataset = %s AND period = %s", (DATASET, PERIOD))


@pytest.fixture
def clean(instance: Running) -> Iterator[None]:
    """No delivery and no draft of the tests' day, before and after."""
    forget(instance)
    yield
    forget(instance)


@pytest.fixture
def page(browser: Browser, instance: Running, clean: None) -> Iterator[Page]:
    """The form, opened by the health department's editor, its table emptied of what was filled in."""
    page = new_page(browser)
    open_form(page, instance)
    page.get_by_role("button", name="Bỏ dòng chưa điền").click()
    expect(rows(page)).to_have_count(1)
    yield page
    page.context.close()


def open_form(page: Page, instance: Running) -> None:
    log_in_to_ckan(page, instance, instance.editor("so-y-te"))
    visit(page, instance.ckan_url + ADDRESS)
    expect(page.get_by_role("button", name="Thêm dòng")).to_be_visible()


def rows(page: Page) -> Locator:
    return page.locator(".ioc-grid tbody tr")


def cell(page: Page, row: int, column: int) -> Locator:
    """A cell by row and column, from 1."""
    return rows(page).nth(row - 1).get_by_role("gridcell").nth(column - 1)


def paste(page: Page, *lines: str) -> None:
    """Pastes a block at the first cell."""
    cell(page, 1, 1).click()
    page.evaluate(PASTE, "\n".join(lines))


def saved(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"Đã lưu lúc \d\d:\d\d"))).to_be_visible()


def test_cells_are_filled_by_keys_as_in_a_spreadsheet(page: Page) -> None:
    cell(page, 1, 1).click()
    page.keyboard.press("Tab")
    page.keyboard.type("16663")
    page.keyboard.press("Tab")
    page.keyboard.type("dien chau")  # by name, without marks
    page.keyboard.press("Tab")
    page.keyboard.type("Khoa")
    page.keyboard.press("Enter")
    expect(cell(page, 1, 1)).to_have_text("02/03/2020")
    expect(cell(page, 1, 3)).to_contain_text("40101")
    expect(cell(page, 1, 4)).to_contain_text("thuong")
    expect(cell(page, 2, 4)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("100")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("80")
    page.keyboard.press("Enter")
    expect(cell(page, 1, 5)).to_have_text("100")
    page.keyboard.press("Control+z")
    expect(cell(page, 1, 6)).to_have_text("")
    page.keyboard.press("Control+y")
    expect(cell(page, 1, 6)).to_have_text("80")


def test_a_block_is_pasted_copied_and_cleared(page: Page) -> None:
    paste(page, ROW, ROW.replace("40101", "TTYT Yên Thành"))
    expect(rows(page)).to_have_count(2)
    expect(cell(page, 2, 3)).to_contain_text("40102")
    cell(page, 1, 5).click()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Delete")
    expect(cell(page, 2, 5)).to_have_text("")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(cell(page, 2, 5)).to_have_text("100")


def test_a_block_whose_first_line_names_columns_goes_where_they_are(page: Page) -> None:
    paste(page, "Mã cơ sở\tGiường thực kê\tKhu điều trị\tMã xã nơi đặt cơ sở", "40101\t55\tHồi sức tích cực\t16663")
    expect(cell(page, 1, 5)).to_have_text("55")
    expect(cell(page, 1, 4)).to_contain_text("hoi-suc")
    expect(cell(page, 1, 1)).to_have_text("02/03/2020")


def test_a_huge_block_is_refused_with_the_limit(page: Page) -> None:
    paste(page, *[ROW] * 2500)
    expect(page.get_by_text("Bảng dán có 2500 dòng; biểu nhập nhận tối đa 2000 dòng.")).to_be_visible()
    expect(rows(page)).to_have_count(1)


def test_a_wrong_cell_is_marked_and_told_in_plain_words_until_it_is_right(page: Page) -> None:
    paste(page, ROW, "02/03/2020\t16663\t40102\tthuong\tmười\t80")
    expect(cell(page, 2, 5)).to_have_attribute("aria-invalid", "true")
    problem = page.get_by_role("listitem").filter(has_text="Dòng 2, Giường thực kê:")
    expect(problem).to_contain_text("không phải là số nguyên")
    problem.get_by_role("button").click()
    expect(cell(page, 2, 5)).to_be_focused()
    page.keyboard.type("90")
    page.keyboard.press("Enter")
    expect(cell(page, 2, 5)).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Không có lỗi: 2 dòng sẵn sàng nộp.")).to_be_visible()


def test_the_draft_saves_itself_and_is_there_again(page: Page) -> None:
    paste(page, ROW)
    saved(page)
    page.reload()
    expect(cell(page, 1, 5)).to_have_text("100")
    expect(rows(page)).to_have_count(1)


def test_of_two_editors_at_once_the_second_is_told_and_chooses(page: Page, browser: Browser, instance: Running) -> None:
    paste(page, ROW)
    saved(page)
    other = new_page(browser)
    open_form(other, instance)
    expect(cell(other, 1, 5)).to_have_text("100")
    cell(page, 1, 5).click()
    page.keyboard.type("111")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Chưa lưu")).to_have_count(0)
    saved(page)
    cell(other, 1, 5).click()
    other.keyboard.type("222")
    other.keyboard.press("Enter")
    expect(other.get_by_text("Không mất gì: bản của anh/chị đã được giữ riêng.")).to_be_visible()
    other.get_by_role("button", name="Xem bản của người kia").click()
    expect(other.get_by_role("dialog").get_by_role("cell", name="111")).to_be_visible()
    other.get_by_role("button", name="Đóng").click()
    other.get_by_role("button", name="Dùng bản của tôi").click()
    saved(other)
    other.reload()
    expect(cell(other, 1, 5)).to_have_text("222")
    other.locator("summary", has_text="Các bản đã lưu").click()
    expect(other.get_by_role("button", name="Dùng bản này").first).to_be_visible()
    other.context.close()


def test_an_ended_session_loses_nothing(page: Page, instance: Running) -> None:
    paste(page, ROW)
    saved(page)
    page.context.clear_cookies()
    cell(page, 1, 5).click()
    page.keyboard.type("333")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Phiên làm việc đã hết. Không mất gì")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Đăng nhập lại").click()
    account = instance.editor("so-y-te")
    page.locator("input[name=login]").fill(account.name)
    page.locator("input[name=password]").fill(account.password)
    page.locator("input[name=password]").press("Enter")
    expect(page.get_by_text("Đã lấy lại phần chưa lưu")).to_be_visible()
    expect(cell(page, 1, 5)).to_have_text("333")
    saved(page)


def test_on_a_phone_a_row_is_filled_in_as_a_card(browser: Browser, instance: Running, clean: None) -> None:
    page = new_page(browser, 390, 844)
    open_form(page, instance)
    page.get_by_role("button", name="Bỏ dòng chưa điền").click()
    page.get_by_label("Mã xã nơi đặt cơ sở").fill("16663")
    page.get_by_label("Mã cơ sở").fill("diễn châu")
    page.get_by_role("option", name="TTYT Diễn Châu").click()
    page.get_by_label("Khu điều trị").fill("Khoa thường")
    page.get_by_label("Giường thực kê").fill("-5")
    page.get_by_label("Giường đang sử dụng").fill("80")
    page.get_by_label("Giường đang sử dụng").blur()
    expect(page.get_by_text("nhỏ hơn mức thấp nhất").first).to_be_visible()
    page.get_by_label("Giường thực kê").fill("100")
    page.get_by_label("Giường thực kê").blur()
    expect(page.get_by_text("Không có lỗi: 1 dòng sẵn sàng nộp.")).to_be_visible()
    becomes(page, lambda: page.evaluate("document.documentElement.scrollWidth") <= 390, True)
    page.get_by_role("button", name="Thêm dòng").click()
    expect(page.get_by_label("Chọn dòng")).to_have_value("1")
    page.get_by_role("button", name="Dòng trước").click()
    expect(page.get_by_label("Giường thực kê")).to_have_value("100")
    saved(page)
    page.context.close()


def test_the_form_is_published_and_has_its_receipt(page: Page) -> None:
    paste(page, ROW)
    expect(page.get_by_text("Không có lỗi: 1 dòng sẵn sàng nộp.")).to_be_visible()
    page.get_by_role("button", name="Nộp số liệu", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Nộp số liệu").click()
    expect(page.locator("#bien-nhan").get_by_text("Đã tiếp nhận").first).to_be_visible(timeout=HARVESTED)


def test_mistakes_stop_before_publishing(page: Page) -> None:
    paste(page, ROW.replace("16663", "99999"))
    page.get_by_role("button", name="Nộp số liệu", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Nộp")).to_be_disabled()
    dialog.get_by_role("button", name="Quay lại").click()
    expect(cell(page, 1, 2)).to_have_attribute("aria-invalid", "true")


def test_nothing_to_report_is_declared_by_one_click_and_a_signature(page: Page, instance: Running) -> None:
    page.get_by_role("button", name="Không phát sinh số liệu").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Biên tập viên")
    dialog.get_by_role("button", name="Ký và khai báo").click()
    expect(page.locator("#bien-nhan")).to_contain_text(instance.editor("so-y-te").name, timeout=HARVESTED)
