"""The supply board in a real browser: found by what is seen, by mouse and keyboard, kept in the address, on a phone and on paper."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect

from tests.browser.portal import becomes, log_in_to_superset, new_page, visit
from tests.running import Running
from tests.small_supply import AGENCY, SUBSYSTEM, SmallSupply, small_supply

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PAGE_WIDTH = "() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
CUT = "(cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length"
ONLY_OURS = f"agency={AGENCY}&subsystem={SUBSYSTEM}&calendar=day"
REFRESHED = 90_000
"""Milliseconds after which the page has asked again by itself, every 30 seconds, on a machine with two busy cores."""


@pytest.fixture(scope="module")
def supply(instance: Running) -> Iterator[SmallSupply]:
    with small_supply(instance) as made:
        yield made


def go(page: Page, instance: Running, asked: str = ONLY_OURS) -> None:
    visit(page, f"{instance.superset_url}/ioc/supply/?{asked}")
    expect(page.locator(".ioc-supply-updated")).to_contain_text("Cập nhật")


def cell(page: Page, supply: SmallSupply, state: str) -> str:
    """Selector of the cell of the report that began in this state."""
    return f'[data-key="{supply.obligation}/{supply.periods[state]}"]'


def test_a_leader_finds_the_board_from_the_home_page_and_in_the_navigation(leader: Page, instance: Running, supply: SmallSupply) -> None:
    visit(leader, f"{instance.superset_url}/ioc/home/")
    card = leader.locator(".ioc-card").filter(has=leader.get_by_role("link", name="Cung cấp số liệu"))
    expect(card).to_contain_text("Báo cáo đang quá hạn")
    card.get_by_role("link").click()
    expect(leader.get_by_role("heading", name="Bảng theo dõi cung cấp số liệu")).to_be_visible()
    leader.locator("header.top").get_by_text("Trang chủ", exact=True).click()
    leader.wait_for_url("**/ioc/home/")
    leader.locator("header.top").get_by_text("Cung cấp số liệu", exact=True).click()
    leader.wait_for_url("**/ioc/supply/")


def test_three_seconds_tell_how_many_are_late_and_of_which_agencies(leader: Page, instance: Running, supply: SmallSupply) -> None:
    go(leader, instance)
    expect(leader.locator("h2.ioc-now")).to_have_text("2 báo cáo đang quá hạn của 1 cơ quan")
    expect(leader.locator(".ioc-now-agencies")).to_contain_text("Thanh tra tỉnh 2")
    figures = leader.locator(".ioc-now-figures")
    expect(figures).to_contain_text("60,0%3/5")
    expect(figures).to_contain_text("40,0%2/5")
    rates = leader.locator(".ioc-rates").first.locator("tbody tr")
    expect(rates).to_have_count(1)
    expect(rates).to_contain_text("60,0%3/5")
    expect(leader.locator(".ioc-rates").last).to_contain_text("An toàn thông tin")


def test_each_state_is_told_by_sign_and_words(leader: Page, instance: Running, supply: SmallSupply) -> None:
    go(leader, instance)
    words = {
        "late": "Trễ 2 ngày", "zero": "Đúng hạnkhông phát sinh", "rejects": "Đúng hạncó dòng lỗi", "returned": "Quá 3 ngàybị trả lại",
        "missing": "Quá 3 ngày", "excused": "Được gia hạn", "due_soon": "Sắp đến hạn",
    }  # fmt: skip
    for state, text in words.items():
        there = leader.locator(cell(leader, supply, state))
        expect(there).to_have_text(text)
        expect(there.locator("svg")).to_have_count(1)
    expect(leader.locator(cell(leader, supply, "returned"))).to_have_attribute(
        "aria-label", re.compile("^Thanh tra tỉnh, Thử cung cấp số liệu .*, .*: Quá hạn 3 ngày, bị trả lại$")
    )


def test_a_click_opens_the_obligation_and_its_address_can_be_sent(leader: Page, instance: Running, supply: SmallSupply) -> None:
    go(leader, instance)
    leader.locator(cell(leader, supply, "excused")).click()
    drawer = leader.get_by_role("dialog")
    for text in ("Điều 12", "Cán bộ cung cấp số liệu, Thanh tra tỉnh", "Trưởng Ban Chỉ đạo", "Mưa lũ, mất điện", "Được gia hạn, chưa nộp"):
        expect(drawer).to_contain_text(text)
    link = drawer.get_by_role("link", name="Mở bộ dữ liệu trên cổng")
    expect(link).to_have_attribute("href", f"{instance.ckan_url}/dataset/{supply.dataset}")
    expect(leader).to_have_url(re.compile(f"obligation=.*&period={supply.periods['excused']}"))
    address = leader.url
    visit(leader, "about:blank")
    visit(leader, address)
    expect(leader.get_by_role("dialog")).to_contain_text("Mưa lũ, mất điện")
    leader.keyboard.press("Escape")
    expect(leader.get_by_role("dialog")).to_have_count(0)
    expect(leader).not_to_have_url(re.compile("obligation="))  # a dialog tells that it closed a moment after it has gone


def test_the_report_that_was_opened_last_is_shown_though_the_answer_of_one_before_comes_after_it(
    leader: Page, instance: Running, supply: SmallSupply
) -> None:
    go(leader, instance)
    held: list[Route] = []
    leader.route(re.compile(f"report.json.*period={supply.periods['excused']}"), lambda route: held.append(route))
    leader.locator(cell(leader, supply, "excused")).click()
    expect(leader.get_by_role("dialog")).to_be_visible()
    becomes(leader, lambda: len(held), 1)
    leader.keyboard.press("Escape")
    expect(leader.get_by_role("dialog")).to_have_count(0)
    leader.locator(cell(leader, supply, "late")).click()
    expect(leader.get_by_role("dialog")).to_contain_text("Nộp trễ 2 ngày, đạt")
    with contextlib.suppress(Error):  # the page asks no more for it
        held[0].continue_()
    leader.wait_for_timeout(1000)
    expect(leader.get_by_role("dialog")).to_contain_text("Nộp trễ 2 ngày, đạt")
    expect(leader).to_have_url(re.compile(f"period={supply.periods['late']}"))


def test_the_keyboard_goes_over_the_cells_opens_one_and_comes_back(leader: Page, instance: Running, supply: SmallSupply) -> None:
    go(leader, instance)
    leader.locator(cell(leader, supply, "returned")).focus()
    leader.keyboard.press("ArrowRight")
    missing = leader.locator(cell(leader, supply, "missing"))
    expect(missing).to_be_focused()
    leader.keyboard.press("End")
    expect(leader.locator(cell(leader, supply, "due_soon"))).to_be_focused()
    leader.keyboard.press("Home")
    expect(leader.locator(cell(leader, supply, "late"))).to_be_focused()
    leader.keyboard.press("ArrowUp")  # nothing above: it stays
    expect(leader.locator(cell(leader, supply, "late"))).to_be_focused()
    leader.keyboard.press("Enter")
    expect(leader.get_by_role("dialog")).to_contain_text("Nộp trễ 2 ngày, đạt")
    leader.keyboard.press("Escape")
    expect(leader.locator(cell(leader, supply, "late"))).to_be_focused()
    expect(leader.locator("td[tabindex='0']")).to_have_count(1)


def test_filters_stand_in_the_address_and_the_way_back_undoes_them(leader: Page, instance: Running, supply: SmallSupply) -> None:
    go(leader, instance, f"subsystem={SUBSYSTEM}")
    leader.get_by_label("Hiển thị").select_option("Chỉ bộ dữ liệu đang quá hạn")
    expect(leader).to_have_url(re.compile(f"subsystem={SUBSYSTEM}&late=now"))
    expect(leader.locator(cell(leader, supply, "late"))).to_be_visible()
    leader.get_by_label("Loại kỳ").select_option("day")
    expect(leader).to_have_url(re.compile("calendar=day"))
    leader.reload()
    expect(leader.get_by_label("Hiển thị")).to_have_value("now")
    expect(leader.get_by_label("Phân hệ")).to_have_value(SUBSYSTEM)
    leader.go_back()
    expect(leader).not_to_have_url(re.compile("calendar=day"))
    leader.get_by_role("button", name="Bỏ lọc").click()
    expect(leader).to_have_url(f"{instance.superset_url}/ioc/supply/")


def test_where_nothing_is_owed_the_page_says_so(leader: Page, instance: Running, supply: SmallSupply) -> None:
    go(leader, instance, f"{ONLY_OURS}&to=2020-01")
    expect(leader.locator("h2.ioc-now")).to_have_text("Chưa có báo cáo nào phải nộp trong các kỳ đang xem")
    expect(leader.get_by_text("Không có nghĩa vụ nào khớp với bộ lọc.")).to_be_visible()


def test_an_address_that_cannot_be_read_is_answered_in_words(leader: Page, instance: Running) -> None:
    visit(leader, f"{instance.superset_url}/ioc/supply/?from=11/2026")
    expect(leader.get_by_role("alert").filter(has_text="hãy viết tháng theo dạng")).to_be_visible()
    leader.get_by_role("button", name="Bỏ lọc").click()
    expect(leader.locator(".ioc-supply-problem")).to_be_hidden()


def test_the_page_follows_the_store_by_itself(leader: Page, instance: Running) -> None:
    with small_supply(instance) as other:
        go(leader, instance)
        there = leader.locator(cell(leader, other, "missing"))
        expect(there).to_have_text("Quá 3 ngày")
        there.focus()
        other.event("missing", "accepted", 0, details={"accepted": 5, "rejected": 0})
        expect(there).to_have_text("Trễ 3 ngày", timeout=REFRESHED)
        expect(there).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768)])
def test_no_cell_is_cut_and_the_page_does_not_move_sideways(
    browser: Browser, instance: Running, supply: SmallSupply, width: int, height: int
) -> None:
    page = new_page(browser, width, height)
    log_in_to_superset(page, instance, instance.leader)
    for asked in ("", ONLY_OURS):
        go(page, instance, asked)
        becomes(page, lambda: page.locator("td.ioc-cell").evaluate_all(CUT), 0)
        becomes(page, lambda: page.evaluate(PAGE_WIDTH) <= width, True)
    page.context.close()


def test_on_a_phone_it_is_a_list_by_agency(browser: Browser, instance: Running, supply: SmallSupply) -> None:
    page = new_page(browser, 390, 844)
    log_in_to_superset(page, instance, instance.leader)
    go(page, instance, "")
    becomes(page, lambda: page.evaluate(PAGE_WIDTH) <= 390, True)
    go(page, instance)
    fold = page.locator("details").filter(has_text="Thanh tra tỉnh")
    expect(fold).to_have_attribute("open", "")
    expect(fold.locator("summary")).to_contain_text("2 quá hạn3/5")
    chip = page.locator(cell(page, supply, "late"))
    smaller_side = "(chip) => Math.min(chip.getBoundingClientRect().width, chip.getBoundingClientRect().height)"
    becomes(page, lambda: chip.evaluate(smaller_side) >= 40, True)
    chip.click()
    expect(page.get_by_role("dialog")).to_contain_text("Nộp trễ 2 ngày, đạt")
    becomes(page, lambda: page.evaluate(PAGE_WIDTH) <= 390, True)
    page.context.close()


def test_it_prints_without_the_navigation(leader: Page, instance: Running, supply: SmallSupply) -> None:
    go(leader, instance)
    leader.emulate_media(media="print")
    expect(leader.locator("#app")).to_be_hidden()
    expect(leader.get_by_role("button", name="In", exact=True)).to_be_hidden()
    expect(leader.locator("h2.ioc-now")).to_be_visible()
    expect(leader.locator(cell(leader, supply, "missing"))).to_be_visible()
