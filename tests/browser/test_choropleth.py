"""The map by unit: what it shows is what the rows say, a click filters the dashboard, and it works for everyone and in the chart editor."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.portal import becomes, log_in_to_superset, new_page, point_at, visit
from tests.browser.trial_dashboard import Trial, made_trial, make_charts
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

UNIT = ".ioc-unit"
COMMUNES = 130
WHERE = """(chart) => {
    const map = chart.querySelector("svg").getBoundingClientRect(), legend = chart.querySelector(".ioc-legend").getBoundingClientRect();
    return {"map inside": map.left >= 0 && map.right <= 390, "legend below": legend.top >= map.bottom};
}"""


@pytest.fixture(scope="module")
def trial(instance: Running) -> Iterator[Trial]:
    with made_trial(instance, make_charts) as trial:
        yield trial


@pytest.fixture
def board(leader: Page, trial: Trial) -> Page:
    """The trial dashboard, opened anew by the leader."""
    visit(leader, trial.address)
    expect(leader.locator(UNIT)).to_have_count(COMMUNES)
    return leader


def unit(page: Page, words: str) -> Locator:
    """The unit of the map of which these words are said."""
    return page.locator(f"{UNIT}[aria-label*='{words}']")


def test_values_zero_and_missing_are_told_apart(board: Page) -> None:
    expect(board.locator(f"{UNIT}[data-state=missing]")).to_have_count(1)
    expect(unit(board, "Không có số liệu")).to_have_attribute("fill", re.compile(r"url\(#ioc-hatch-\d+\)"))
    zero = unit(board, ", 0,0\u00a0ca,")
    expect(zero).to_have_attribute("data-state", "value")
    expect(unit(board, "Hạng 1/129")).to_have_attribute("aria-label", "Xã Lam Thành, 130,0\u00a0ca, Hạng 1/129, Tháng 11/2026")


def test_the_legend_counts_every_unit_once(board: Page) -> None:
    entries = board.locator(".ioc-legend li:has(.ioc-swatch)")
    becomes(board, lambda: sum(int(text) for text in entries.locator(".ioc-count").all_inner_texts()), COMMUNES)
    words = entries.locator("span:nth-child(2)").all_inner_texts()
    assert words[-1] == "không có số liệu"
    assert words[0].startswith("từ ")
    assert words[0].endswith(" trở lên")
    assert 5 <= len(words) <= 6


def test_the_pointer_reads_a_unit_in_vietnamese(board: Page) -> None:
    tip = board.locator(".ioc-tip")
    point_at(board, unit(board, "Xã Lam Thành"), tip, "Xã Lam Thành")
    expect(tip).to_contain_text("130,0\u00a0ca")
    expect(tip).to_contain_text("Hạng 1/129")
    expect(tip).to_contain_text("Tháng 11/2026")


def test_one_steps_back_to_the_period_before(board: Page) -> None:
    expect(board.locator(".ioc-period")).to_have_text("Tháng 11/2026")
    expect(board.get_by_label("Kỳ sau")).to_be_disabled()
    board.get_by_label("Kỳ trước").click()
    expect(board.locator(".ioc-period")).to_have_text("Tháng 10/2026")
    expect(unit(board, "Xã Lam Thành")).to_have_attribute("aria-label", "Xã Lam Thành, 65,0\u00a0ca, Hạng 1/130, Tháng 10/2026")
    expect(board.get_by_label("Kỳ trước")).to_be_disabled()


def test_a_click_filters_the_dashboard_and_a_second_click_ends_it(board: Page) -> None:
    rows = board.locator(".superset-chart-table tbody tr")
    expect(rows).to_have_count(10)
    unit(board, "Xã Lam Thành").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Xã Lam Thành")
    expect(unit(board, "Xã Lam Thành")).to_have_attribute("aria-pressed", "true")
    expect(board.locator(UNIT)).to_have_count(COMMUNES)
    expect(board.locator(f"{UNIT}[data-state=value]"), "the map itself must keep its units").to_have_count(COMMUNES - 1)
    unit(board, "Xã Lam Thành").click()
    expect(rows).to_have_count(10)
    expect(unit(board, "Xã Lam Thành")).to_have_attribute("aria-pressed", "false")


def test_a_map_whose_code_comes_late_filters_the_same_charts(leader: Page, trial: Trial) -> None:
    def later(route: Route) -> None:
        time.sleep(4)  # a slow line: the dashboard and its charts are there long before
        route.continue_()

    leader.route("**/ioc/charts/*/choropleth.js", later)
    visit(leader, trial.address)
    expect(leader.locator(UNIT)).to_have_count(COMMUNES)
    unit(leader, "Xã Lam Thành").click()
    expect(leader.locator(".superset-chart-table tbody tr")).to_have_count(1)
    expect(leader.locator(f"{UNIT}[data-state=value]"), "the map itself must keep its units").to_have_count(COMMUNES - 1)


def test_the_keyboard_moves_between_units_and_filters(board: Page) -> None:
    expect(board.locator(f"{UNIT}[tabindex='0']")).to_have_count(1)
    board.locator(f"{UNIT}[tabindex='0']").focus()
    first = board.evaluate("document.activeElement.getAttribute('aria-label')")
    names = set()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        board.keyboard.press(key)
        names.add(board.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert names - {first}
    reached = board.evaluate("document.activeElement.getAttribute('aria-label')").split(",")[0]
    expect(board.locator(".ioc-tip")).to_contain_text(reached)
    board.keyboard.press("Enter")
    rows = board.locator(".superset-chart-table tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text(reached)
    board.locator(f"{UNIT}[aria-pressed=true]").focus()
    board.keyboard.press("Escape")
    expect(rows).to_have_count(10)


def test_everyone_sees_the_map_of_an_open_dashboard(browser: Browser, trial: Trial) -> None:
    page = new_page(browser)
    visit(page, trial.address)
    expect(page.locator(UNIT)).to_have_count(COMMUNES)
    expect(unit(page, "Xã Lam Thành, 130,0\u00a0ca")).to_be_visible()
    page.context.close()


def test_the_map_fits_a_phone_with_its_legend_below(browser: Browser, trial: Trial) -> None:
    page = new_page(browser, 390, 844)
    visit(page, trial.address)
    expect(page.locator(UNIT)).to_have_count(COMMUNES)
    becomes(page, lambda: page.locator(".ioc-choropleth").evaluate(WHERE), {"map inside": True, "legend below": True})
    page.context.close()


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("vi", ("Số bậc màu", "Cấp đơn vị")),
        ("en", ("Classes of colour", "Level of units")),
        ("fr", ("Classes de couleur", "Niveau des unités")),
    ],
)
def test_the_chart_editor_offers_its_controls_in_three_languages(
    browser: Browser, instance: Running, trial: Trial, locale: str, words: tuple[str, str]
) -> None:
    page = new_page(browser)
    log_in_to_superset(page, instance, instance.superset_admin)
    visit(page, f"{instance.superset_url}/lang/{locale}")
    visit(page, f"{instance.superset_url}/explore/?slice_id={trial.charts['Bản đồ']}")
    expect(page.locator(UNIT)).to_have_count(COMMUNES)
    for label in words:
        expect(page.get_by_text(label).first).to_be_attached()
    page.context.close()
