"""The main job in a real browser: an editor uploads a file in CKAN and reads the receipt; a leader sees the new figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from datasets.model.calendar import ZONE
from tests.browser.portal import delivery_file, log_in_to_ckan, log_in_to_superset, new_page, open_form, take_back, upload, visit
from tests.running import Running

HARVESTED = 180_000
"""Milliseconds until a small file is checked and loaded where the machine is busy with others."""

pytestmark = [pytest.mark.stack, pytest.mark.browser]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = new_page(browser)
    yield page
    page.context.close()


@pytest.fixture
def today(instance: Running) -> Iterator[str]:
    """Today's period, with no delivery of the health department for it before and after."""
    period = datetime.now(ZONE).date().isoformat()
    take_back(instance, period)
    yield period
    take_back(instance, period)


def test_an_uploaded_file_gets_its_receipt_and_its_figure_reaches_the_leader(
    page: Page, browser: Browser, instance: Running, today: str, tmp_path: Path
) -> None:
    file = delivery_file(tmp_path / "giuong-benh.csv", today, "{day};16681;40101;thuong;87654;76543")
    log_in_to_ckan(page, instance, instance.editor("so-y-te"))
    open_form(page)
    upload(page, file, today)
    expect(page.get_by_text("Đã tiếp nhận").first).to_be_visible(timeout=HARVESTED)

    leader = new_page(browser, 1920, 1080)
    log_in_to_superset(leader, instance, instance.leader)
    visit(leader, f"{instance.superset_url}/superset/dashboard/health/")
    heading = leader.get_by_text("Giường bệnh: 500 dòng mới nhất", exact=True)
    heading.wait_for()
    heading.scroll_into_view_if_needed()
    expect(leader.get_by_text("87.654").first).to_be_visible()
    leader.context.close()


def test_a_file_with_mistakes_is_answered_in_vietnamese_by_row_and_column(
    page: Page, instance: Running, today: str, tmp_path: Path
) -> None:
    rows = [f"{{day}};16681;{number};thuong;100;80" for number in range(40101, 40141)]
    file = delivery_file(tmp_path / "giuong-benh.csv", today, *rows, "{day};99999;40199;thuong;100;80")
    log_in_to_ckan(page, instance, instance.editor("so-y-te"))
    open_form(page)
    upload(page, file, today)
    row = page.get_by_role("row").filter(has_text="99999")
    expect(row).to_be_visible(timeout=HARVESTED)
    expect(row).to_contain_text("42")
    expect(row).to_contain_text("ma_xa")
