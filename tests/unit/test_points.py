"""Maps of points: what a contract may say, what is compiled from it, and what the browser computes from the rows."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
import yaml

from control.compile.superset.export import compile_contract
from control.compile.superset.points import part_colours
from datasets.model.problem import ContractError
from datasets.model.read import read_all
from tests.store.test_points import FIELDS, made
from tests.unit.test_chart_figures import run

WEEK = "2026-11-16"
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js here")


def row(code: int, x: float, cluster: int | None, part: str | None = "Rác", inside: bool = True, unit: str = "Phường A") -> dict[str, Any]:
    place = {"longitude": x, "latitude": 18.67, "unit_name": unit, "part": part}
    return {"period_starts": WEEK, "day": f"2026-11-{code:02d}", **place, "cluster": cluster, "is_inside": inside}


def periods(rows: list[dict[str, Any]], calendar: str | None = "week", cut: bool = False) -> list[dict[str, Any]]:
    script = "const { periodsOf } = await load('points_data'); console.log(JSON.stringify(periodsOf(rows, 'part', calendar, cut)))"
    found: list[dict[str, Any]] = run(script, rows=rows, calendar=calendar, cut=cut)
    return found


@needs_node
def test_a_cluster_says_how_many_where_about_what_and_from_when_to_when() -> None:
    rows = [
        row(16, 105.6, 0),
        row(17, 105.8, 0, unit="Phường B"),
        row(10, 105.7, 0, inside=False),
        row(18, 105.1, None, part="Ngập"),
    ]
    (week,) = periods(rows)
    (cluster,) = week["clusters"]
    assert cluster["count"] == 3 and cluster["x"] == pytest.approx(105.7)
    assert (cluster["unit"], cluster["part"]) == ("Phường A", "Rác")
    assert [cluster[key] / 86_400_000 % 7 for key in ("first", "last")] == [5, 5]  # 10 and 17 November 2026 are Tuesdays
    assert week["inside"] == 3, "a row of before belongs to its cluster and is not counted as of the period"


@needs_node
def test_the_largest_cluster_comes_first() -> None:
    rows = [row(16, 105.6, 3), row(16, 105.6, 3), *(row(17, 105.1, 1) for _ in range(5))]
    assert [cluster["id"] for cluster in periods(rows)[0]["clusters"]] == [1, 3]


@needs_node
def test_a_row_without_a_place_is_left_out() -> None:
    assert periods([{**row(16, 105.6, None), "longitude": None}, row(16, 105.7, None)])[0]["inside"] == 1


@needs_node
def test_a_period_that_the_answer_cuts_off_is_left_out() -> None:
    earlier = {**row(9, 105.6, None), "period_starts": "2026-11-09"}
    assert [len(periods([row(16, 105.6, None), earlier], cut=cut)) for cut in (False, True)] == [2, 1]


@needs_node
def test_without_a_calendar_all_rows_are_one_stretch_from_first_to_last() -> None:
    earlier = {**row(9, 105.6, None), "period_starts": "2026-11-09"}
    (stretch,) = periods([row(16, 105.6, None), earlier], calendar=None)
    assert (stretch["ends"] - stretch["starts"]) / 86_400_000 == 7 and stretch["inside"] == 2


@needs_node
def test_a_part_keeps_its_colour_whatever_the_rows_are() -> None:
    script = """const { coloursOf } = await load('points_data');
    console.log(JSON.stringify([[], rows].map((given) => [...coloursOf(given, 'part', ['Rác', 'Ngập'])])))"""
    none, some = run(script, rows=[row(16, 105.6, None, part="Ngập"), row(16, 105.6, None, part="Chó")])
    assert some[:2] == none and some[2][0] == "Chó"


@pytest.mark.parametrize("restricted", [True, False])
def test_clusters_of_rows_that_some_see_in_part_are_refused(restricted: bool) -> None:
    if not restricted:
        assert made(access="shared")
        return
    with pytest.raises(ContractError, match="clusters of a part would look like all; remove clusters"):
        made(access={"restricted": ["so-noi-vu"]})


def test_points_of_rows_without_columns_of_their_place_are_refused() -> None:
    where: dict[str, Any] = {"with": {"radius_m": 100, "days": 30}}
    shape = {"name": "vi_tri", "column": "place", "title": "Vị trí", "type": "geojson"}
    with pytest.raises(ContractError, match="the rows of reports say no place that readers may see; add longitude and latitude"):
        made(clusters=False, fields=[*FIELDS[:4], shape], **where)


def test_points_whose_place_not_everyone_may_read_are_refused() -> None:
    personal = [{**field, "personal": "basic"} if field["column"] in ("longitude", "latitude") else field for field in FIELDS]
    with pytest.raises(ContractError, match="the rows of reports say no place"):
        made(access="shared", clusters=False, fields=personal)


def test_clusters_of_other_places_than_those_drawn_are_refused() -> None:
    where: dict[str, Any] = {"with": {"radius_m": 100, "days": 30, "longitude": "x", "latitude": "y"}}
    elsewhere = [{"name": "x", "column": "x", "title": "X", "type": "number"}, {"name": "y", "column": "y", "title": "Y", "type": "number"}]
    with pytest.raises(ContractError, match="count them by longitude and latitude, or remove clusters"):
        made(fields=[*FIELDS, *elsewhere], **where)


def test_feedback_shows_its_reports_with_the_clusters_of_its_measure() -> None:
    contracts = read_all()
    feedback = next(contract for contract in contracts if contract.name == "feedback")
    files = compile_contract(feedback, contracts)
    chart = yaml.safe_load(files["charts/feedback_reports_points.yaml"])
    dataset = yaml.safe_load(files["datasets/feedback/points_clusters_of_reports.yaml"])
    params = chart["params"] if isinstance(chart["params"], dict) else json.loads(chart["params"])
    assert chart["dataset_uuid"] == dataset["uuid"] and chart["viz_type"] == "ioc_points"
    assert (params["indicator"], params["calendar"], params["part"]) == ("feedback.hot-spots", "week", "category_label")
    assert (params["cluster_least"], params["cluster_radius"], params["cluster_days"]) == (3, 100, 30)
    columns = {column["column_name"] for column in dataset["columns"]}
    assert set(params["asked"]) <= columns and {"cluster", "is_inside", "unit_name"} <= columns
    assert params["parts"][0] == "Vệ sinh môi trường"


@needs_node
def test_other_charts_of_the_dashboard_give_a_part_the_colour_of_its_points() -> None:
    contract = next(contract for contract in read_all() if contract.name == "feedback")
    colours = part_colours(contract)
    script = "const { coloursOf } = await load('points_data'); console.log(JSON.stringify([...coloursOf([], null, labels)]))"
    assert run(script, labels=list(colours)) == [list(pair) for pair in colours.items()]
    assert colours["Vệ sinh môi trường"] == "#2f6fb0"


@needs_node
def test_discs_in_one_place_are_moved_until_both_numbers_can_be_read_and_others_stay() -> None:
    """Radii 15 and 10 need 0.8 * 25 = 20 pixels between them: 6 are there, so each gives 7."""
    discs = [{"x": 100, "y": 50, "radius": 15}, {"x": 106, "y": 50, "radius": 10}, {"x": 300, "y": 50, "radius": 20}]
    script = "const { apart } = await load('points_data'); console.log(JSON.stringify([apart(discs), apart([discs[0], discs[0]])]))"
    moved, twins = run(script, discs=discs)
    assert [(one["x"], one["y"]) for one in moved] == [(93, 50), (113, 50), (300, 50)]
    assert twins[1]["x"] - twins[0]["x"] == 24


@needs_node
def test_the_number_of_a_cluster_can_be_read_on_every_colour() -> None:
    """Contrast by WCAG 2.2: at least 4.5 : 1 for letters of this size."""
    contract = next(contract for contract in read_all() if contract.name == "feedback")
    colours = [*part_colours(contract).values(), "#9a9a9a", "#ffffff", "#000000"]
    script = "const { inkOn } = await load('points_data'); console.log(JSON.stringify(colours.map(inkOn)))"

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for colour, ink in zip(colours, run(script, colours=colours), strict=True):
        darker, lighter = sorted([luminance(colour), {"#000": 0.0, "#fff": 1.0}[ink]])
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, colour
