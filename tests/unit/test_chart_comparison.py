"""Scores and seasons as Node computes them: lines against their targets, years over one another, with figures worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from datasets.demonstration.world import tet
from tests.unit.test_chart_figures import NODE, run

pytestmark = [pytest.mark.unit, pytest.mark.skipif(NODE is None, reason="no Node.js here")]

LINE = {
    "title": "Đúng hạn",
    "indicator": "documents.on-time",
    "metrics": {"value": "on_time", "target": "goal", "numerator": None, "denominator": None, "isCount": False},
    "look": {"calendar": "month", "unit": "%", "decimals": 1, "direction": "up", "amber": 97, "scale": 100, "proposed": False, "note": ""},
}
COUNTED = {
    "title": "Quá hạn",
    "indicator": "documents.overdue",
    "metrics": {"value": "overdue", "target": None, "numerator": None, "denominator": None, "isCount": True},
    "look": {"calendar": "month", "unit": "việc", "decimals": 0, "direction": "down", "amber": None, "scale": 100, "proposed": False},
}
ROWS = [
    {"period_starts": "2026-09-01", "on_time": 90.0, "goal": 95, "overdue": 80},
    {"period_starts": "2026-10-01", "on_time": 96.0, "goal": 95, "overdue": 20},
]


def lines(rows: list[dict[str, Any]], facts: str = "false") -> Any:
    script = f"""const {{ scoreLines, commonPeriod }} = await load('scores_data');
    const found = scoreLines(rows, lines, {facts}); console.log(JSON.stringify([found, commonPeriod(found)]))"""
    return run(script, rows=rows, lines=[LINE, COUNTED])


def test_a_line_is_held_against_its_target_in_words_and_length() -> None:
    (first, second), common = lines(ROWS)
    assert common == "Tháng 10/2026"
    assert (first["value"], first["look"], first["verdict"]["words"]) == ("96,0", "watch", "sát ngưỡng")
    # A share's full width is 100 %; a count's without a target is the highest it has been.
    assert (first["share"], first["target"]) == (0.96, 0.95)
    assert (second["value"], second["look"], second["share"], second["target"]) == ("20", "neutral", 0.25, None)
    assert second["verdict"]["words"] == "chưa có mục tiêu"
    assert first["change"]["words"] == "tăng 6,0\u00a0điểm %"


def test_a_line_without_a_value_says_so_and_the_others_stay() -> None:
    (first, second), common = lines([{**row, "on_time": None} for row in ROWS])
    assert (first["value"], first["verdict"]["words"], first["share"]) == (None, "Không có số liệu từ Tháng 9/2026", 0)
    assert second["value"] == "20"
    assert common == "Tháng 10/2026"


def test_a_line_of_which_the_supply_is_not_known_is_grey() -> None:
    (first, _), _ = lines(ROWS, "null")
    assert (first["look"], first["reason"]) == ("grey", "unknown")
    assert "không đọc được tình trạng" in first["verdict"]["why"]


@pytest.mark.parametrize(("width", "each", "size"), [(600, 55, 16), (330, 66, 14), (600, 30, 11)])
def test_letters_of_two_rows_are_as_large_as_their_line_allows(width: int, each: int, size: int) -> None:
    """One row of title: size 16 needs 18 * 1.2 + 13 * 1.2 + 17 = 54.2 pixels; 14 with two rows 28 * 1.2 + 12 * 1.2 + 17 = 65."""
    script = """const { lettersOfTwoRows } = await load('scores_data');
    const line = { title: 'Người chết/100.000 dân', value: '0,32', unit: 'người/100.000 dân' };
    const measure = (text, size) => text.length * size * 0.56;
    console.log(JSON.stringify(lettersOfTwoRows([line], width, each, measure)))"""
    assert run(script, width=width, each=each) == size


@pytest.mark.parametrize(("width", "size"), [(600, 16), (330, 14)])
def test_a_period_of_its_own_stands_behind_the_title_where_there_is_room(width: int, size: int) -> None:
    """At 600 pixels title and period are one row as the title alone is; at 330 they are two."""
    script = """const { lettersOfTwoRows } = await load('scores_data');
    const line = { title: 'Người chết', value: '0,32', unit: '%', period: 'Tháng 10/2026' };
    const measure = (text, size) => text.length * size * 0.56;
    const own = { ...line, period: 'Hiện nay (mô phỏng) và từ đầu năm' };
    console.log(JSON.stringify(lettersOfTwoRows([line, line, own], width, each, measure)))"""
    assert run(script, width=width, each=55 if width == 600 else 66) == size


@pytest.mark.parametrize(("width", "two"), [(800, False), (500, True)])
def test_a_line_has_two_rows_where_no_bar_has_room_beside_its_words(width: int, two: bool) -> None:
    """The title is 144 pixels, the value 36 and its unit 12, the state 56, the change 97: 345, and 62 of gaps: 150 are left of 557."""
    script = """const { needsTwoRows } = await load('scores_data'); const measure = (text, size) => text.length * size * 0.5;
    const line = { title: 'Hồ sơ trên mạng xã', value: '61,3', unit: '%', verdict: { sign: '✗', words: 'chưa đạt' },
        change: { arrow: '▼', words: 'giảm 0,3 điểm' } };
    console.log(JSON.stringify(needsTwoRows([line], width, 16, measure)))"""
    assert run(script, width=width) is two


def test_lunar_new_years_are_those_of_the_package_of_holidays() -> None:
    script = """const { KNOWN_YEARS, lunarNewYear } = await load('lunar_new_year');
    console.log(JSON.stringify(KNOWN_YEARS.map((year) => [year, new Date(lunarNewYear(year)).toISOString().slice(0, 10)])))"""
    known = dict(run(script))
    assert min(known) <= 2015
    assert max(known) >= 2036
    assert known == {year: tet(year).isoformat() for year in known}


def places(days: list[str], calendar: str, aligned: str) -> list[Any]:
    script = """const { place } = await load('season_data');
    console.log(JSON.stringify(days.map((one) => place(Date.parse(`${one}T00:00:00Z`), calendar, aligned))))"""
    found: list[Any] = run(script, days=days, calendar=calendar, aligned=aligned)
    return found


def test_years_begin_with_january_or_with_the_lunar_new_year() -> None:
    assert places(["2026-01-01", "2026-03-01"], "month", "year") == [{"year": 2026, "at": 0}, {"year": 2026, "at": 59}]
    # The week from 29 December 2025 has its Thursday on 1 January 2026.
    assert places(["2025-12-29"], "week", "year") == [{"year": 2026, "at": -3}]
    # Tết 2026 is 17 February, Tết 2025 29 January: six weeks before Tết are told with it.
    found = places(["2026-02-17", "2026-01-06", "2026-01-05", "2025-01-29"], "day", "tet")
    assert found == [{"year": 2026, "at": 0}, {"year": 2026, "at": -42}, {"year": 2025, "at": 341}, {"year": 2025, "at": 0}]


def sentence(periods: list[tuple[str, float]], **look: Any) -> str:
    asked = {"calendar": "month", "aligned": "year", "unit": "lượt", "decimals": 0, **look}
    script = """const { seasonPeriods, seasonSentence, yearsOf } = await load('season_data');
    const years = yearsOf(seasonPeriods(rows, 'value'), look.calendar, look.aligned);
    console.log(JSON.stringify(seasonSentence(years, look)))"""
    said: str = run(script, rows=[{"period_starts": day, "value": value} for day, value in periods], look=asked)
    return said


def test_the_last_period_is_held_against_the_same_time_a_year_before() -> None:
    # 330 / 300 = 1.10
    assert sentence([("2025-10-01", 300), ("2026-09-01", 900), ("2026-10-01", 330)]) == (
        "Tháng 10/2026: 330\u00a0lượt, tăng 10,0\u00a0% so với cùng kỳ 2025"
    )
    assert sentence([("2025-10-01", 60.5), ("2026-10-01", 58.0)], unit="%", decimals=1) == (
        "Tháng 10/2026: 58,0\u00a0%, giảm 2,5\u00a0điểm % so với cùng kỳ 2025"
    )
    assert sentence([("2026-10-01", 330)]) == "Tháng 10/2026: 330\u00a0lượt, chưa có cùng kỳ năm trước"


def test_a_lunar_year_is_compared_by_its_distance_from_the_new_year() -> None:
    # 17 February 2026 and 29 January 2025 are both mùng 1 Tết; 17 February 2025 is not.
    found = sentence([("2025-01-29", 500), ("2025-02-17", 100), ("2026-02-17", 600)], calendar="day", aligned="tet")
    assert found == "17/02/2026: 600\u00a0lượt, tăng 20,0\u00a0% so với cùng kỳ Tết 2025"


def test_a_first_year_of_which_little_is_known_is_left_out() -> None:
    rows = [{"period_starts": f"{year}-{month:02}-01", "value": 1} for year in (2024, 2025) for month in range(1, 13)]
    script = """const { seasonPeriods, yearsOf } = await load('season_data');
    console.log(JSON.stringify(yearsOf(seasonPeriods(rows, 'value'), 'month', 'year').map(({ year }) => year)))"""
    assert run(script, rows=[{"period_starts": "2023-12-01", "value": 1}, *rows]) == [2024, 2025]
    assert run(script, rows=[*rows, {"period_starts": "2026-01-01", "value": 1}]) == [2024, 2025, 2026], "the last year has just begun"


def test_at_most_four_years_are_drawn_and_heights_are_round() -> None:
    rows = [{"period_starts": dt.date(year, 10, 1).isoformat(), "value": 100 * (year - 2019)} for year in range(2020, 2027)]
    script = """const { heights, seasonPeriods, yearsOf } = await load('season_data');
    const years = yearsOf(seasonPeriods(rows, 'value'), 'month', 'year');
    console.log(JSON.stringify([years.map(({ year }) => year), heights(years, 'lượt')]))"""
    years, heights = run(script, rows=rows)
    assert years == [2023, 2024, 2025, 2026]
    assert heights == [0, 200, 400, 600, 800]
