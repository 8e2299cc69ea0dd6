"""What people change in Superset's pages is brought back by `ioc export` and survives the next apply."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from control.compile.edits import EditError
from control.compile.edits.found import assumed, found_edits, unexported
from control.compile.edits.site import held
from control.contracts import read_contracts
from control.exports import exports_of
from control.hosts import Hosts
from control.plan import make_plan
from tests.running import Running
from tests.stack.hand_edits import AGE, DATAPACKAGE, Trial, applied_trial
from tests.stack.superset_questions import site_of

pytestmark = pytest.mark.stack


@pytest.fixture
def trial(instance: Running, tmp_path: Path) -> Iterator[Trial]:
    with applied_trial(instance, tmp_path) as trial:
        yield trial


def test_an_untouched_import_holds_no_edits(trial: Trial) -> None:
    done = trial.export()
    assert (done.kept, done.not_kept) == ([], [])
    assert not (trial.exports / "edits.yaml").exists()
    assert trial.export().files == []
    assert trial.unexported() == []


def test_the_real_dashboards_hold_no_edits_after_an_import(instance: Running) -> None:
    site = site_of(instance, instance.superset_admin)
    contracts, _ = read_contracts()
    exports = exports_of(contracts)
    before = unexported(site, exports.compiled, exports.edits)
    if not before:
        exports.bring(site, contracts)
    found = found_edits(held(site), assumed(exports.compiled, exports.edits), exports.compiled, exports.edits)
    assert (before, found.new, found.not_kept) == ([], [], [])


def test_title_place_size_and_a_chart_of_ones_own_survive_a_changed_contract(trial: Trial) -> None:
    table = trial.chart("Lượt khám: bảng")
    trial.site.call("PUT", f"/api/v1/chart/{table['id']}", json={"slice_name": "Sửa tay: tên mới"})
    made = trial.make_chart("Sửa tay: của tôi", all_columns=["ward"])
    dashboard = trial.dashboard()
    position = dashboard["position"]
    grid = position["GRID_ID"]["children"]
    first = position[grid[0]]
    place, chart = next((name, part) for name, part in position.items() if isinstance(part, dict) and part.get("type") == "CHART")
    chart["meta"] |= {"width": 4, "height": 33}
    uuid = trial.site.call("GET", f"/api/v1/chart/{made}")["result"]["uuid"]
    own = {"chartId": made, "height": 50, "width": 4, "sliceName": "Sửa tay: của tôi", "uuid": uuid}
    position["CHART-mine"] = {"id": "CHART-mine", "type": "CHART", "children": [], "meta": own, "parents": [*first["parents"], grid[0]]}
    position["ROW-mine"] = {"id": "ROW-mine", "type": "ROW", "children": ["CHART-mine"], "meta": {"background": "BACKGROUND_TRANSPARENT"}}
    position["ROW-mine"]["parents"] = ["ROOT_ID", "GRID_ID"]
    position["GRID_ID"]["children"] = [*grid[1:], "ROW-mine", grid[0]]
    trial.save(dashboard)

    assert any("Sửa tay: tên mới" in line for line in trial.unexported())
    done = trial.export()
    assert done.not_kept == []
    assert trial.unexported() == []
    assert len(list((trial.exports / "hand-made" / "charts").iterdir())) == 1

    at_first = (trial.exports / "edits.yaml").read_text()
    trial.write(DATAPACKAGE.replace("      primaryKey", AGE + "      primaryKey"), "ngay,ma_tinh,luot,khoa,tuoi\n01/08/2021,40,12,Nội,5\n")
    trial.apply()

    now = trial.dashboard()["position"]
    assert now["GRID_ID"]["children"] == [*grid[1:], "ROW-mine", grid[0]]
    assert (now[place]["meta"]["width"], now[place]["meta"]["height"]) == (4, 33)
    assert trial.chart("Sửa tay: tên mới")["id"] == table["id"]
    assert trial.chart("Sửa tay: của tôi")["id"] == made
    columns = json.dumps(trial.site.call("GET", f"/api/v1/chart/{table['id']}")["result"]["params"])
    assert "age" in columns, "the new column of the contract is in the table whose title a person changed"
    assert trial.unexported() == []
    assert trial.export().kept == []
    assert (trial.exports / "edits.yaml").read_text() == at_first


def test_a_chart_added_without_a_place_is_kept_too(trial: Trial) -> None:
    trial.make_chart("Sửa tay: không chỗ", all_columns=["ward"])
    done = trial.export()
    assert "chart 'Sửa tay: không chỗ' was made by hand" in " ".join(done.kept)
    assert trial.unexported() == []
    files = trial.apply()
    assert trial.unexported() == []
    dashboard = yaml.safe_load(files["dashboards/hand_edits.yaml"])
    assert "không chỗ" in json.dumps(dashboard["position"], ensure_ascii=False)


def test_a_chart_over_a_column_that_the_contract_drops_is_refused_by_name(trial: Trial) -> None:
    trial.make_chart("Sửa tay: theo khoa", all_columns=["ward"])
    trial.export()
    fields = [line for line in DATAPACKAGE.splitlines(keepends=True) if "column: ward" not in line]
    trial.write("".join(fields), "ngay,ma_tinh,luot\n01/08/2021,40,12\n")
    before = without_ages(trial.dashboard())
    with pytest.raises(EditError) as refused:
        trial.apply()
    (problem,) = refused.value.problems
    assert "chart 'Sửa tay: theo khoa': column 'ward' is no longer in its dataset" in problem
    assert without_ages(trial.dashboard()) == before


def without_ages(dashboard: dict[str, Any]) -> dict[str, Any]:
    """The dashboard without "two seconds ago"."""
    return {name: value for name, value in dashboard.items() if not name.endswith("_humanized")}


def test_a_plan_that_would_overwrite_what_nobody_exported_is_refused(instance: Running, trial: Trial) -> None:
    chart = trial.chart("Lượt khám: bảng")
    trial.site.call("PUT", f"/api/v1/chart/{chart['id']}", json={"slice_name": "Sửa tay: chưa lấy về"})
    trial.write(DATAPACKAGE.replace("      primaryKey", AGE + "      primaryKey"), "ngay,ma_tinh,luot,khoa,tuoi\n01/08/2021,40,12,Nội,5\n")
    contracts, reference = read_contracts()
    hosts, asked = Hosts.of(instance.instance, instance.secrets), [*contracts, trial.contract()]
    plan = make_plan(hosts, asked, reference, editors="warn")
    (refused,) = [problem.message for problem in plan.refused if "hand-edits" in problem.message]
    assert "chart 'Sửa tay: chưa lấy về': slice_name; run ./ioc export to keep it, or ./ioc apply --discard-edits" in refused
    assert not make_plan(hosts, asked, reference, editors="warn", discard_edits=True).refused
    trial.export()
    assert not make_plan(hosts, asked, reference, editors="warn").refused


def test_the_export_can_be_imported_as_it_is(trial: Trial) -> None:
    trial.make_chart("Sửa tay: mang đi", all_columns=["ward"])
    trial.export()
    files = {path.relative_to(trial.exports).as_posix(): path.read_text() for path in trial.exports.rglob("*.yaml")}
    charts = {yaml.safe_load(content)["uuid"] for path, content in files.items() if path.startswith("charts/")}
    position = yaml.safe_load(files["dashboards/hand_edits.yaml"])["position"]
    shown = {part["meta"]["uuid"] for part in position.values() if isinstance(part, dict) and part["type"] == "CHART"}
    assert shown <= charts
    shutil.rmtree(trial.exports / "charts")
    trial.export()
    assert {path.name for path in (trial.exports / "charts").rglob("*.yaml")} == {
        Path(path).name for path in files if path.startswith("charts/")
    }
