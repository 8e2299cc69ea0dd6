"""Curves and levels as Node computes them, with figures counted by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from superset_ioc.charts import CHARTS
from tests.unit.test_chart_figures import METRICS, NODE, run

pytestmark = [pytest.mark.unit, pytest.mark.skipif(NODE is None, reason="no Node.js here")]

LEVELS = [
    {"value": 1, "label": {"vi": "Cấp 1", "en": "Level 1"}, "state": "good"},
    {"value": 3, "label": {"vi": "Cấp 3"}, "meaning": {"vi": "Nguy cơ cao"}, "state": "bad", "colour": "orange"},
]


def day(number: int) -> str:
    return (dt.date(2026, 11, 1) + dt.timedelta(days=number)).isoformat()


def rows(*totals: int | None) -> list[dict[str, Any]]:
    """A row a day of one disease; None is a day without a row."""
    return [{"period_starts": day(n), "disease": "Sởi", "cases": total} for n, total in enumerate(totals) if total is not None]


def columns(given: list[dict[str, Any]], group: str | None = "disease") -> dict[str, Any]:
    script = """const { curveColumns } = await load('curve_data');
    console.log(JSON.stringify(curveColumns(rows, { metric: 'cases', group, column: 'period_starts' })))"""
    found: dict[str, Any] = run(script, rows=given, group=group)
    return found


def test_every_day_has_a_place_and_one_without_rows_is_no_zero() -> None:
    found = columns(rows(4, None, 6))
    assert [one["total"] for one in found["columns"]] == [4, None, 6]
    assert found["parts"] == ["Sởi"]
    assert columns(rows(4), None)["parts"] == [""]
    assert columns([]) == {"columns": [], "parts": []}


def test_the_largest_part_stands_first_and_small_ones_are_one() -> None:
    given = [{"period_starts": day(0), "disease": name, "cases": value} for name, value in zip("abcdef", (1, 9, 5, 4, 3, 2), strict=True)]
    found = columns(given)
    assert found["parts"] == ["b", "c", "d", "e", "Khác"]
    assert found["columns"][0]["parts"] == [9, 5, 4, 3, 3]


def curve(given: list[dict[str, Any]], shaded: int) -> dict[str, Any]:
    script = """const { curveColumns, curveSentence, firstShaded, weekMeans } = await load('curve_data');
    const { columns } = curveColumns(rows, { metric: 'cases', group: null, column: 'period_starts' });
    const whole = firstShaded(columns, shaded), said = curveSentence(columns, whole, { unit: 'ca', decimals: 0 });
    console.log(JSON.stringify({ whole, means: weekMeans(columns, whole), said }))"""
    found: dict[str, Any] = run(script, rows=given, shaded=shaded)
    return found


def test_the_last_days_are_shaded_and_count_in_no_comparison() -> None:
    found = curve(rows(*[10] * 7, *[15] * 7, *[1] * 5), 5)
    assert found["whole"] == 14
    assert found["said"] == "7 ngày đến 14/11/2026: 105\u00a0ca, tăng 50\u00a0% so với 7 ngày trước đó"
    assert [one["index"] for one in found["means"]] == list(range(6, 14))
    assert (found["means"][0]["value"], found["means"][-1]["value"]) == (10, 15)


def test_less_than_two_whole_weeks_are_not_compared() -> None:
    assert curve(rows(*[2] * 9), 2)["said"] == "7 ngày đến 07/11/2026: 14\u00a0ca"
    assert curve(rows(*[2] * 6), 0) == {"whole": 6, "means": [], "said": None}


def test_heights_are_round_and_reach_over_the_highest() -> None:
    script = "const { curveHeights } = await load('curve_data'); console.log(JSON.stringify(tops.map(curveHeights)))"
    assert run(script, tops=[0, 3, 87, 240]) == [[0, 1], [0, 1, 2, 3], [0, 20, 40, 60, 80, 100], [0, 50, 100, 150, 200, 250]]


def test_a_level_is_shown_by_its_name_and_judged_by_itself() -> None:
    script = """const { levelsOf } = await load('levels'); const { courseOf, tileOf } = await load('tile_data');
    const look = { calendar: 'week', unit: 'cấp', decimals: 0, direction: 'down', amber: null, scale: 100, levels: levelsOf({ levels }) };
    console.log(JSON.stringify(tileOf(courseOf(rows, metrics), look, false)))"""
    given = [{"period_starts": "2026-11-02", "value": 1}, {"period_starts": "2026-11-09", "value": 3}]
    tile = run(script, levels=LEVELS, rows=given, metrics=METRICS)
    assert (tile["value"], tile["unit"], tile["state"], tile["colour"]) == ("Cấp 3", "", "bad", "#e8791e")
    assert tile["meaning"] == "✗\u00a0Nguy cơ cao"
    assert tile["change"]["words"] == "tăng 2\u00a0cấp"
    assert tile["spoken"].startswith("Cấp 3, Tuần 46/2026")


def test_a_map_of_levels_has_a_class_for_each_also_where_none_is() -> None:
    script = """const { levelsOf } = await load('levels'); const { periodsOf, shownPeriod } = await load('choropleth_data');
    const look = { classes: 5, decimals: 0, direction: 'down', unit: '', levels: levelsOf({ levels }) };
    const shown = shownPeriod(periodsOf(rows, 'level', 0), 0, look);
    console.log(JSON.stringify([shown.classes, [...shown.of]]))"""
    given = [{"unit_id": "17011.202507", "unit_name": "Tây Hiếu", "period_starts": "2026-11-09", "level": 3}]
    classes, units = run(script, levels=LEVELS, rows=given)
    assert [(one["words"], one["count"]) for one in classes] == [("Cấp 1", 0), ("Cấp 3 · Nguy cơ cao", 1)]
    assert units[0][1]["words"] == "Cấp 3"
    assert units[0][1]["colour"] == classes[1]["colour"] == "#e8791e"


def test_the_modules_of_a_curve_are_served() -> None:
    assert {"curve.js", "curve_data.js", "curve_texts.js", "curve.svg", "levels.js"} <= {file.name for file in CHARTS.iterdir()}
