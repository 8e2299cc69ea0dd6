"""What charts say of the supply of their data, run by Node: late, incomplete, zero against missing, small numbers, denominators."""

from __future__ import annotations

from typing import Any

import pytest

from superset_ioc.charts import CHARTS
from tests.unit.test_chart_figures import LOOK, METRICS, NODE, run

pytestmark = [pytest.mark.unit, pytest.mark.skipif(NODE is None, reason="no Node.js here")]

INDICATOR = "water.passed-share"
DATASET = {"vi": "Mẫu nước", "en": "Water samples", "fr": "Prélèvements"}
AGENCY = {"vi": "Sở Y tế", "en": "Department of Health", "fr": "Service de la santé"}
RECEIVED = 1_764_000_000  # 23:00 24/11/2025 in Viet Nam
Row = dict[str, Any]


def facts(*periods: list[Any], moment: str = "2026-11-23T18:00:00+07:00", **dataset: Any) -> dict[str, Any]:
    """Facts of one indicator over one dataset; `periods` as the endpoint gives them."""
    told = {"title": DATASET, "simulated": False, "loaded_at": None, "supply": "ok", "missing": 0, "last": [], "periods": list(periods)}
    return {"moment": moment, "indicators": {INDICATOR: [["water-samples", False]]}, "datasets": {"water-samples": {**told, **dataset}}}


def week(first: str, after: str, expected: int = 21, received: int = 21, due: int | None = None, *units: int) -> list[Any]:
    """Reports of one period."""
    present, all_units = units or (None, None)
    return [first, after, expected, received, expected if due is None else due, RECEIVED if received else None, present, all_units]


def away(word: str = "missing", until: str | None = None) -> dict[str, Any]:
    """A due report that is not there."""
    due = "2026-11-18T17:00+07:00"
    return {"word": word, "agency": AGENCY, "calendar": "week", "starts": "2026-11-09", "due_at": due, "until": until}


def tile(rows: list[Row], known: Any, **look: Any) -> dict[str, Any]:
    """What the tile says; `known` "waiting" while the facts are asked for, None when they cannot be had."""
    script = """const { courseOf, tileOf } = await load('tile_data'); const given = known === "waiting" ? undefined : known;
    console.log(JSON.stringify(tileOf(courseOf(rows, metrics), look, given, indicator)))"""
    wanted = {**LOOK, "direction": "up", "proposed": False, **look}
    metrics = {**METRICS, "isCount": look.get("isCount", False)}
    said: dict[str, Any] = run(script, rows=rows, known=known, look=wanted, indicator=INDICATOR, metrics=metrics)
    return said


BEFORE: Row = {"period_starts": "2026-11-02", "value": 96.0, "goal": 95, "above": 960, "below": 1000}
LAST: Row = {"period_starts": "2026-11-09", "value": 97.0, "goal": 95, "above": 970, "below": 1000}
WHOLE = week("2026-11-09", "2026-11-16")


def test_with_all_reports_a_tile_has_its_colour_and_says_how_much_it_rests_on() -> None:
    said = tile([BEFORE, LAST], facts(WHOLE, simulated=True), status="preliminary")
    assert (said["state"], said["reason"], said["why"]) == ("good", None, None)
    assert said["target"]["verdict"] == "đạt"
    assert said["supply"] == "21/21 cơ quan · nhận 23:00 24/11/2025"
    assert said["period"] == "Tuần 46/2026 (sơ bộ, mô phỏng)"


def test_a_late_dataset_greys_the_tile_and_says_who_and_when() -> None:
    said = tile([BEFORE, LAST], facts(WHOLE, supply="missing", missing=3, last=[away()]))
    assert (said["state"], said["reason"]) == ("grey", "late_data")
    assert said["target"]["verdict"] is None, "never met nor missed"
    whole = "Sở Y tế chưa gửi “Mẫu nước”, kỳ tuần 46/2026 (hạn 17:00 18/11/2026) và 2 báo cáo khác"
    assert said["why"]["words"] == f"Chưa đánh giá: {whole}"
    assert said["why"]["brief"] == "Chưa đánh giá: chậm số liệu"
    assert whole in said["spoken"]


@pytest.mark.parametrize(
    ("word", "reason", "brief"),
    [("refused", "refused_data", "số liệu bị trả lại"), ("excused", "excused_data", "được gia hạn"), ("stale", "stale", "số liệu cũ")],
)
def test_what_was_refused_excused_or_is_old_is_grey_too(word: str, reason: str, brief: str) -> None:
    until = "2026-11-30T17:00+07:00"
    told = facts(WHOLE, supply=word, missing=1, last=[away(word, until)], loaded_at="2026-09-01T08:00:00+07:00")
    said = tile([LAST], told)
    assert (said["state"], said["reason"]) == ("grey", reason)
    assert said["why"]["brief"].endswith(brief)
    assert ("17:00 30/11/2026" in said["why"]["words"]) == (word == "excused")


def test_what_came_late_and_is_there_keeps_its_colour() -> None:
    assert tile([LAST], facts(WHOLE, supply="late"))["state"] == "good"


def test_a_tile_whose_question_has_no_rows_says_why() -> None:
    never = facts(supply="none")
    assert tile([], never)["words"] == ["Chưa nhận được số liệu nào"]
    loaded = facts(loaded_at="2026-11-22T09:00:00+00:00")
    assert tile([], loaded)["words"] == ["Không có số liệu trong khoảng thời gian hoặc bộ lọc đã chọn"]
    (words,) = tile([], facts(supply="missing", missing=1, last=[away()]))["words"]
    assert words == "Không có số liệu: Sở Y tế chưa gửi “Mẫu nước”, kỳ tuần 46/2026 (hạn 17:00 18/11/2026)"
    assert tile([], None)["words"] == ["Không có số liệu"]
    assert tile([], never)["state"] == "grey"


def test_every_chart_of_ours_asks_what_has_an_answer_always() -> None:
    """Superset replaces a chart all of whose questions have no rows by a picture of its own."""
    script = """const { withAnAnswer } = await load('no_rows');
    console.log(JSON.stringify(withAnAnswer({ filters: [1], time_range: "x", datasource: 7 }, { rows: true })))"""
    asked, beside = run(script)
    assert asked == {"rows": True}
    assert (beside["datasource"], beside["columns"], beside["filters"], beside["extras"]["where"]) == (7, [], [], "1 = 0")
    for name in ("tile", "ranking", "choropleth", "scores", "season", "curve", "points"):
        module = (CHARTS / f"{name}.js").read_text(encoding="utf-8")
        assert "withAnAnswer(base" in module, name
        assert "queryObjectCount: QUESTIONS" in module, f"{name}: Superset looks at the first answer only"


def test_zero_is_a_value_and_missing_is_none() -> None:
    zero = tile([{**LAST, "value": 0, "above": 0}], facts(WHOLE))
    assert (zero["value"], zero["state"]) == ("0,0", "bad")
    missing = tile([{**LAST, "value": None, "above": None}], facts(WHOLE))
    assert (missing["value"], missing["state"], missing["reason"]) == (None, "grey", "no_value")
    lower = tile([{**LAST, "value": 0, "goal": 5, "above": 0}], facts(WHOLE), direction="down")
    assert lower["state"] == "good"


def test_incomplete_coverage_is_grey_and_counted() -> None:
    said = tile([LAST], facts(week("2026-11-09", "2026-11-16", 21, 18)))
    assert (said["state"], said["reason"]) == ("grey", "incomplete")
    assert said["why"]["words"] == "Chưa đánh giá: mới có 18/21 cơ quan"
    assert said["supply"].startswith("18/21 cơ quan")


def test_localities_that_are_missing_are_counted_too() -> None:
    said = tile([LAST], facts(week("2026-11-09", "2026-11-16", 1, 1, None, 128, 130)))
    assert said["why"]["words"] == "Chưa đánh giá: mới có 128/130 địa phương"
    assert "128/130 địa phương" in said["supply"]


def test_days_of_a_longer_period_are_counted_as_days() -> None:
    days = [week(f"2026-11-{n:02}", f"2026-11-{n + 1:02}", 1, int(n != 12)) for n in range(9, 16)]
    assert tile([LAST], facts(*days))["why"]["words"] == "Chưa đánh giá: mới có 6/7 ngày"


def test_the_figure_is_of_the_last_period_that_is_over_and_the_one_that_runs_has_a_line() -> None:
    running: Row = {"period_starts": "2026-11-23", "value": 60.0, "goal": 95, "above": 6, "below": 10}
    said = tile([LAST, running], facts(WHOLE, week("2026-11-23", "2026-11-30", 21, 4, 0)))
    assert (said["value"], said["period"], said["state"]) == ("97,0", "Tuần 46/2026", "good")
    assert said["running"] == "Tuần 48/2026 đến nay: 60,0\u00a0%"
    alone = tile([running], facts(week("2026-11-23", "2026-11-30", 21, 4, 0)))
    assert (alone["value"], alone["reason"]) == ("60,0", "period_running")


def test_a_day_whose_reports_were_all_due_is_over_before_midnight() -> None:
    today: Row = {**LAST, "period_starts": "2026-11-23"}
    said = tile([today], facts(week("2026-11-23", "2026-11-24", 3, 3, 3)), calendar="day")
    assert said["state"] == "good"
    assert tile([today], facts(week("2026-11-23", "2026-11-24", 3, 3, 0)), calendar="day")["reason"] == "period_running"


def test_what_stands_for_this_moment_does_not_wait_for_its_period_to_end() -> None:
    """Files that are overdue now: a tick of the clock changes them, and their period never seems to end."""
    running: Row = {"period_starts": "2026-11-23", "value": 96.0, "goal": 95, "above": 960, "below": 1000}
    known = facts(WHOLE)
    standing = {**known, "indicators": {INDICATOR: [["water-samples", True]]}}
    said = tile([LAST, running], standing)
    assert (said["value"], said["period"], said["state"], said["supply"]) == ("96,0", "Hiện nay", "good", None)
    assert tile([LAST, running], known)["period"] == "Tuần 46/2026"
    late = {**standing, "datasets": facts(WHOLE, supply="missing", missing=1, last=[away()])["datasets"]}
    assert tile([LAST, running], late)["reason"] == "late_data"


def test_a_share_says_what_it_is_made_of() -> None:
    said = tile([LAST], facts(WHOLE), numeratorUnit="mẫu", denominatorUnit="mẫu", numeratorTitle="Tử số: mẫu đạt")
    assert said["counts"] == "970 / 1.000\u00a0mẫu"
    details = dict(said["details"])
    assert details["Trong đó"][0] == "Tử số: mẫu đạt 970\u00a0mẫu"


def test_a_small_number_has_no_colour_until_its_interval_says_so() -> None:
    few: Row = {**LAST, "value": 80.0, "above": 8, "below": 10}
    said = tile([few], facts(WHOLE))
    assert (said["state"], said["reason"], said["target"]["verdict"]) == ("neutral", "small_number", None)
    assert said["why"]["words"] == "Chưa kết luận: số nhỏ, có thể do ngẫu nhiên"
    assert tile([{**few, "goal": 98}], facts(WHOLE))["state"] == "bad"


def test_a_change_of_a_few_has_no_arrow_that_says_better_or_worse() -> None:
    count = {"direction": "down", "isCount": True, "unit": "ca", "decimals": 0}
    small = tile([{**BEFORE, "value": 3, "below": None}, {**LAST, "value": 5, "below": None}], facts(WHOLE), **count)["change"]
    assert (small["arrow"], small["side"], small["chance"]) == ("≈", None, "số nhỏ, có thể do ngẫu nhiên")
    clear = tile([{**BEFORE, "value": 0, "below": None}, {**LAST, "value": 9, "below": None}], facts(WHOLE), **count)["change"]
    assert (clear["arrow"], clear["side"], clear["chance"]) == ("▲", "worse", None)
    large = tile([BEFORE, LAST], facts(WHOLE))["change"]
    assert (large["arrow"], large["side"]) == ("▲", "better")


def test_while_facts_are_asked_for_nothing_is_green_and_without_them_all_is_grey() -> None:
    waiting = tile([LAST], "waiting")
    assert (waiting["state"], waiting["target"]["verdict"]) == ("neutral", None)
    unknown = tile([LAST], None)
    assert (unknown["state"], unknown["reason"]) == ("grey", "unknown")
    assert unknown["why"]["words"] == "Chưa đánh giá: không đọc được tình trạng cung cấp số liệu"


def bars(parts: list[Row], is_grey: bool = False, **look: Any) -> list[str]:
    """How the bars look, the worst first."""
    script = """const { barsOf } = await load('ranking_data');
    console.log(JSON.stringify(barsOf({ parts, target: 95 }, look, 15, isGrey).bars.map(({ look }) => look)))"""
    wanted = {"direction": "up", "decimals": 1, "unit": "%", "amber": 97, "scale": 100, **look}
    found: list[str] = run(script, parts=parts, look=wanted, isGrey=is_grey)
    return found


def test_bars_are_judged_one_by_one_and_none_of_them_when_data_are_late() -> None:
    shares = [(80.0, 8, 10), (90.0, 900, 1000), (96.0, 960, 1000), (99.0, 990, 1000)]
    parts: list[Row] = [{"name": str(value), "value": value, "numerator": above, "denominator": below} for value, above, below in shares]
    assert bars(parts) == ["small", "bad", "watch", "good"]
    assert bars(parts, is_grey=True) == ["grey"] * 4


def test_the_colours_of_bars_are_told_in_words_under_them() -> None:
    parts = [{"name": str(value), "value": value, "numerator": 900, "denominator": 1000} for value in (90.0, 96.0)]
    script = """const { barsOf, footerLines } = await load('ranking_data');
    const { looks } = barsOf({ parts, target: 95 }, look, 15, isGrey);
    const measure = (text) => text.length * 6;
    console.log(JSON.stringify([looks, ...[400, 200].map((width) => footerLines(looks, '15 thấp nhất trong 130', width, measure))]))"""
    look = {"direction": "up", "decimals": 1, "unit": "%", "amber": 97, "scale": 100}
    found, wide, narrow = run(script, parts=parts, look=look, isGrey=False)
    assert found == [{"look": "bad", "words": "chưa đạt"}, {"look": "watch", "words": "sát ngưỡng"}]
    # 31 + 48, 31 + 60 and 132 pixels: 302 together, and 170 without the last.
    assert (wide, narrow) == (1, 2)
    assert run(script, parts=parts, look=look, isGrey=True)[0] == []


def test_charts_of_a_subsystem_ask_once_for_each_refresh() -> None:
    script = """const { SharedFacts } = await load('supply_facts'); let asked = 0, now = 0; const told = [];
    const shared = new SharedFacts(() => { asked += 1; return Promise.resolve(asked); }, () => now);
    shared.listeners.add(() => told.push(shared.facts));
    const first = ['a', 'b', 'c'].map((chart) => [chart, []]), all = () => first.forEach(([chart, rows]) => shared.ask(chart, rows));
    all(); const counts = [asked]; all(); counts.push(asked);
    now = 30000; ['a', 'b', 'c'].forEach((chart) => { now += 2500; shared.ask(chart, []); }); counts.push(asked);
    shared.ask('a', []); counts.push(asked); shared.ask('later', []); counts.push(asked);
    now += 61000; shared.ask('latest', []); counts.push(asked);
    await Promise.resolve(); await Promise.resolve(); console.log(JSON.stringify([counts, told]))"""
    counts, told = run("globalThis.window = {};\n" + script)
    assert counts == [1, 1, 2, 3, 3, 4]
    assert told == [4], "answers of rounds before the last are not taken"


def test_facts_that_cannot_be_had_are_known_as_such() -> None:
    script = """const { SharedFacts } = await load('supply_facts'); console.error = () => {};
    const shared = new SharedFacts(() => Promise.reject(new Error('503'))); shared.ask('a', []);
    await new Promise((done) => setTimeout(done, 0)); console.log(JSON.stringify([shared.facts]))"""
    assert run("globalThis.window = {};\n" + script) == [None]
