"""Honest tiles, maps and rankings: grey within one refresh when a dataset is late, in their colour again after the delivery.

The dashboard is that of a subsystem of the test's own, which refreshes itself as shipped ones do; nobody reloads the page.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from datasets.model.calendar import ZONE
from tests.browser.portal import becomes, leader_context_of, log_in_to_superset, new_page, visit
from tests.running import Running
from tests.stack.supply_trial import HEALTH, HOSPITAL, SupplyTrial, supply_trial

pytestmark = [pytest.mark.stack, pytest.mark.browser]

HOLDER = ".dashboard-component-chart-holder"
ONE_REFRESH = 90_000
"""Milliseconds: the dashboard's 30 seconds, and the time that its charts take on a machine with two busy cores."""
OVERFLOWS = "(element) => [...element.querySelectorAll('*'), element].some((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)"
CUT_BELOW = "(tile) => [...tile.children].some((e) => e.getBoundingClientRect().bottom > tile.getBoundingClientRect().bottom + 1)"
FILLS = "(units) => [...new Set(units.map((unit) => unit.getAttribute('fill')))]"
FACTS = "/ioc/supply/indicators.json"


@pytest.fixture(scope="module")
def trial(instance: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupplyTrial]:
    with supply_trial(instance, tmp_path_factory.mktemp("contracts")) as trial:
        yield trial


@pytest.fixture
def in_time(trial: SupplyTrial) -> SupplyTrial:
    """Nothing of today is due."""
    trial.due("%", "%", trial.today, dt.datetime.now(ZONE) + dt.timedelta(days=2))
    trial.due("%", "%", trial.yesterday, dt.datetime.now(ZONE) - dt.timedelta(hours=3))
    return trial


@pytest.fixture(scope="module")
def laptop(browser: Browser, instance: Running) -> Iterator[BrowserContext]:
    """A laptop on which the leader is logged in."""
    context = leader_context_of(browser, instance, 1366, 1500)
    yield context
    context.close()


@pytest.fixture
def board(laptop: BrowserContext, trial: SupplyTrial) -> Iterator[Page]:
    """The dashboard as the leader sees it, opened anew, with all of it on the screen."""
    page = laptop.new_page()
    visit(page, trial.address)
    expect(page.locator(".ioc-tile")).to_have_count(4)
    yield page
    page.close()


def tile(page: Page, title: str) -> Locator:
    return page.locator(HOLDER).filter(has_text=title).locator(".ioc-tile")


def test_a_late_dataset_greys_all_that_rests_on_it_within_one_refresh_and_a_delivery_brings_the_colour_back(
    board: Page, in_time: SupplyTrial
) -> None:
    share, others = tile(board, "Mẫu đạt chuẩn"), tile(board, "Tử vong do bệnh hiếm")
    whole = board.locator(".ioc-choropleth, .ioc-ranking")
    expect(share).to_have_attribute("data-state", "good", timeout=ONE_REFRESH)
    expect(board.locator("[data-state=judged]")).to_have_count(2)
    expect(whole).to_have_count(2)
    coloured = board.locator(".ioc-unit[data-state=value]").first.get_attribute("fill")

    in_time.due("samples", HEALTH, in_time.today, dt.datetime.now(ZONE) - dt.timedelta(hours=1))
    expect(share).to_have_attribute("data-state", "grey", timeout=ONE_REFRESH)
    expect(share).to_contain_text("Sở Y tế chưa gửi “Mẫu nước theo ngày”")
    expect(board.locator(".ioc-choropleth[data-reason=late_data], .ioc-ranking[data-reason=late_data]")).to_have_count(2)
    expect(board.locator(".ioc-supply-banner")).to_have_count(2)
    becomes(board, lambda: board.locator(f".ioc-unit[data-state=value]:not([fill='{coloured}'])").count() > 0, True)
    expect(board.locator(f".ioc-unit[data-state=value][fill='{coloured}']")).to_have_count(0)
    becomes(board, lambda: len(board.locator(".ioc-unit[data-state=value]").evaluate_all(FILLS)), 1)
    expect(board.locator(".ioc-bar-grey")).to_have_count(2)
    expect(others, "what rests on other data keeps its colour").to_have_attribute("data-state", "good")

    in_time.deliver("samples", HEALTH, in_time.today, "{day};17011;40;38")
    expect(share).to_have_attribute("data-state", "good", timeout=ONE_REFRESH)
    expect(board.locator("[data-state=judged]")).to_have_count(2)
    share.locator(".ioc-tile-more").hover()  # a tile without room for a line has it among its details
    expect(share).to_contain_text(f"{in_time.today:%d/%m/%Y} đến nay: 95,0")


def test_a_refresh_asks_for_the_facts_once_for_all_charts(browser: Browser, instance: Running, in_time: SupplyTrial) -> None:
    page = new_page(browser, 1366, 1500)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if FACTS in request.url else None)
    log_in_to_superset(page, instance, instance.leader)
    visit(page, in_time.address)
    expect(page.locator(".ioc-tile[data-state=good]").first).to_be_visible()
    expect(page.locator("[data-state=judged], .ioc-choropleth[data-state=grey], .ioc-ranking[data-state=grey]")).to_have_count(2)
    assert len(asked) == 1, asked
    page.context.close()


def test_zero_is_shown_and_judged_and_missing_says_that_nothing_is_there(board: Page, in_time: SupplyTrial) -> None:
    zero = tile(board, "Tử vong do bệnh hiếm")
    expect(zero.locator(".ioc-figure")).to_have_text("0\u00a0ca")
    expect(zero).to_have_attribute("data-state", "good")
    missing = tile(board, "Ca hiếm được xét nghiệm")
    expect(missing).to_have_attribute("data-reason", "no_value")
    expect(missing).to_contain_text("Không có số liệu")


def test_a_small_number_has_no_colour_and_says_so(board: Page, in_time: SupplyTrial) -> None:
    few = tile(board, "Ca hiếm đã khỏi")
    expect(few.locator(".ioc-figure")).to_have_text("80,0\u00a0%")
    expect(few).to_have_attribute("data-state", "neutral")
    expect(few).to_contain_text("Số nhỏ, có thể do ngẫu nhiên")


def test_a_share_prints_its_denominator_and_a_tile_its_coverage_age_and_status(board: Page, in_time: SupplyTrial) -> None:
    share = tile(board, "Mẫu đạt chuẩn")
    expect(share).to_have_attribute("data-state", "good", timeout=ONE_REFRESH)
    expect(share).to_contain_text("117 / 120\u00a0mẫu")  # 99 of 100 and 18 of 20
    expect(share).to_contain_text("2/2 cơ quan · nhận")
    expect(share).to_contain_text("(sơ bộ)")
    share.locator(".ioc-tile-more").focus()
    expect(share.locator(".ioc-tile-all")).to_contain_text("Mẫu số: số mẫu 120")
    board.keyboard.press("Escape")
    expect(share.locator(".ioc-tile-all")).to_have_count(0)


def test_agencies_that_are_missing_make_a_figure_grey_and_are_counted(board: Page, in_time: SupplyTrial) -> None:
    share = tile(board, "Mẫu đạt chuẩn")
    with in_time.instance.store() as store:
        store.execute(
            "INSERT INTO supply.report (obligation, period, starts, ends, due_at) SELECT obligation, '2000-01-01', %s, %s, %s"
            " FROM supply.obligation WHERE dataset = 'supply-trial-samples' AND agency = %s",
            (in_time.yesterday, in_time.today, dt.datetime.now(ZONE) - dt.timedelta(hours=4), HOSPITAL),
        )
    try:
        expect(share).to_have_attribute("data-reason", "incomplete", timeout=ONE_REFRESH)
        expect(share).to_contain_text("Mới có 2/3 cơ quan")
        expect(board.locator(".ioc-choropleth[data-reason=incomplete], .ioc-ranking[data-reason=incomplete]")).to_have_count(2)
    finally:
        with in_time.instance.store() as store:
            store.execute("DELETE FROM supply.report WHERE period = '2000-01-01'")
    expect(share).to_have_attribute("data-state", "good", timeout=ONE_REFRESH)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (390, 844)])
def test_the_reason_is_told_whole_to_everyone_on_every_screen(browser: Browser, in_time: SupplyTrial, width: int, height: int) -> None:
    in_time.due("samples", HOSPITAL, in_time.today, dt.datetime.now(ZONE) - dt.timedelta(hours=1))
    page = new_page(browser, width, height)
    visit(page, in_time.open_address)
    share = tile(page, "Mẫu đạt chuẩn")
    expect(share).to_have_attribute("data-state", "grey")
    expect(share).to_contain_text("Bệnh viện Sản Nhi chưa gửi “Mẫu nước theo ngày”")
    becomes(page, lambda: share.evaluate(OVERFLOWS), False)  # letters are measured again once they are loaded
    becomes(page, lambda: share.evaluate(CUT_BELOW), False)
    expect(share).to_have_attribute("aria-label", re.compile("Chưa đánh giá: Bệnh viện Sản Nhi"))
    page.context.close()
