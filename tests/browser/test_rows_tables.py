"""Tables of rows on the dashboard of data supply: titles and words where files hold codes, and empty cells that say so."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.portal import visit
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

SECONDS = 60_000
REPORTS = "Kỳ báo cáo đã đến hạn, chậm hoặc thiếu trước"
FRESHNESS = "Lần nhận cuối của từng bộ dữ liệu"
HEADERS = {
    REPORTS: [
        "Ngày đến hạn",
        "Cơ quan cung cấp",
        "Tên bộ dữ liệu",
        "Kỳ báo cáo",
        "Đã nộp",
        "Đúng hạn",
        "Dòng được nhận",
        "Dòng bị loại",
        "Đính chính sau thời hạn",
        "Tệp gốc",
    ],
    FRESHNESS: [
        "Ngày",
        "Cơ quan cung cấp",
        "Tên bộ dữ liệu",
        "Tần suất",
        "Lần nhận cuối",
        "Số ngày từ lần nhận cuối",
        "Độ mới",
        "Tệp gốc",
    ],
}
CODE = re.compile(r"^[a-z]+(-[a-z]+)+$|^\d{4}-")
"""A dataset's name, or a period as files write it."""
SHOWN = "(cell) => [getComputedStyle(cell).fontSize, getComputedStyle(cell, '::after').content]"


@pytest.fixture
def page(leader: Page, instance: Running) -> Page:
    leader.set_viewport_size({"width": 1366, "height": 3400})
    visit(leader, f"{instance.superset_url}/superset/dashboard/data-supply/")
    return leader


def frame(page: Page, heading: str) -> Locator:
    return page.locator(".dashboard-component-chart-holder").filter(has=page.get_by_text(heading, exact=True))


def test_tables_show_what_their_contract_names_in_words_and_no_codes(page: Page) -> None:
    for heading, headers in HEADERS.items():
        # The line of headers that stays in place while the rows move is a table of its own.
        expect(frame(page, heading).locator("thead").first.locator("th")).to_have_text(headers, timeout=SECONDS)
        expect(frame(page, heading).locator("tbody tr").first).to_be_visible(timeout=SECONDS)
        expect(frame(page, heading).locator("tbody td").get_by_text(CODE)).to_have_count(0)
    expect(frame(page, REPORTS).locator("tbody tr").first).to_contain_text("Không đúng hạn")


def test_an_empty_cell_says_so_in_the_pages_language(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    empty = frame(page, REPORTS).locator("td.dt-is-null").first
    expect(empty).to_be_visible(timeout=SECONDS)
    assert empty.evaluate(SHOWN) == ["0px", '"chưa có"']
