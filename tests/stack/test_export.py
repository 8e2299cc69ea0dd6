"""What people change in Superset's pages is brought back by `ioc export` and survives the next apply."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from control.compile.superset import compile_superset, remove_superset
from control.compile.superset_apply import apply_exports
from control.compile.superset_bundle import Files
from control.compile.superset_edits import EditError, edited, read_edits
from control.compile.superset_edits_found import assumed, found_edits, unexported
from control.compile.superset_edits_site import TEMPLATE, held, remember
from control.compile.superset_mark import read_mark, write_mark
from control.compile.superset_site import SupersetSite
from control.contracts import read_contracts
from control.export import Exported, export_dashboards
from control.exports import exports_of
from datasets.model.contract import Contract
from datasets.model.read import read_contract
from tests.running import Running
from tests.stack.superset_questions import site_of

pytestmark = pytest.mark.stack

NAME = "hand-edits"
DATAPACKAGE = """\
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: hand-edits
version: 1.0.0
title: Kiểm thử sửa tay
titles: {en: Test of hand edits, fr: Test des modifications manuelles}
subsystem: {order: 97, owner: so-y-te}
resources:
  - name: visits
    path: examples/visits.csv
    title: Lượt khám
    titles: {en: Visits, fr: Visites}
    publishers: [so-y-te]
    steward: so-y-te/thu-truong
    access: shared
    legal_basis: quy-che-ioc/dieu-12
    delivery: {scope: whole, column: ngay}
    obligation: {calendar: day, due: "17:00"}
    schema:
      fields:
        - {name: ngay, column: day, title: Ngày, type: date, format: "%d/%m/%Y", constraints: {required: true}}
        - {name: ma_tinh, column: province, title: Mã tỉnh, type: string, refers: {unit: province, on: ngay}, constraints: {required: true}}
        - {name: luot, column: visits, title: Lượt khám, type: integer, constraints: {minimum: 0}}
        - {name: khoa, column: ward, title: Khoa, type: string}
      primaryKey: [ngay, ma_tinh]
"""
AGE = "        - {name: tuoi, column: age, title: Tuổi, type: integer, total: false}\n"
EXAMPLE = "ngay,ma_tinh,luot,khoa\n01/08/2021,40,12,Nội\n"


@dataclass
class Trial:
    """A contract of a folder of its own, applied to the running Superset alone."""

    site: SupersetSite
    folder: Path

    @property
    def exports(self) -> Path:
        return self.folder.parent / "dashboards_export" / NAME

    def contract(self) -> Contract:
        return read_contract(self.folder)

    def write(self, datapackage: str, example: str = EXAMPLE) -> None:
        (self.folder / "examples").mkdir(parents=True, exist_ok=True)
        (self.folder / "datapackage.yaml").write_text(datapackage)
        (self.folder / "examples" / "visits.csv").write_text(example)

    def apply(self) -> Files:
        """What `ioc apply` does in Superset."""
        contracts = [self.contract()]
        compiled, edits = compile_superset(contracts), {NAME: read_edits(self.exports)}
        files = edited(compiled, edits)
        apply_exports(self.site, files, contracts, lambda: remember(self.site, compiled, edits))
        return files[NAME]

    def export(self) -> Exported:
        return export_dashboards([self.contract()], self.site)

    def unexported(self) -> list[str]:
        return unexported(self.site, compile_superset([self.contract()]), {NAME: read_edits(self.exports)})

    def dashboard(self) -> dict[str, Any]:
        """Its row, with layout and metadata as mappings."""
        found: dict[str, Any] = self.site.call("GET", f"/api/v1/dashboard/{NAME}")["result"]
        return {**found, "position": json.loads(found["position_json"]), "metadata": json.loads(found["json_metadata"])}

    def save(self, dashboard: dict[str, Any]) -> None:
        """Save the layout as Superset's page does."""
        metadata = {**dashboard["metadata"], "positions": dashboard["position"]}
        body = {"json_metadata": json.dumps(metadata), "dashboard_title": dashboard["dashboard_title"]}
        self.site.call("PUT", f"/api/v1/dashboard/{dashboard['id']}", json=body)

    def chart(self, begins: str) -> dict[str, Any]:
        charts = self.site.call("GET", f"/api/v1/dashboard/{NAME}/charts")["result"]
        number = next(chart["id"] for chart in charts if chart["slice_name"].startswith(begins))
        return {**self.site.call("GET", f"/api/v1/chart/{number}")["result"], "id": number}

    def make_chart(self, title: str, **params: Any) -> int:
        """A person makes a chart over the rows and adds it to the dashboard, as Explore does. Returns its id."""
        rows = next(row for row in self.site.every("dataset", ["id", "table_name", "schema"]) if row["schema"] == "hand_edits")
        form = {"viz_type": "table", "datasource": f"{rows['id']}__table", "query_mode": "raw", **params}
        body = {
            "slice_name": title,
            "viz_type": "table",
            "datasource_id": rows["id"],
            "datasource_type": "table",
            "params": json.dumps(form),
            "dashboards": [self.dashboard()["id"]],
        }
        return int(self.site.call("POST", "/api/v1/chart/", json=body)["id"])


def template(site: SupersetSite) -> dict[str, Any] | None:
    """Where Superset remembers its last import."""
    listed = site.call("GET", "/api/v1/css_template/?q=(columns:!(id,css,template_name),page_size:100)")["result"]
    return next((row for row in listed if row["template_name"] == TEMPLATE), None)


@pytest.fixture
def trial(instance: Running, tmp_path: Path) -> Iterator[Trial]:
    site = site_of(instance, instance.superset_admin)
    before, remembered = read_mark(site), template(site)
    trial = Trial(site, tmp_path / "contracts" / NAME)
    trial.write(DATAPACKAGE)
    trial.apply()
    yield trial
    for row in list(site.every("chart", ["id", "slice_name"])):
        if row["slice_name"].startswith("Sửa tay"):
            site.call("DELETE", f"/api/v1/chart/{row['id']}")
    remove_superset(site, NAME)
    write_mark(site, before)
    if remembered is not None:
        site.call("PUT", f"/api/v1/css_template/{remembered['id']}", json={"css": remembered["css"]})


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
        apply_exports(site, exports.edited, contracts, lambda: remember(site, exports.compiled, exports.edits))
    found = found_edits(held(site), assumed(exports.compiled, exports.edits), exports.compiled, exports.edits)
    assert (before, found.new, found.not_kept) == ([], [], [])


def test_title_place_size_and_a_chart_of_ones_own_survive_a_changed_contract(trial: Trial) -> None:
    table = trial.chart("Lượt khám")
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
    before = trial.dashboard()
    with pytest.raises(EditError) as refused:
        trial.apply()
    (problem,) = refused.value.problems
    assert "chart 'Sửa tay: theo khoa': column 'ward' is no longer in its dataset" in problem
    assert trial.dashboard() == before


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
