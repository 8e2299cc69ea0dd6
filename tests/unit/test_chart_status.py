"""Beside a figure stands how firm it is and where it was taken from: on tiles, in rankings, on maps."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_chart_figures import NODE, run

pytestmark = [pytest.mark.unit, pytest.mark.skipif(NODE is None, reason="no Node.js here")]

SOURCES = [{"vi": "Niên giám thống kê 2016", "en": "Statistical yearbook 2016", "fr": "Annuaire statistique 2016", "path": ""}]
LOOK = {"calendar": "year", "unit": "%", "decimals": 1, "direction": "down", "scale": 100, "status": "official", "sources": SOURCES}
METRICS = {"value": "value", "target": None, "numerator": None, "denominator": None, "firmness": "firm", "isCount": False}
TILE = """const { courseOf, tileOf } = await load('tile_data');
console.log(JSON.stringify(tileOf(courseOf(rows, metrics), look, undefined)))"""


def rows(*years: tuple[int, float | None, int | None]) -> list[dict[str, Any]]:
    return [{"period_starts": f"{year}-01-01", "value": value, "firm": firm} for year, value, firm in years]


def tile(*years: tuple[int, float | None, int | None], **look: Any) -> dict[str, Any]:
    found: dict[str, Any] = run(TILE, rows=rows(*years), metrics=METRICS, look={**LOOK, **look})
    return found


@pytest.mark.parametrize(("firm", "words"), [(1, "2016 (ước tính)"), (2, "2016 (sơ bộ)"), (3, "2016"), (None, "2016")])
def test_a_tile_says_how_firm_its_figure_is(firm: int | None, words: str) -> None:
    said = tile((2015, 12.3, 3), (2016, 10.4, firm))
    assert said["period"].removeprefix("Năm ") == words
    assert words.removeprefix("2016").strip(" ()") in said["spoken"]


def test_the_status_is_that_of_the_period_shown_and_not_of_an_earlier_one() -> None:
    assert "sơ bộ" not in tile((2015, 12.3, 2), (2016, 10.4, 3))["period"]


def test_what_the_contract_says_of_all_figures_stands_where_rows_say_nothing() -> None:
    assert "sơ bộ" in tile((2015, 12.3, None), (2016, 10.4, None), status="preliminary")["period"]


def test_a_tile_names_its_source() -> None:
    said = tile((2015, 12.3, 3), (2016, 10.4, 3))
    assert said["source"] == "Nguồn: Niên giám thống kê 2016"
    assert ["Trích từ", ["Nguồn: Niên giám thống kê 2016"]] in said["details"]
    assert tile((2015, 12.3, 3), (2016, 10.4, 3), sources=[])["source"] is None


def test_a_period_of_a_ranking_is_as_firm_as_its_least_firm_part() -> None:
    parts = [{**row, "unit": name} for name, firm in (("A", 3), ("B", 2)) for row in rows((2016, 5.0, firm))]
    script = """const { rankingPeriods } = await load('ranking_data'); const { periodInWords } = await load('figure_status');
    console.log(JSON.stringify(rankingPeriods(rows, metrics, "unit", 1).map((one) => periodInWords("year", one, look))))"""
    assert [words.removeprefix("Năm ") for words in run(script, rows=parts, metrics=METRICS, look=LOOK)] == ["2016 (sơ bộ)"]


def test_a_period_of_a_map_is_as_firm_as_its_least_firm_unit() -> None:
    units = [{**row, "unit_id": name, "unit_name": name} for name, firm in (("A", 3), ("B", 1)) for row in rows((2016, 5.0, firm))]
    script = """const { periodsOf } = await load('choropleth_data');
    console.log(JSON.stringify([periodsOf(rows, "value", 1, "firm")[0].status, periodsOf(rows, "value", 1)[0].status || null]))"""
    assert run(script, rows=units) == ["estimate", None]
