"""Scores and seasons in a real browser: several indicators against their targets, years over one another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.portal import becomes, new_page, point_at, visit
from tests.browser.trial_dashboard import Trial, layout, made_trial
from tests.running import Running

pytestmark = [pytest.mark.stack, pytest.mark.browser]

# Twelve months of two years; the months of 2026 are a tenth higher than those of 2025, of which November and December are missing.
YEARS = """
SELECT make_date(y, m, 1) AS period_starts, (1000 + 400 * sin(m)) * CASE y WHEN 2026 THEN 1.1 ELSE 1 END AS amount, 90 AS goal
FROM generate_series(2024, 2026) y, generate_series(1, 12) m WHERE make_date(y, m, 1) < date '2026-11-01'
"""
# Weeks from Mondays around the lunar new years; visits are highest in the week of mùng 1 Tết.
WEEKS = """
SELECT d::date AS period_starts,
    1000 + 4000 * exp(-power((d::date - t.day) / 12.0, 2)) + 8 * (EXTRACT(year FROM t.day) - 2023) * 30 AS amount
FROM (VALUES (date '2024-01-01', date '2024-12-15', date '2024-02-10'), (date '2024-12-16', date '2026-01-04', date '2025-01-29'),
    (date '2026-01-05', date '2026-11-15', date '2026-02-17')) AS t(a, b, day),
    generate_series(date_trunc('week', t.a::timestamp), t.b, '7 days') d
"""
SCORES = """
SELECT * FROM (VALUES (date '2026-09-01', 90.0, 95.0, 80, 55.0, 60.0), (date '2026-10-01', 96.5, 95.0, 20, 40.0, 60.0))
    AS t(period_starts, on_time, goal, overdue, digital, digital_goal)
"""
# No contract knows these indicators, so nothing is said of their supply.
LINE = {"calendar": "month", "direction": "up", "decimals": 1, "unit": "%"}
LINES = [
    {**LINE, "title": "Giải quyết đúng hạn", "metric": "on_time", "target_metric": "goal", "amber": 97},
    {**LINE, "title": "Hồ sơ trực tuyến toàn trình", "metric": "digital", "target_metric": "digital_goal"},
    {**LINE, "title": "Việc quá hạn", "metric": "overdue", "unit": "việc", "decimals": 0, "direction": "down"},
]
SEASON = {"viz_type": "ioc_season", "metric": "total", "x_axis": "period_starts", "unit": "lượt", "decimals": 0}


def make(trial: Trial) -> None:
    scores = {"viz_type": "ioc_scores", "calendar": "month", "x_axis": "period_starts", "lines": LINES}
    trial.chart("Ba chỉ số", _scores_dataset(trial), scores)
    trial.chart("Theo tháng", trial.dataset("trial_years", YEARS), {**SEASON, "calendar": "month"})
    trial.chart("Theo Tết", trial.dataset("trial_weeks", WEEKS), {**SEASON, "calendar": "week", "aligned": "tet"})
    scores_row = [(trial.charts["Ba chỉ số"], "Ba chỉ số", 12)]
    rows = [scores_row, [(trial.charts["Theo tháng"], "Theo tháng", 6), (trial.charts["Theo Tết"], "Theo Tết", 6)]]
    trial.show("Thử nghiệm so sánh", layout(rows, 46), {})


def _scores_dataset(trial: Trial) -> int:
    number = trial.dataset("trial_scores", SCORES)
    names = ("on_time", "goal", "overdue", "digital", "digital_goal")
    metrics = [{"metric_name": name, "expression": f"MAX({name})"} for name in names]
    trial.call("PUT", f"dataset/{number}?override_columns=false", {"metrics": metrics})
    return number


@pytest.fixture(scope="module")
def trial(instance: Running) -> Iterator[Trial]:
    with made_trial(instance, make) as trial:
        yield trial


@pytest.fixture(scope="module")
def board(browser: Browser, trial: Trial) -> Iterator[Page]:
    page = new_page(browser)
    visit(page, trial.address)
    expect(page.locator(".ioc-season-lines")).to_have_count(2)
    yield page
    page.context.close()


def test_each_line_of_scores_says_value_target_state_and_change(board: Page) -> None:
    lines = board.locator(".ioc-score")
    expect(lines).to_have_count(3)
    for number, state in enumerate(("watch", "bad", "neutral")):
        expect(lines.nth(number)).to_have_attribute("data-state", state)
    expect(lines.nth(0)).to_contain_text("sát ngưỡng")
    expect(lines.nth(1)).to_contain_text("chưa đạt")
    expect(lines.nth(1)).to_contain_text("giảm 15,0\u00a0điểm %")
    expect(lines.nth(2)).to_contain_text("chưa có mục tiêu")
    expect(board.locator(".ioc-scores-period")).to_have_text("Tháng 10/2026")


def test_a_season_says_how_the_last_period_stands_to_the_year_before(board: Page) -> None:
    first = board.locator(".ioc-season").nth(0)
    expect(first.locator(".ioc-season-sentence")).to_contain_text("Tháng 10/2026")
    expect(first.locator(".ioc-season-sentence")).to_contain_text("tăng 10,0\u00a0% so với cùng kỳ 2025")
    expect(first.locator(".ioc-years li")).to_have_text(["2026", "2025", "2024"])


def test_lunar_years_lie_over_one_another_at_the_new_year(board: Page) -> None:
    second = board.locator(".ioc-season").nth(1)
    expect(second.locator(".ioc-years li")).to_have_text(["Tết 2026", "Tết 2025", "Tết 2024"])
    expect(second.locator(".ioc-season-tet")).to_have_text("Tết")
    point_at(board, second.locator("svg.ioc-season-lines"), second.locator(".ioc-tip"), "của năm âm lịch")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (390, 844)])
def test_no_word_is_cut(browser: Browser, trial: Trial, width: int, height: int) -> None:
    page = new_page(browser, width, height)
    visit(page, trial.address)
    expect(page.locator(".ioc-score")).to_have_count(3)
    cut = "(found) => found.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)"
    words = page.locator(".ioc-score > span:not(.ioc-score-track)")
    becomes(page, lambda: words.evaluate_all(cut), [])  # letters are measured again once they are loaded
    page.context.close()
