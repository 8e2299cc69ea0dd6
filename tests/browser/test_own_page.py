"""The portal's pages of an account in a real browser: an editor's own page, and tokens that are made and revoked there."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from datasets.model.calendar import ZONE
from tests.browser.portal import DATASET, log_in_to_ckan, new_page, visit
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

AGENCY = "benh-vien-huu-nghi-da-khoa"


@pytest.fixture
def page(browser: Browser, instance: Running) -> Iterator[Page]:
    """The own page of the general hospital's editor, opened by the name in the head of the portal."""
    page = new_page(browser)
    account = instance.editor(AGENCY)
    log_in_to_ckan(page, instance, account)
    page.locator(f"header a[href$='/user/{account.name}']").click()
    expect(page.get_by_role("heading", name="Việc của anh/chị")).to_be_visible()
    yield page
    page.context.close()


def test_an_editor_sees_agency_and_role_and_goes_on_to_the_desk(page: Page) -> None:
    main = page.get_by_role("main")
    expect(main.get_by_role("listitem").filter(has_text="biên tập viên, nộp số liệu")).to_be_visible()
    expect(main.get_by_role("link", name="Sửa thông tin")).to_be_visible()
    main.get_by_role("link", name="Mở bàn nộp").click()
    expect(page.get_by_role("heading", level=1, name="Bàn nộp số liệu")).to_be_visible()


def test_a_token_is_made_and_revoked(page: Page) -> None:
    name = f"thu-{uuid.uuid4().hex[:8]}"
    page.get_by_role("link", name="Xem các mã").click()
    page.locator("input#field-name, input[name=name]").first.fill(name)
    page.locator("button[value=create]").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_be_visible()
    revoke = page.locator("#revoke-tokens-button")
    expect(revoke).to_be_disabled()
    row.get_by_role("checkbox").check()
    expect(revoke).to_be_enabled()
    revoke.click()
    page.locator(".modal-footer .btn-primary").click()
    expect(row).to_have_count(0)
    expect(revoke).to_be_disabled()
    page.reload()
    expect(page.locator("#api-tokens-table")).to_be_visible()
    expect(row).to_have_count(0)


def test_deliveries_of_a_dataset_are_told_apart_by_agency_and_period(page: Page, instance: Running) -> None:
    visit(page, f"{instance.ckan_url}/dataset/{DATASET}")
    newest = page.locator("#dataset-resources .ioc-deliveries").first.get_by_role("listitem")
    expect(newest.first).to_contain_text(", ngày ")
    older = page.locator("#dataset-resources details")
    expect(newest).to_have_count(10)
    expect(older.get_by_role("listitem").first).to_be_hidden()
    older.locator("summary").click()
    expect(older.get_by_role("listitem").first).to_be_visible()


def test_a_report_on_paper_writes_its_days_out(page: Page, instance: Running) -> None:
    yesterday = datetime.now(ZONE).date() - timedelta(days=1)
    visit(page, f"{instance.ckan_url}/ioc/desk/{DATASET}/{AGENCY}/{yesterday}")
    on_screen = page.locator(".ioc-desk-facts").get_by_text("17:00 hôm qua", exact=True)
    in_full = page.locator(".ioc-desk-facts").get_by_text(f"17:00 {yesterday:%d/%m/%Y}", exact=True)
    expect(on_screen).to_be_visible()
    expect(in_full).to_be_hidden()
    expect(page.locator(".ioc-paper:visible")).to_have_count(0)
    page.emulate_media(media="print")
    expect(in_full).to_be_visible()
    expect(on_screen).to_be_hidden()
    expect(page.locator("header.ioc-header")).to_be_hidden()
