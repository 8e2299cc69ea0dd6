"""The dashboard of a contract, and contracts beside one another: what does not agree is refused, with key and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets.model.problem import ContractError
from datasets.model.read import problems_between, read_all, read_applied
from tests.unit.test_contract_measures import CONTRACT, problems, read

pytestmark = pytest.mark.unit

BOARD = [
    ("first_row: [rate,", "first_row: [rat,", "first_row[0]", '"rat" is no indicator here; write rate'),
    ("first_row: [rate,", "first_row: [rate, rate,", "first_row[1]", "rate is written twice"),
    ("{map: solved-share}", "{map: solved-shar}", "rows[0][1].map", "write solved-share"),
    ("{map: solved-share}", "{map: solved-share, by: unit}", "rows[0][1].by", "a map is by unit always"),
    ("{map: solved-share}", "{map: people-count}", "rows[0][1].map", "the rows of people are of no unit below the province"),
    ("{map: solved-share}", "{trend: [rate, solved-share]}", "rows[0][1].trend", "indicators of several units of measure (vụ/dân, %)"),
    ("{map: solved-share}", "{trend: []}", "rows[0][1].trend", "the list is empty"),
    (
        "{map: solved-share}",
        "{map: solved-share, calendar: year}",
        "rows[0][1].calendar",
        "solved-share is not shown by year; write calendar: one of day",
    ),
    ("trend: received-cases, by: kind, width", "trend: received-cases, by: agency, width", "rows[0][0].by", "is not shown by agency"),
    (
        "{trend: received-cases, by: kind, width: 6}",
        "{trend: [rate, rate], by: unit}",
        "rows[0][0].by",
        "several indicators have a line each",
    ),
    ("width: 6}, {map: solved-share}", "width: 6}, {map: solved-share, width: 8}", "rows[0]", "the widths of the row add up to 14"),
    ("{table: people}", "{table: peopel}", "rows[1][1].table", '"peopel" is no resource here; write people'),
    ("{table: people}", "{table: people, by: unit}", "rows[1][1].by", "a table lists rows as they are"),
    ("{table: people}", "{table: people, empty: peple}", "rows[1][1].empty", "people has no column peple; write people"),
    ("{table: people}", "{table: people, first: unit_id}", "rows[1][1].first", "people has no column unit_id; the columns are"),
    ("{table: people}", "{table: people, columns: []}", "rows[1][1].columns", "the list is empty"),
    ("{table: people}", "{table: people, columns: [unit, peple]}", "rows[1][1].columns[1]", "people shows no column peple; write people"),
    ("{table: people}", "{table: people, columns: [people, people]}", "rows[1][1].columns[1]", "people is written twice"),
    ("by: kind, calendar: day}", "calendar: month}", "rows[1][0].calendar", "received-cases is not shown by month"),
    ("    - [{trend: rec", "    - []\n    - [{trend: rec", "rows[0]", "the row has 0 panels; write one to 4"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "words"), BOARD, ids=[f"{n}-{b[2]}" for n, b in enumerate(BOARD)])
def test_what_the_dashboard_cannot_show_is_named_with_its_key(right: str, wrong: str, key: str, words: str) -> None:
    found = [(p.key, p.message) for p in problems(right, wrong)]
    assert any(k == f"dashboard.{key}" and words in m for k, m in found), found


def test_an_open_dashboard_must_have_something_open() -> None:
    text = CONTRACT.replace("    access: open", "    access: shared")
    with pytest.raises(ContractError, match="nothing on it is open"):
        read(text)


def test_an_indicator_that_is_removed_is_named_where_the_dashboard_needs_it() -> None:
    start, end = CONTRACT.index("  solved-share:"), CONTRACT.index("  received-cases:")
    assert [p.key for p in problems(CONTRACT[start:end], "")] == ["dashboard.first_row[1]", "dashboard.rows[0][1].map"]


OTHER = (
    CONTRACT.replace("name: complaints", "name: tourism").replace("order: 16", "order: 17").replace("name: cases\n", "name: visits\n", 1)
)
OTHER = OTHER.replace("of: cases", "of: visits")


def test_a_measure_of_another_contract_is_known_by_both_names() -> None:
    here = read(CONTRACT.replace("value: received / people", "value: received / tourism.people"))
    there = read(OTHER)
    assert problems_between([here, there]) == []
    assert read(CONTRACT.replace("value: received / people", "value: received / tourism.nothing")), (
        "alone, another contract's is taken as named"
    )


@pytest.mark.parametrize(
    ("value", "key", "words"),
    [
        ("received / tourism.peple", "value", "uses tourism.peple, which is no measure of tourism; write tourism.people"),
        ("received / turism.people", "value", "no contract is called turism; write tourism.people"),
        ("received / tourism.solved_cases", "calendars[1]", "solved_cases is kept for day, week, not for month"),
        ("received + tourism.people", "value", "mixes units of measure"),
    ],
)
def test_a_measure_that_another_contract_has_not_is_named_with_file_and_key(tmp_path: Path, value: str, key: str, words: str) -> None:
    for name, text in (("a", CONTRACT.replace("value: received / people", f"value: {value}")), ("b", OTHER)):
        (tmp_path / name / "examples").mkdir(parents=True)
        (tmp_path / name / "datapackage.yaml").write_text(text, encoding="utf-8")
        for example in ("cases", "visits", "people"):
            (tmp_path / name / "examples" / f"{example}.csv").write_text("…", encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        read_all(tmp_path)
    (problem,) = caught.value.problems
    assert problem.file.endswith("a/datapackage.yaml") and problem.line is not None
    assert problem.key == f"indicators.rate.{key}" and words in problem.message


@pytest.mark.parametrize(("own", "column"), [("tourism_people", "tourism_people"), ("place", "place")])
def test_no_column_of_the_view_stands_there_twice(own: str, column: str) -> None:
    there = read(OTHER.replace("by: [kind], over", "by: [kind, place], over").replace("column: hours", "column: place"))
    uses = "tourism.people" if own == "tourism_people" else "tourism.received"
    text = CONTRACT.replace("  overdue: {of", f"  {own}: {{of").replace("value: received / people", f"value: received / {uses}")
    messages = [problem.message for problem in problems_between([read(text), there])]
    assert any(f"brings the column {column}, which is a measure or a breakdown here" in message for message in messages), messages


def test_a_dashboard_has_at_most_twelve_charts_with_the_table_of_sources() -> None:
    nine = "    - [{map: solved-share}]\n" * 5
    assert read(CONTRACT.replace("  rows:\n", f"  rows:\n{nine}")), "two tiles and nine panels"
    found = problems("  rows:\n", f"  rows:\n{nine}    - [{{map: solved-share}}]\n")
    assert [p.key for p in found] == ["dashboard.rows"]
    assert "it has 12 tiles and panels; write at most 11" in found[0].message


PANELS = [
    ("{scores: [rate]}", "scores", "it has 1 indicators; write 2 to 8, a line each"),
    ("{scores: [rate, rate]}", "scores", "rate is written twice; remove one"),
    ("{scores: [rate, solved-shar]}", "scores[1]", "write solved-share"),
    ("{scores: [received-cases, solved-share], by: unit}", "by", "a panel of scores shows the whole; remove by"),
    ("{season: solved-share, by: unit}", "by", "a panel of season shows the whole; remove by"),
    ("{season: rate, calendar: month, aligned: tet}", "aligned", "by days or weeks only; write calendar: day or week"),
    ("{season: people-count}", "season", "a year has no season; write calendar: day, week, month or quarter"),
    ("{trend: solved-share, aligned: tet}", "", "aligned belongs to a season, and this panel is a trend; remove aligned"),
    ("{trend: solved-share, as: stacked}", "as", "there is nothing to stack; write as: columns, add by"),
    ("{trend: rate, band: [rate]}", "band", "it has 1 indicators; write two, the low end and the high end"),
    ("{trend: solved-share, by: unit, band: [solved-share, solved-share]}", "band", "behind the line of one indicator"),
    ("{trend: rate, band: [solved-share, rate]}", "trend", "indicators of several units of measure (vụ/dân, %)"),
    ("{curve: received-cases, by: agency}", "by", "is not shown by agency"),
    ("{table: people, calendar: day}", "calendar", "rows are listed as they are; remove calendar"),
]


@pytest.mark.parametrize(("panel", "key", "words"), PANELS, ids=[f"{n}-{p[1]}" for n, p in enumerate(PANELS)])
def test_what_a_kind_of_chart_cannot_draw_is_named_with_its_key(panel: str, key: str, words: str) -> None:
    found = [(p.key, p.message) for p in problems("{map: solved-share}", panel)]
    place = f"dashboard.rows[0][1]{f'.{key}' if key else ''}"
    assert any(k == place and words in m for k, m in found), found


@pytest.mark.parametrize(
    "panel",
    [
        "{scores: [received-cases, solved-share], calendar: day}",
        "{season: solved-share, aligned: tet}",
        "{season: rate, calendar: month}",
        "{curve: received-cases, by: kind, shaded: 3}",
        "{trend: received-cases, by: kind, as: stacked}",
        "{trend: rate, band: [rate, rate]}",
    ],
)
def test_every_kind_of_chart_may_be_written(panel: str) -> None:
    assert read(CONTRACT.replace("{map: solved-share}", panel))


def test_a_contract_that_was_applied_before_the_rule_is_still_read() -> None:
    twelve = CONTRACT.replace("  rows:\n", "  rows:\n" + "    - [{map: solved-share}]\n" * 6).encode()
    assert read_applied(twelve, "the applied one").source == twelve
