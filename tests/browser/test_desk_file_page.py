"""The desk's page for a file in a real browser: what is said of a file is said of the one that is chosen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect

from tests.browser.portal import DATASET, becomes, delivery_file, log_in_to_ckan, new_page, visit
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PERIOD = "2020-03-03"
RIGHT = "{day};16663;40101;thuong;100;80"
WRONG = "{day};99999;40101;thuong;100;80"


@pytest.fixture
def page(browser: Browser, instance: Running) -> Iterator[Page]:
    """The page for a file of a day of which nothing was delivered, opened by the health department's editor; nothing is published."""
    page = new_page(browser)
    log_in_to_ckan(page, instance, instance.editor("so-y-te"))
    visit(page, f"{instance.ckan_url}/ioc/desk/{DATASET}/so-y-te/{PERIOD}")
    expect(page.get_by_role("button", name="Kiểm tra")).to_be_visible()
    yield page
    page.context.close()


def test_an_answer_about_a_file_chosen_before_says_nothing_of_the_file_chosen_now(page: Page, tmp_path: Path) -> None:
    held: list[Route] = []
    page.route("**/check", lambda route: held.append(route))
    page.get_by_label("Tệp số liệu").set_input_files(delivery_file(tmp_path / "dung.csv", PERIOD, RIGHT))
    page.get_by_role("button", name="Kiểm tra").click()
    becomes(page, lambda: len(held), 1)
    page.get_by_label("Tệp số liệu").set_input_files(delivery_file(tmp_path / "sai.csv", PERIOD, WRONG))
    page.unroute("**/check")
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status) if answer.url.endswith("/check") else None)
    with contextlib.suppress(Error):  # the page may have given it up
        held[0].continue_()
    becomes(page, lambda: answers, [200])
    page.wait_for_timeout(1000)
    expect(page.get_by_text("Tệp đúng, nộp được ngay")).to_have_count(0)
    expect(page.get_by_role("button", name="Nộp", exact=True)).to_be_disabled()

    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.get_by_role("row").filter(has_text="99999")).to_be_visible()
    expect(page.get_by_role("button", name="Nộp", exact=True)).to_be_disabled()
