"""A figure of the home page says what its tile says: both are given the same rows and the same facts, and the tile is run by Node."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from superset_ioc import words
from superset_ioc.home_figure import Figure, Headline, Look, Period, figure_of
from superset_ioc.home_supply import Supply
from superset_ioc.home_texts import TEXTS, TILE_TEXTS
from superset_ioc.home_words import Shown, shown
from tests.unit.test_chart_figures import LOOK, METRICS, NODE, run
from tests.unit.test_chart_supply import INDICATOR, WHOLE, away, facts, week

pytestmark = [pytest.mark.unit, pytest.mark.skipif(NODE is None, reason="no Node.js here")]

Rows = list[tuple[str, float | None, float | None, float | None, float | None]]
"""First day, value, target, numerator, denominator of each period."""
BEFORE, LAST = ("2026-11-02", 96.0, 95.0, 960.0, 1000.0), ("2026-11-09", 97.0, 95.0, 970.0, 1000.0)
RUNNING = week("2026-11-23", "2026-11-30", 21, 3, 0)
LEVELS = [
    {"value": 1, "label": {"vi": "Cấp 1", "en": "Level 1"}, "meaning": {"vi": "Nguy cơ thấp"}, "state": "good", "colour": "green"},
    {"value": 4, "label": {"vi": "Cấp 4"}, "meaning": {"vi": "Nguy cơ rất cao"}, "state": "bad", "colour": "red"},
]


def figure(rows: Rows, known: dict[str, Any], unit: str = "%", decimals: int = 1, calendar: str = "week", **look: Any) -> Figure:
    titles = dict.fromkeys(words.LANGUAGES, "Mẫu nước đạt")
    headline = Headline(INDICATOR, titles, unit, decimals, calendar, "open", Look(**{"direction": "up", **look}))
    course = [
        Period(dt.date.fromisoformat(starts), None if value is None else Decimal(str(value)), target, above, below)
        for starts, value, target, above, below in rows
    ]
    return figure_of(headline, course, Supply(known))


def tile(rows: Rows, known: dict[str, Any], unit: str = "%", decimals: int = 1, calendar: str = "week", **look: Any) -> dict[str, Any]:
    """What the tile says of the same."""
    script = """const { courseOf, tileOf } = await load('tile_data'); const { levelsOf } = await load('levels');
    const told = { ...look, levels: levelsOf(look) };
    console.log(JSON.stringify(tileOf(courseOf(rows, metrics), told, known, indicator)))"""
    given = [dict(zip(("period_starts", "value", "goal", "above", "below"), row, strict=True)) for row in rows]
    told = {
        **LOOK,
        "unit": unit,
        "decimals": decimals,
        "calendar": calendar,
        "direction": look.get("direction", "up"),
        "proposed": look.get("target_proposed", False),
        "paced": look.get("target_paced", False),
        "amber": look.get("amber"),
        "amberShare": look.get("amber_share"),
        "scale": look.get("scale", 100),
        "status": look.get("status", "official"),
        "levels": look.get("levels", []),
    }
    metrics = {**METRICS, "isCount": look.get("is_count", False)}
    said: dict[str, Any] = run(script, rows=given, known=known, look=told, indicator=INDICATOR, metrics=metrics)
    return said


def verdict_of(said: dict[str, Any]) -> str:
    """The line of the tile that is read from afar, without its sign, as `tile_layout.js` chooses it."""
    if said["why"]:
        label: str = said["why"]["label"]
        return label
    if said["target"] and said["target"]["verdictInFull"]:
        return str(said["target"]["verdictInFull"])
    return str(said["meaning"] or "").split("\u00a0")[-1]


LATE = facts(WHOLE, supply="missing", missing=3, last=[away()])
FEW = ("2026-11-09", 90.0, 95.0, 9.0, 10.0)
CASES: dict[str, tuple[Rows, dict[str, Any], dict[str, Any]]] = {
    "met": ([BEFORE, LAST], facts(WHOLE), {}),
    "near the limit": ([BEFORE, LAST], facts(WHOLE), {"amber": 98.0}),
    "missed": ([BEFORE, ("2026-11-09", 80.0, 95.0, 800.0, 1000.0)], facts(WHOLE), {"target_proposed": True}),
    "late": ([BEFORE, LAST], LATE, {}),
    "refused": ([LAST], facts(WHOLE, supply="refused", missing=1, last=[away("refused")]), {}),
    "excused": ([LAST], facts(WHOLE, supply="excused", missing=1, last=[away("excused", "2026-11-30T17:00+07:00")]), {}),
    "incomplete": ([LAST], facts(week("2026-11-09", "2026-11-16", 21, 18)), {}),
    "localities are missing": ([LAST], facts(week("2026-11-09", "2026-11-16", 21, 21, 21, 100, 130)), {}),
    "simulated and preliminary": ([LAST], facts(WHOLE, simulated=True), {"status": "preliminary"}),
    "small number": ([FEW], facts(WHOLE), {}),
    "no target": ([("2026-11-09", 97.0, None, None, None)], facts(WHOLE), {}),
    "not judged by anybody": ([("2026-11-09", 97.0, None, None, None)], facts(WHOLE), {"direction": "none"}),
    "the week that runs": ([LAST, ("2026-11-23", 50.0, 95.0, 5.0, 10.0)], facts(WHOLE, RUNNING), {}),
    "only the week that runs": ([("2026-11-23", 50.0, 95.0, 5.0, 10.0)], facts(RUNNING), {}),
    "silent since": ([BEFORE, ("2026-11-09", None, 95.0, None, None)], facts(WHOLE), {}),
    "rose above zero": ([("2026-11-02", -3.0, None, None, None), ("2026-11-09", 3.25, None, None, None)], facts(WHOLE), {}),
    "fell below zero": ([("2026-11-09", -3.25, -5.0, None, None)], facts(WHOLE), {"direction": "down", "amber": -10.0}),
    "zero, signed": ([("2026-11-02", -3.0, None, None, None), ("2026-11-09", 0.0, None, None, None)], facts(WHOLE), {}),
    "none is the target": (
        [("2026-11-09", 2.0, 0.0, None, None)],
        facts(WHOLE),
        {"direction": "down", "is_count": True, "unit": "văn bản", "decimals": 0},
    ),
    "paced": ([("2026-11-09", 87.45, 83.287, None, None)], facts(WHOLE), {"target_paced": True, "amber_share": 1.05}),
    "level": ([("2026-11-09", 1.0, None, None, None)], facts(WHOLE), {"levels": LEVELS, "unit": "cấp", "decimals": 0, "direction": "down"}),
    "level of late data": ([("2026-11-09", 4.0, None, None, None)], LATE, {"levels": LEVELS, "unit": "cấp", "decimals": 0}),
    "half, away from zero": ([("2026-11-09", 0.25, None, None, None)], facts(WHOLE), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_page_says_of_a_figure_what_its_tile_says(case: str) -> None:
    rows, known, look = CASES[case]
    judged = figure(rows, known, **look)
    page, said = shown(judged, "vi"), tile(rows, known, **look)
    assert (judged.state.state, judged.state.reason) == (said["state"], said["reason"])
    assert (page.value, page.unit, page.period) == (said["value"], said["unit"], said["period"])
    assert page.verdict == verdict_of(said)
    assert page.target == (said["target"]["words"] if said["target"] else "")
    assert page.since == (said["since"] or "")
    if said["why"]:
        assert page.why == said["why"]["reason" if said["reason"] == "incomplete" else "shortly"]
    else:
        assert page.why == ""


def test_what_is_judged_has_a_sign_for_the_eye_beside_its_words() -> None:
    page = shown(figure([LAST], facts(WHOLE)), "vi")
    assert (page.sign, page.verdict) == ("✓", "Đạt mục tiêu")
    assert shown(figure([LAST], LATE), "vi").sign == ""


def test_a_level_has_its_own_word_and_colour_and_none_while_data_are_late() -> None:
    given: dict[str, Any] = {"levels": LEVELS, "unit": "cấp", "decimals": 0}
    rows: Rows = [("2026-11-09", 4.0, None, None, None)]
    page = shown(figure(rows, facts(WHOLE), **given), "vi")
    assert (page.value, page.unit, page.sign, page.verdict, page.colour) == ("Cấp 4", "", "✗", "Nguy cơ rất cao", "red")
    late = shown(figure(rows, LATE, **given), "vi")
    assert (late.value, late.verdict, late.why, late.colour) == ("Cấp 4", "Chưa đánh giá", "Chậm số liệu", "")


def test_a_figure_without_a_value_is_missing_and_says_when_that_is_because_data_are_late() -> None:
    rows: Rows = [("2026-11-09", None, 95.0, None, None)]
    assert shown(figure(rows, facts(WHOLE)), "vi") == Shown("Mẫu nước đạt", None, state="grey")
    assert shown(figure([], LATE), "vi") == Shown("Mẫu nước đạt", None, state="grey", verdict="Chưa đánh giá", why="Chậm số liệu")


def test_what_the_clock_alone_changes_stands_for_now() -> None:
    known = facts()
    known["indicators"] = {INDICATOR: [["water-samples", True]]}
    rows: Rows = [("2026-11-23", 12.0, None, None, None)]
    page, said = shown(figure(rows, known, calendar="day"), "vi"), tile(rows, known, calendar="day")
    assert page.period == said["period"] == "Hiện nay"


def test_a_card_that_says_of_all_figures_that_they_are_simulated_does_not_repeat_it() -> None:
    judged = figure([LAST], facts(WHOLE, simulated=True))
    assert shown(judged, "vi").period == "Tuần 46/2026 (mô phỏng)"
    assert shown(judged, "vi", names_simulated=False).period == "Tuần 46/2026"


@pytest.mark.parametrize(
    ("language", "verdict", "target"),
    [("en", "Target missed", "Target ≥\u00a095\u00a0%"), ("fr", "Cible non atteinte", "Cible ≥\u00a095\u00a0%")],
)
def test_figures_are_told_in_the_viewers_language(language: str, verdict: str, target: str) -> None:
    page = shown(figure([("2026-11-09", 80.0, 95.0, 800.0, 1000.0)], facts(WHOLE)), language)
    assert (page.verdict, page.target) == (verdict, target)


def test_the_words_are_those_of_tiles_in_every_language() -> None:
    script = """const { say } = await load('texts'); const asWritten = new Proxy({}, { get: (_, name) => `{${name}}` });
    const inLanguage = (language) => Object.fromEntries(keys.map((key) => [key, say(key, asWritten, language)]));
    console.log(JSON.stringify(Object.fromEntries(languages.map((language) => [language, inLanguage(language)]))))"""
    assert run(script, keys=list(TILE_TEXTS["vi"]), languages=list(words.LANGUAGES)) == TILE_TEXTS


def test_every_language_says_everything() -> None:
    assert set(TEXTS["vi"]) == set(TEXTS["en"]) == set(TEXTS["fr"])
