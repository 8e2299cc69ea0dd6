"""What people change in Superset comes back as files, and survives the next compile."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from control.compile.edits import EditError, Edits, fallen_away, with_edits
from control.compile.edits.file import Change, edits_text, read_edits, write_edits
from control.compile.edits.found import Found, found_edits
from control.compile.superset.bundle import Files, identifier
from tests.unit.edited_export import DASHBOARD, DATASET, TABLE, TREND, Superset, chart, export


def look(superset: Superset, compiled: Files, kept: Edits | None = None) -> Found:
    assert superset.base is not None
    return found_edits(superset.held, superset.base, {"health": compiled}, {"health": kept or Edits()})


def document(files: Files, path: str) -> Any:
    return yaml.safe_load(files[path])


@pytest.fixture
def superset() -> Superset:
    running = Superset()
    running.import_(export())
    return running


def test_an_untouched_import_holds_no_edits(superset: Superset) -> None:
    found = look(superset, export())
    assert (found.new, found.not_kept) == ([], [])
    assert not found.edits["health"]


def test_without_edits_the_export_is_what_is_compiled() -> None:
    assert with_edits(export(), Edits()) == export()


def test_what_pages_of_superset_write_by_themselves_is_no_edit(superset: Superset) -> None:
    superset.chart("cases_trend")["params"] |= {"slice_id": 7, "datasource": "7__table", "annotation_layers": [], "extra_form_data": {}}
    superset.chart("cases_trend")["query_context"] = '{"queries": []}'
    number = superset.number(identifier("chart", "cases_trend"))
    superset.dashboard["metadata"] |= {
        "shared_label_colors": [],
        "map_label_colors": {},
        "color_scheme_domain": [],
        "chart_configuration": {str(number): {"id": number, "crossFilters": {"scope": "global", "chartsInScope": [number]}}},
        "global_chart_configuration": {"scope": {"rootPath": ["ROOT_ID"], "excluded": []}, "chartsInScope": [number]},
    }
    superset.dashboard["metadata"]["native_filter_configuration"][0] |= {"chartsInScope": [number], "tabsInScope": []}
    superset.dashboard["position"]["CHART-cases_trend"]["meta"]["sliceName"] = "anything"
    assert look(superset, export()).new == []


def test_the_scope_of_a_cross_filter_is_a_persons(superset: Superset) -> None:
    trend, table = (identifier("chart", key) for key in ("cases_trend", "cases_table"))
    numbers = {uuid: superset.number(uuid) for uuid in (trend, table)}
    scope = {"rootPath": ["ROOT_ID"], "excluded": [numbers[table]]}
    configured = {str(numbers[trend]): {"id": numbers[trend], "crossFilters": {"scope": scope, "chartsInScope": []}}}
    superset.dashboard["metadata"]["chart_configuration"] = configured
    edits = look(superset, export()).edits["health"]
    result = document(superset.import_(export(), edits), DASHBOARD)["metadata"]["chart_configuration"]
    (only,) = result.values()
    assert only["crossFilters"]["scope"]["excluded"] == [2]  # the table's number in the export
    superset.dashboard["metadata"]["chart_configuration"] = {}  # as the page does for a chart that cannot filter others
    assert look(superset, export(), edits).new == []


def test_a_title_and_a_format_survive_a_new_compile(superset: Superset) -> None:
    superset.chart("cases_trend")["slice_name"] = "Ca mắc mới theo tuần"
    superset.chart("cases_trend")["params"]["y_axis_format"] = ",.2f"
    found = look(superset, export())
    assert found.new == ["health: chart 'Ca mắc mới theo tuần': params/y_axis_format, slice_name"]
    changed = export(columns=("unit_name", "disease", "age"))
    files = with_edits(changed, found.edits["health"])
    assert document(files, TREND)["slice_name"] == "Ca mắc mới theo tuần"
    assert document(files, TREND)["params"]["y_axis_format"] == ",.2f"
    assert document(files, TABLE)["params"]["all_columns"] == ["unit_name", "disease", "age"]
    assert "age" in {column["column_name"] for column in document(files, DATASET)["columns"]}


def test_the_layout_of_a_person_takes_in_what_the_compiler_adds(superset: Superset) -> None:
    position = superset.dashboard["position"]
    position["CHART-cases_trend"]["meta"] |= {"width": 8, "height": 60}
    position["ROW-x1"] = {"children": ["CHART-cases_table"], "id": "ROW-x1", "type": "ROW", "meta": {"background": "BACKGROUND_WHITE"}}
    position["ROW-cases_trend"]["children"] = ["CHART-cases_trend"]
    position["GRID_ID"]["children"] = ["ROW-x1", "ROW-cases_trend"]
    edits = look(superset, export()).edits["health"]
    grown = {
        **export(rows=[[("cases_trend", 6), ("cases_table", 6)], [("deaths", 12)]]),
        **chart("deaths", "Tử vong", metrics=["new_cases"]),
    }
    result = document(with_edits(grown, edits), DASHBOARD)["position"]
    assert result["GRID_ID"]["children"] == ["ROW-x1", "ROW-cases_trend", "ROW-deaths"]
    assert result["ROW-x1"]["children"] == ["CHART-cases_table"]
    assert result["CHART-cases_table"]["parents"] == ["ROOT_ID", "GRID_ID", "ROW-x1"]
    assert result["CHART-cases_trend"]["meta"]["width"] == 8
    numbers = [part["meta"]["chartId"] for part in result.values() if isinstance(part, dict) and part["type"] == "CHART"]
    assert len(set(numbers)) == 3


def test_a_chart_made_by_hand_comes_back_as_a_whole_file(superset: Superset) -> None:
    uuid = superset.add_chart("Ca theo xã", "ROW-cases_trend", groupby=["unit_name"], metrics=["new_cases"])
    found = look(superset, export())
    (path,) = found.edits["health"].hand_made
    assert path == f"charts/ca_theo_xa_{uuid[:8]}.yaml"
    files = with_edits(export(), found.edits["health"])
    made = document(files, f"charts/hand_made/ca_theo_xa_{uuid[:8]}.yaml")
    assert made["uuid"] == uuid
    assert "slice_id" not in made["params"]
    position = document(files, DASHBOARD)["position"]
    # 6 + 6 + 4 twelfths do not fit into one row.
    assert position["ROW-for-CHART-Ca theo xã"]["children"] == ["CHART-Ca theo xã"]


def test_what_is_exported_and_imported_again_is_new_no_more(superset: Superset) -> None:
    superset.chart("cases_trend")["slice_name"] = "Một"
    superset.add_chart("Ca theo xã", "ROW-cases_trend", groupby=["unit_name"], metrics=["new_cases"])
    edits = look(superset, export()).edits["health"]
    assert look(superset, export(), edits).new == []
    superset.import_(export(), edits)
    again = look(superset, export(), edits)
    assert again.new == []
    assert again.edits["health"] == edits


def test_an_edit_of_an_edit_keeps_what_the_compiler_said_first(superset: Superset) -> None:
    superset.chart("cases_trend")["slice_name"] = "Một"
    first = look(superset, export()).edits["health"]
    superset.import_(export(), first)
    superset.chart("cases_trend")["slice_name"] = "Hai"
    second = look(superset, export(), first).edits["health"]
    assert second.changes[TREND] == {"slice_name": Change("Ca mới", "Hai")}


def test_an_edit_taken_back_in_superset_is_gone(superset: Superset) -> None:
    superset.chart("cases_trend")["slice_name"] = "Một"
    first = look(superset, export()).edits["health"]
    superset.import_(export(), first)
    superset.chart("cases_trend")["slice_name"] = "Ca mới"
    found = look(superset, export(), first)
    assert found.new == ["health: chart 'Ca mới': slice_name"]
    assert not found.edits["health"]


def test_a_chart_taken_off_the_dashboard_stays_off(superset: Superset) -> None:
    del superset.dashboard["position"]["CHART-cases_table"]
    superset.dashboard["position"]["ROW-cases_trend"]["children"] = ["CHART-cases_trend"]
    edits = look(superset, export()).edits["health"]
    position = document(with_edits(export(columns=("unit_name", "disease", "age")), edits), DASHBOARD)["position"]
    assert "CHART-cases_table" not in position
    assert position["ROW-cases_trend"]["children"] == ["CHART-cases_trend"]


def test_a_chart_made_by_hand_and_taken_off_again_goes(superset: Superset) -> None:
    superset.add_chart("Ca theo xã", "ROW-cases_trend", metrics=["new_cases"])
    edits = look(superset, export()).edits["health"]
    superset.import_(export(), edits)
    row = superset.dashboard["position"]["ROW-for-CHART-Ca theo xã"]
    row["children"] = []
    del superset.dashboard["position"]["CHART-Ca theo xã"]
    found = look(superset, export(), edits)
    assert found.edits["health"].hand_made == {}
    assert "is taken away" in " ".join(found.new)


def test_what_is_asked_of_the_store_stays_the_compilers_when_both_changed_it(superset: Superset) -> None:
    superset.chart("cases_table")["params"]["all_columns"] = ["disease"]
    edits = look(superset, export()).edits["health"]
    assert document(with_edits(export(), edits), TABLE)["params"]["all_columns"] == ["disease"]
    grown = with_edits(export(columns=("unit_name", "disease", "age")), edits)
    assert document(grown, TABLE)["params"]["all_columns"] == ["unit_name", "disease", "age"]


@pytest.mark.parametrize(
    "params",
    [
        {"all_columns": ["disease"]},
        {"groupby": ["disease"]},
        {"metrics": [{"expressionType": "SQL", "sqlExpression": "COUNT(DISTINCT disease)", "label": "n"}]},
        {"metrics": [{"expressionType": "SIMPLE", "aggregate": "COUNT", "column": {"column_name": "disease"}}]},
        {"adhoc_filters": [{"clause": "WHERE", "expressionType": "SIMPLE", "subject": "disease", "operator": "IN", "comparator": ["x"]}]},
    ],
)
@pytest.mark.parametrize("by", ["an edit of a compiled chart", "a chart made by hand"])
def test_an_edit_that_names_a_dropped_column_is_refused_by_name(superset: Superset, by: str, params: dict[str, Any]) -> None:
    if by == "a chart made by hand":
        superset.add_chart("Bệnh", "ROW-cases_trend", **params)
        file, title = "charts/hand_made/benh_", "Bệnh"
    else:
        superset.chart("cases_table")["params"] |= params
        superset.chart("cases_table")["params"]["page_length"] = 5
        file, title = TABLE, "Bảng"
    edits = look(superset, export()).edits["health"]
    with pytest.raises(EditError) as refused:
        with_edits(export(columns=("unit_name",)), edits)
    (problem,) = refused.value.problems
    assert problem.startswith(file)
    assert f"chart {title!r}: column 'disease' is no longer in its dataset" in problem


def test_a_metric_that_is_gone_is_named(superset: Superset) -> None:
    superset.add_chart("Bệnh", "ROW-cases_trend", metrics=["new_cases"])
    edits = look(superset, export()).edits["health"]
    without = {**export(), **{DATASET: export()[DATASET].replace("metric_name: new_cases", "metric_name: other")}}
    with pytest.raises(EditError, match=r"chart 'Bệnh': metric 'new_cases' is no longer in its dataset"):
        with_edits(without, edits)


def test_a_filter_over_a_dropped_column_is_refused(superset: Superset) -> None:
    disease: dict[str, Any] = {
        "id": "NATIVE_FILTER-x",
        "name": "Bệnh",
        "filterType": "filter_select",
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "targets": [{"column": {"name": "disease"}, "datasetUuid": identifier("dataset", "cases")}],
    }
    superset.dashboard["metadata"]["native_filter_configuration"].append(disease)
    edits = look(superset, export()).edits["health"]
    kept = document(with_edits(export(), edits), DASHBOARD)["metadata"]["native_filter_configuration"]
    assert [one["name"] for one in kept] == ["Đơn vị", "Bệnh"]
    with pytest.raises(EditError, match=r"filter 'Bệnh': column 'disease' is no longer"):
        with_edits(export(columns=("unit_name",)), edits)


def test_labels_of_a_dataset_are_a_persons_and_expressions_are_not(superset: Superset) -> None:
    metric = superset.dataset["metrics"][0]
    metric |= {"verbose_name": "Số ca", "d3format": ".1f", "expression": "MAX(new_cases)"}
    superset.dataset["metrics"].append({"metric_name": "half", "verbose_name": "Nửa", "expression": "SUM(new_cases) / 2"})
    superset.dataset["columns"] = [column for column in superset.dataset["columns"] if column["column_name"] != "disease"]
    edits = look(superset, export()).edits["health"]
    result = document(with_edits(export(), edits), DATASET)
    named = {one["metric_name"]: one for one in result["metrics"]}
    assert named["new_cases"]["verbose_name"] == "Số ca"
    assert named["new_cases"]["expression"] == "SUM(new_cases)"
    assert named["half"]["expression"] == "SUM(new_cases) / 2"
    assert [column["column_name"] for column in result["columns"]] == ["unit_name", "disease"]


def test_another_dataset_under_a_compiled_chart_is_said_not_to_be_kept(superset: Superset) -> None:
    superset.chart("cases_trend")["dataset_uuid"] = identifier("dataset", "other")
    found = look(superset, export())
    assert "shows another dataset" in found.not_kept[0]
    assert not found.edits["health"]


def test_a_chart_that_does_not_read_the_store_is_said_not_to_be_kept(superset: Superset) -> None:
    uuid = superset.add_chart("Nơi khác", "ROW-cases_trend")
    superset.held.charts[uuid]["dataset_uuid"] = identifier("dataset", "elsewhere")
    found = look(superset, export())
    assert "does not read the store" in found.not_kept[0]
    assert "CHART-Nơi khác" not in document(with_edits(export(), found.edits["health"]), DASHBOARD)["position"]


def test_charts_added_without_a_place_get_one_that_stays(superset: Superset) -> None:
    uuid = superset.add_chart("Thêm", "ROW-cases_trend", metrics=["new_cases"])
    texts = []
    added = superset.dashboard["position"].pop("CHART-Thêm")
    superset.dashboard["position"]["ROW-cases_trend"]["children"].remove("CHART-Thêm")
    before = superset.dashboard["position"]
    for random in ("QWERTY12", "ZXCVBN34"):  # Superset's export invents these names anew each time
        position = superset.dashboard["position"] = copy.deepcopy(before)
        position[f"ROW-N-{random}"] = {"children": [f"CHART-{random}"], "id": f"ROW-N-{random}", "type": "ROW", "meta": {"0": "ROOT_ID"}}
        position[f"CHART-{random}"] = {**added, "id": f"CHART-{random}"}
        position["GRID_ID"]["children"] = ["ROW-cases_trend", f"ROW-N-{random}"]
        texts.append(edits_text(look(superset, export()).edits["health"]))
    assert texts[0] == texts[1]
    assert f"CHART-added-{uuid[:8]}" in str(texts[0])


def test_edits_of_what_is_no_longer_compiled_are_said_to_have_no_effect(superset: Superset) -> None:
    superset.chart("cases_trend")["slice_name"] = "Một"
    edits = look(superset, export()).edits["health"]
    without = {path: content for path, content in export(rows=[[("cases_table", 12)]]).items() if path != TREND}
    assert with_edits(without, edits) == without
    assert fallen_away(without, edits) == [f"edits.yaml: {TREND}: the contract no longer makes it; its 1 hand edits have no effect"]


def test_edits_are_read_as_they_were_written(superset: Superset, tmp_path: Path) -> None:
    superset.chart("cases_trend")["slice_name"] = "Ca mới/tuần"
    superset.dashboard["metadata"]["label_colors"] = {"A/B": "#fff", "~": "#000"}
    superset.add_chart("Ca theo xã", "ROW-cases_trend", metrics=["new_cases"])
    edits = look(superset, export()).edits["health"]
    assert write_edits(edits, tmp_path) != []
    assert write_edits(edits, tmp_path) == []
    assert read_edits(tmp_path) == edits
    assert "layout/CHART-Ca theo xã:\n    now:\n" in (tmp_path / "edits.yaml").read_text()
    write_edits(Edits(), tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_of_edits_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "edits.yaml").write_text("charts/x.yaml: {slice_name: Một}")
    with pytest.raises(EditError, match=r"edits.yaml: slice_name: 'Một' is no change; write"):
        read_edits(tmp_path)
