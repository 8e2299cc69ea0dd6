"""What our module adds to Superset's own lines and columns, run by Node: names of periods on the axis, and why figures are not judged."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_chart_figures import NODE
from tests.unit.test_chart_figures import run as run_on_page
from tests.unit.test_chart_supply import INDICATOR, away, facts, week

pytestmark = [pytest.mark.unit, pytest.mark.skipif(NODE is None, reason="no Node.js here")]

MONDAYS = ["2026-10-26", "2026-11-02", "2026-11-09"]
OTHER = "water.samples"
WINDOW = 'globalThis.window = { "__superset__/react": { createElement: () => null } };\n'


def run(script: str, **given: Any) -> Any:
    """As on a page that has React, which draws nothing here."""
    return run_on_page(WINDOW + script, **given)


def periods(calendar: str, *days: str) -> list[str]:
    """First days of the periods that the axis has for rows of these days."""
    script = """const { isoDay } = await load('figures'); const { periodsOf } = await load('trend_data');
    console.log(JSON.stringify(periodsOf(days.map((one) => ({ period_starts: one })), "period_starts", calendar).map(isoDay)))"""
    found: list[str] = run(script, days=days, calendar=calendar)
    return found


def short(calendar: str, day: str) -> str:
    script = """const { day } = await load('figures'); const { shortPeriod } = await load('trend_data');
    console.log(JSON.stringify(shortPeriod(calendar, day(on))))"""
    return str(run(script, calendar=calendar, on=day))


def axis(width: int, calendar: str = "week", kind: str = "time") -> dict[str, Any]:
    """The axis, a series and the tooltip's words of a chart with a row for each Monday."""
    script = """const { day } = await load('figures'); const { withPeriods } = await load('trend_data');
    const periods = mondays.map(day);
    const given = { xAxis: { type: kind, name: "Tuần (ngày đầu kỳ)", min: 1, axisLabel: { formatter: () => "?", showMaxLabel: true } },
      series: [{ data: periods.map((starts, at) => [starts, at]) }],
      tooltip: { formatter: ([{ value: [on, it] }]) => `<b>${typeof on === "number" ? new Date(on).toISOString() : on}</b> ${it}` } };
    const made = withPeriods(given, { periods, calendar, width, written: (starts) => new Date(starts).toISOString() });
    const { data = [], axisLabel } = made.xAxis;
    console.log(JSON.stringify({ type: made.xAxis.type, name: made.xAxis.name,
      labels: data.filter((_, at) => axisLabel.interval(at)).map(axisLabel.formatter),
      series: made.series[0].data, tip: made.tooltip.formatter([{ value: [String(periods[2]), 7] }]) }))"""
    made: dict[str, Any] = run(script, mondays=MONDAYS, width=width, calendar=calendar, kind=kind)
    return made


def banner(known: Any, *indicators: str, calendar: str = "week") -> dict[str, Any]:
    script = """const { trendBanner } = await load('trend_data');
    const rows = mondays.map((one, at) => ({ period_starts: one, value: at === 2 ? null : 90, "Mục tiêu": null }));
    console.log(JSON.stringify(trendBanner(known, indicators, calendar, rows, "period_starts")))"""
    said: dict[str, Any] = run(
        script, mondays=[*MONDAYS[1:], "2026-11-16"], known=known, indicators=list(indicators or [INDICATOR]), calendar=calendar
    )
    return said


@pytest.mark.parametrize(
    ("calendar", "day", "words"),
    [
        ("day", "2026-11-02", "02/11"),
        ("week", "2026-11-16", "47/2026"),
        ("month", "2026-11-01", "11/2026"),
        ("quarter", "2026-07-01", "Q3/2026"),
        ("year", "2026-01-01", "2026"),
        ("administrative-month", "2026-10-15", "11/2026"),
        ("administrative-quarter", "2026-09-15", "Q4/2026"),
        ("administrative-year", "2025-12-15", "2026"),
        ("school-year", "2025-09-01", "2025–2026"),
    ],
)
def test_the_axis_names_a_period_as_tiles_do_without_its_calendar(calendar: str, day: str, words: str) -> None:
    assert short(calendar, day) == words


def test_a_period_without_a_row_has_its_place_on_the_axis() -> None:
    assert periods("week", "2026-11-16", "2026-11-02", "2026-11-16") == ["2026-11-02", "2026-11-09", "2026-11-16"]
    assert periods("administrative-month", "2026-09-15", "2026-11-15") == ["2026-09-15", "2026-10-15", "2026-11-15"]
    assert periods("month") == []


def test_marks_of_the_axis_are_its_periods_and_the_last_is_always_named() -> None:
    wide = axis(600)
    assert (wide["type"], wide["name"], wide["labels"]) == ("category", "Tuần", ["44/2026", "45/2026", "46/2026"])
    assert [value for _, value in wide["series"]] == [0, 1, 2]
    assert all(isinstance(starts, str) for starts, _ in wide["series"]), "places of the axis are texts"
    assert axis(190)["labels"] == ["44/2026", "46/2026"]
    assert axis(90)["labels"] == ["46/2026"]


def test_the_tooltip_names_the_period_in_words() -> None:
    assert axis(600)["tip"] == "<b>Tuần 46/2026</b> 7"


def test_an_axis_that_is_none_of_time_stays_as_it_is() -> None:
    kept = axis(600, kind="category")
    assert (kept["name"], kept["labels"]) == ("Tuần (ngày đầu kỳ)", [])
    assert [type(starts) for starts, _ in kept["series"]] == [int, int, int]


def test_a_trend_whose_data_are_late_says_so_with_the_report_that_is_missing() -> None:
    whole = [week("2026-11-02", "2026-11-09"), week("2026-11-09", "2026-11-16")]
    assert banner(facts(*whole))["words"] is None
    late = banner(facts(*whole, supply="missing", missing=1, last=[away()]))
    assert (late["grey"], late["reason"]) == (True, "late_data")
    assert "Sở Y tế" in late["words"]


def test_a_trend_whose_last_period_is_not_whole_says_how_much_is_there() -> None:
    short_of = banner(facts(week("2026-11-02", "2026-11-09"), week("2026-11-09", "2026-11-16", 21, 18)))
    assert short_of["reason"] == "incomplete"
    assert "18/21" in short_of["words"]


def test_a_trend_of_several_indicators_speaks_for_the_one_that_is_late() -> None:
    known = facts(week("2026-11-09", "2026-11-16"))
    known["indicators"][OTHER] = [["water-counts", False]]
    known["datasets"]["water-counts"] = {**known["datasets"]["water-samples"], "supply": "refused", "missing": 1, "last": [away("refused")]}
    assert banner(known)["words"] is None
    assert banner(known, INDICATOR, OTHER)["reason"] == "refused_data"


def test_a_trend_says_when_it_is_not_known_whether_its_data_are_late() -> None:
    assert banner(None)["reason"] == "unknown"


def order(parts: Any, *names: str) -> list[list[str]]:
    """Names of the lines and of the legend after Superset gave them in the order of `names`."""
    script = """const { inOrder } = await load('trend_data');
    const given = { legend: { data: names }, series: names.map((name) => ({ name })), grid: 1 };
    const made = inOrder(given, parts);
    console.log(JSON.stringify([made.series.map((one) => one.name), made.legend.data]))"""
    found: list[list[str]] = run(script, names=list(names), parts=parts)
    return found


def test_parts_that_the_contract_names_are_drawn_in_its_order_and_not_by_size() -> None:
    ages = ["Dưới 5 tuổi", "5 đến 14 tuổi", "Từ 60 tuổi"]
    assert order(ages, "Từ 60 tuổi", "Dưới 5 tuổi", "5 đến 14 tuổi") == [ages, ages]
    assert order(ages, "Ca, Từ 60 tuổi", "Ca, Dưới 5 tuổi") == [["Ca, Dưới 5 tuổi", "Ca, Từ 60 tuổi"]] * 2
    assert order(ages, "không rõ", "Từ 60 tuổi")[0] == ["Từ 60 tuổi", "không rõ"], "what the contract does not name comes after"
    assert order(None, "b", "a") == [["b", "a"], ["b", "a"]], "of parts without names the largest stays first"
