"""What our charts compute in the browser, run by Node: figures in words, classes of colour, what a tile says and how large it is."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from datasets.model.contract import Calendar
from datasets.model.period import bounds, period_of
from superset_ioc import words
from superset_ioc.charts import CHARTS

NODE = shutil.which("node")
pytestmark = [pytest.mark.unit, pytest.mark.skipif(NODE is None, reason="no Node.js here")]
LOOK = {"calendar": "week", "unit": "%", "decimals": 1, "direction": "down", "proposed": True, "note": "", "amber": None, "scale": 100}
METRICS = {"value": "value", "target": "goal", "numerator": "above", "denominator": "below", "isCount": False}
PAGE = '{ querySelector: () => ({ dataset: { bootstrap: JSON.stringify({ common: { locale: "vi" } }) } }) }'


def run(script: str, **given: Any) -> Any:
    """What the script prints as JSON; `given` are constants in it. The page's language is Vietnamese."""
    constants = "".join(f"const {name} = {json.dumps(value, ensure_ascii=False)};\n" for name, value in given.items())
    folder = CHARTS.as_uri()
    program = f"globalThis.document = {PAGE};\nconst load = (name) => import(`{folder}/${{name}}.js`);\n{constants}{script}"
    words_ = [str(NODE), "--experimental-default-type=module", "--input-type=module", "-e", program]
    done = subprocess.run(words_, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def classes(values: Sequence[float], wanted: int = 5, decimals: int = 0) -> list[dict[str, Any]]:
    script = "const { classify } = await load('classes'); console.log(JSON.stringify(classify(values, wanted, decimals)))"
    found: list[dict[str, Any]] = run(script, values=list(values), wanted=wanted, decimals=decimals)
    return found


def test_browser_and_server_say_the_same_periods() -> None:
    days = [dt.date(2026, 11, 22), dt.date(2027, 1, 1), dt.date(2025, 12, 15), dt.date(2024, 2, 29)]
    asked: list[tuple[str, str, str]] = []
    for known in Calendar:
        for on in days:
            starts = bounds(known, period_of(known, on))[0]
            for language in words.LANGUAGES:
                asked.append((known.value, starts.isoformat(), language))
    script = """const { day, isoDay, lastDay, period } = await load('figures');
    console.log(JSON.stringify(asked.map(([calendar, starts, language]) =>
        [period(calendar, day(starts), language), isoDay(lastDay(calendar, day(starts)))])))"""
    for (calendar, written, language), (said, last) in zip(asked, run(script, asked=asked), strict=True):
        began = dt.date.fromisoformat(written)
        assert said == words.period(calendar, began, language)
        assert last == words.last_day(calendar, began).isoformat()


@pytest.mark.parametrize(
    ("calendar", "starts", "said"),
    [
        ("day", dt.date(2026, 11, 22), "22/11/2026"),
        ("week", dt.date(2026, 11, 16), "Tuần 47/2026"),
        ("week", dt.date(2024, 12, 30), "Tuần 1/2025"),
        ("month", dt.date(2026, 11, 1), "Tháng 11/2026"),
        ("administrative-month", dt.date(2026, 10, 15), "Tháng hành chính 11/2026"),
        ("administrative-month", dt.date(2026, 12, 15), "Tháng hành chính 1/2027"),
        ("administrative-year", dt.date(2025, 12, 15), "Năm hành chính 2026"),
        ("school-year", dt.date(2026, 8, 1), "Năm học 2026–2027"),
    ],
)
def test_a_period_in_words(calendar: str, starts: dt.date, said: str) -> None:
    assert words.period(calendar, starts, "vi") == said


def test_numbers_are_written_the_vietnamese_way_on_both_sides() -> None:
    asked: list[tuple[float, int]] = [(1234.5, 1), (0, 0), (-0.04, 1), (82.44, 1), (1234567, 0), (-3.25, 2)]
    script = "const { number } = await load('figures'); console.log(JSON.stringify(asked.map(([v, d]) => number(v, d))))"
    by_hand = ["1.234,5", "0", "0,0", "82,4", "1.234.567", "-3,25"]
    assert run(script, asked=asked) == by_hand
    assert [words.number(value, decimals) for value, decimals in asked] == by_hand


def test_every_language_says_everything() -> None:
    script = "const { LANGUAGES, keysOf } = await load('texts'); console.log(JSON.stringify(LANGUAGES.map((l) => [l, keysOf(l)])))"
    said = dict(run(script))
    assert set(said) == {"vi", "en", "fr"}
    assert said["vi"] == said["en"] == said["fr"]


def test_few_different_values_are_classes_of_their_own() -> None:
    assert classes([0, 0, 1, 2, 2, 2]) == [{"low": n, "high": n, "single": True} for n in (0, 1, 2)]
    assert classes([]) == []
    assert classes([7.5], decimals=1) == [{"low": 7.5, "high": 7.5, "single": True}]


def test_where_many_units_have_none_zero_is_apart() -> None:
    found = classes([0] * 60 + list(range(1, 71)))
    assert found[0] == {"low": 0, "high": 0, "single": True}
    assert found[1]["low"] == 1
    assert found[-1]["high"] == 70


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        (list(range(1, 131)), 0),
        ([n * n / 7 for n in range(130)], 1),
        ([1] * 100 + [2] * 20 + [3, 4, 5, 6, 90, 1000], 0),
        ([0.1 * n for n in range(60)], 1),
        ([-50 + n for n in range(100)], 0),
        ([1e6 + n * 12345 for n in range(130)], 0),
    ],
)
def test_every_value_lies_in_one_class_and_no_class_is_empty(values: list[float], decimals: int) -> None:
    rounded = [round(value, decimals) for value in values]
    found = classes(rounded, decimals=decimals)
    assert 2 <= len(found) <= 5
    script = """const { belongs, classify } = await load('classes'); const found = classify(values, 5, decimals);
    console.log(JSON.stringify(values.map((v) => found.map((one, n) => belongs(v, one) ? n : -1).filter((n) => n >= 0))))"""
    places = run(script, values=rounded, decimals=decimals)
    assert all(len(place) == 1 for place in places)
    assert {place[0] for place in places} == set(range(len(found)))


def test_bounds_are_round() -> None:
    found = classes(list(range(1, 131)))
    assert [one["low"] for one in found][1:] == sorted({one["low"] for one in found[1:]})
    assert all(one["low"] % 5 == 0 for one in found[1:]), found


def tile(rows: Sequence[Mapping[str, object]], today: str = "2026-11-23", **look: Any) -> dict[str, Any]:
    script = """const { courseOf, tileOf } = await load('tile_data'); Date.now = () => Date.parse(today);
    console.log(JSON.stringify(tileOf(courseOf(rows, METRICS), look, false)))"""
    said: dict[str, Any] = run(script, rows=rows, look={**LOOK, **look}, today=today, METRICS=METRICS)
    return said


def test_a_tile_says_its_last_value_and_never_takes_missing_for_zero() -> None:
    rows: list[dict[str, Any]] = [
        {"period_starts": "2026-11-09", "value": 0, "goal": 85},
        {"period_starts": "2026-11-16", "value": None, "goal": 85},
    ]
    said = tile(rows)
    assert (said["value"], said["period"], said["since"]) == ("0,0", "Tuần 46/2026", "Không có số liệu từ Tuần 47/2026")
    assert tile([{"period_starts": "2026-11-16", "value": None}])["value"] is None
    assert tile([])["spoken"] == "Không có số liệu"


def test_a_period_that_is_not_over_is_not_missed() -> None:
    rows: list[dict[str, Any]] = [{"period_starts": "2026-11-16", "value": 4.0}, {"period_starts": "2026-11-23", "value": None}]
    assert tile(rows)["since"] is None
    assert tile(rows, today="2026-11-30")["since"] == "Không có số liệu từ Tuần 48/2026"


@pytest.mark.parametrize(
    ("value", "direction", "met"), [(85, "down", True), (85.1, "down", False), (85, "up", True), (84.9, "up", False), (1, "none", None)]
)
def test_a_target_is_met_by_direction(value: float, direction: str, met: bool | None) -> None:
    said = tile([{"period_starts": "2026-11-16", "value": value, "goal": 85}], direction=direction)
    assert said["target"]["met"] is met


def test_a_target_of_nothing_is_said_plainly() -> None:
    script = """const { targetInWords } = await load('figures');
    console.log(JSON.stringify([[0, "down"], [0, "up"], [5, "down"]].map(([value, direction]) =>
        targetInWords(value, { direction, decimals: 0, unit: "việc" }))))"""
    assert run(script) == ["0\u00a0việc", "≥\u00a00\u00a0việc", "≤\u00a05\u00a0việc"]


def test_a_target_that_ended_is_not_shown() -> None:
    assert tile([{"period_starts": "2026-11-16", "value": 3, "goal": None}])["target"] is None


def test_a_figure_around_zero_has_its_sign_and_is_no_share() -> None:
    rows: list[dict[str, Any]] = [
        {"period_starts": "2026-11-09", "value": -4.0, "goal": -5, "above": -8, "below": 200},
        {"period_starts": "2026-11-16", "value": 14.2, "goal": -5, "above": 23, "below": 162},
    ]
    said = tile(rows)
    assert (said["value"], said["counts"]) == ("+14,2", None)
    assert said["spoken"].startswith("+14,2\u00a0%, Tuần 47/2026")
    assert tile(rows[:1])["value"] == "-4,0"
    assert tile([{**row, "value": 14.2, "goal": 5} for row in rows])["value"] == "14,2"


def test_a_change_names_the_period_it_is_measured_against() -> None:
    rows: list[dict[str, Any]] = [{"period_starts": "2026-11-02", "value": 80.0}, {"period_starts": "2026-11-09", "value": None}]
    said = tile([*rows, {"period_starts": "2026-11-16", "value": 82.5}])
    assert said["change"]["words"] == "tăng 2,5\u00a0điểm %"
    assert said["change"]["against"] == "so với Tuần 45/2026"


@pytest.mark.parametrize(("width", "height"), [(170, 110), (184, 130), (230, 190), (350, 160), (358, 140), (120, 60), (332, 290)])
def test_a_tile_never_needs_more_room_than_it_has(width: int, height: int) -> None:
    rows: list[dict[str, Any]] = [{"period_starts": f"2026-11-{day:02}", "value": 8512.4 + day, "goal": 9000} for day in (2, 9, 16)]
    script = """const { courseOf, tileOf } = await load('tile_data'); const { arrange } = await load('tile_layout');
    const said = tileOf(courseOf(rows, METRICS), look, false); const measure = (text, size) => text.length * size * 0.56;
    const found = arrange(said, width, height, measure);
    const lines = found.lines.map(({ words, size }) => { let n = 1, used = 0; for (const word of words.split(' ')) {
        const long = measure(`${word} `, size);
        if (used && used + long > width - 8) { n += 1; used = 0; } used += long; } return n * size; });
    const tall = found.figure * 1.2 + lines.reduce((a, b) => a + b, 0) * 1.35;
    console.log(JSON.stringify({ ...found, tall, wide: measure(said.value, found.figure) }))"""
    look = {**LOOK, "unit": "ca/100.000 dân", "note": "trên 1.204 hồ sơ"}
    found = run(script, rows=rows, look=look, width=width, height=height, METRICS=METRICS)
    assert found["tall"] <= height or len(found["lines"]) == 1
    assert found["wide"] <= width
    assert found["figure"] >= 12


LATE = "Sở Khoa học và Công nghệ chưa gửi “Hoạt động của cơ quan trên trục liên thông văn bản”, kỳ 23/11/2026 (hạn 17:00 23/11/2026)"


@pytest.mark.parametrize("why", [None, {"label": "Chưa đánh giá", "reason": LATE, "shortly": "Chậm số liệu", "words": LATE, "brief": LATE}])
def test_the_first_row_is_read_from_three_metres(why: dict[str, str] | None) -> None:
    """A tile of five in a row of a screen of 1920 by 1080: its figure is 64 pixels high or more, its state 16 or more."""
    rows: list[dict[str, Any]] = [{"period_starts": f"2026-11-{day:02}", "value": 82.4 + day, "goal": 95} for day in (2, 9, 16)]
    script = """const { courseOf, tileOf } = await load('tile_data'); const { arrange } = await load('tile_layout');
    const said = { ...tileOf(courseOf(rows, METRICS), look, false), state: "bad", why };
    const target = { ...said.target, sign: "✗", verdict: "chưa đạt", verdictInFull: "Chưa đạt mục tiêu" };
    console.log(JSON.stringify(arrange({ ...said, target }, 332, 289, (text, size) => text.length * size * 0.56)))"""
    found = run(script, rows=rows, look={**LOOK, "direction": "up"}, METRICS=METRICS, why=why)
    assert found["figure"] >= 64
    state = found["lines"][0]
    assert state["words"] == ("✗\u00a0Chưa đạt mục tiêu" if why is None else "Chưa đánh giá")
    assert state["size"] >= 16
    assert why is None or any(line["words"] == LATE for line in found["lines"]), "the reason is told whole"


def test_a_narrow_digit_has_the_room_that_it_is_drawn_with() -> None:
    """Digits are drawn as wide as one another: a figure of ones is no larger than one of zeros."""
    script = """const { courseOf, tileOf } = await load('tile_data'); const { arrange } = await load('tile_layout');
    const measure = (text, size) => [...text].reduce((sum, one) => sum + (one === '1' ? 0.3 : 0.6) * size, 0);
    const said = (value) => tileOf(courseOf([{ period_starts: '2026-11-16', value }], METRICS), look, false);
    const size = (value) => arrange(said(value), 150, 220, measure).figure;
    console.log(JSON.stringify([size(11.1), size(80.8)]))"""
    ones, others = run(script, look={**LOOK, "unit": "giờ"}, METRICS=METRICS)
    assert ones == others


def test_the_modules_import_only_one_another() -> None:
    for module in CHARTS.glob("*.js"):
        for line in module.read_text(encoding="utf-8").splitlines():
            if line.startswith("import ") and " from " in line:
                target = line.rsplit(" from ", 1)[1].strip(' ";')
                assert (CHARTS / target).is_file(), f"{module.name}: {target}"
        assert "http" not in module.read_text(encoding="utf-8").replace("http://www.w3.org", ""), module.name


def test_modules_fit_on_a_few_screens() -> None:
    long = [module.name for module in Path(CHARTS).glob("*.js") if len(module.read_text().splitlines()) > 350]
    assert not long
