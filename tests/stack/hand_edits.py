"""A contract of a test's own, applied to the running Superset alone, and a person who changes its dashboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from control.compile.edits import edited, read_edits
from control.compile.edits.found import unexported
from control.compile.edits.site import TEMPLATE, remember
from control.compile.superset.apply import apply_exports
from control.compile.superset.bundle import Files
from control.compile.superset.export import compile_superset
from control.compile.superset.mark import read_mark, write_mark
from control.compile.superset.removal import remove_superset
from control.compile.superset.site import SupersetSite
from control.export import Exported, export_dashboards
from datasets.model.contract import Contract
from datasets.model.read import read_contract
from tests.running import Running
from tests.stack.superset_questions import site_of

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
    imports: set[str | None] = field(default_factory=set)
    """Digests of what it imported."""

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
        apply_exports(self.site, files, contracts, lambda _: remember(self.site, compiled, edits))
        self.imports.add(read_mark(self.site).digest)
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


@contextmanager
def applied_trial(instance: Running, folder: Path) -> Iterator[Trial]:
    """The contract applied to Superset, and taken away afterwards with what Superset remembers of it."""
    site = site_of(instance, instance.superset_admin)
    remove_superset(site, NAME)  # what a test that was stopped has left
    before, remembered = read_mark(site), template(site)
    trial = Trial(site, folder / "contracts" / NAME)
    trial.write(DATAPACKAGE)
    trial.apply()
    yield trial
    for row in list(site.every("chart", ["id", "slice_name"])):
        if row["slice_name"].startswith("Sửa tay"):
            site.call("DELETE", f"/api/v1/chart/{row['id']}")
    remove_superset(site, NAME)
    if read_mark(site).digest not in trial.imports:
        return  # somebody else has imported since
    write_mark(site, before)
    if remembered is not None:
        site.call("PUT", f"/api/v1/css_template/{remembered['id']}", json={"css": remembered["css"]})
