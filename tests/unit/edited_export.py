"""A small export and a Superset that it was imported into, for tests of hand edits."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import yaml

from control.compile.edits import edited, hand_made_files
from control.compile.edits.file import Edits
from control.compile.edits.form import form_of
from control.compile.edits.site import Base, Held, own_files
from control.compile.superset.bundle import Files, identifier, text
from control.compile.superset.dataset import DATABASE_UUID

DASHBOARD = "dashboards/health.yaml"
DATASET = "datasets/health/cases.yaml"
TREND = "charts/cases_trend.yaml"
TABLE = "charts/cases_table.yaml"


def chart(key: str, title: str, **params: Any) -> Files:
    document = {
        "slice_name": title,
        "description": None,
        "certified_by": None,
        "certification_details": None,
        "viz_type": "table",
        "params": {"viz_type": "table", **params},
        "query_context": None,
        "cache_timeout": None,
        "uuid": identifier("chart", key),
        "version": "1.0.0",
        "dataset_uuid": identifier("dataset", "cases"),
    }
    return {f"charts/{key}.yaml": text(document)}


def dataset(columns: list[str], metrics: Mapping[str, str]) -> Files:
    document = {
        "table_name": "cases",
        "schema": "health",
        "description": None,
        "sql": None,
        "database_uuid": DATABASE_UUID,
        "uuid": identifier("dataset", "cases"),
        "version": "1.0.0",
        "columns": [
            {"column_name": name, "verbose_name": name.title(), "expression": None, "type": "TEXT", "is_dttm": False} for name in columns
        ],
        "metrics": [
            {"metric_name": name, "verbose_name": name.title(), "expression": sql, "d3format": ",d"} for name, sql in metrics.items()
        ],
    }
    return {DATASET: text(document)}


def dashboard(rows: list[list[tuple[str, int]]]) -> Files:
    """Rows of (key of a chart, width)."""
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"children": ["GRID_ID"], "id": "ROOT_ID", "type": "ROOT"},
        "GRID_ID": {"children": [], "id": "GRID_ID", "parents": ["ROOT_ID"], "type": "GRID"},
        "HEADER_ID": {"id": "HEADER_ID", "meta": {"text": "Y tế"}, "type": "HEADER"},
    }
    number = 0
    for charts in rows:
        row = f"ROW-{charts[0][0]}"
        position["GRID_ID"]["children"].append(row)
        position[row] = {
            "children": [f"CHART-{key}" for key, _ in charts],
            "id": row,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
            "parents": ["ROOT_ID", "GRID_ID"],
            "type": "ROW",
        }
        for key, width in charts:
            number += 1
            position[f"CHART-{key}"] = {
                "children": [],
                "id": f"CHART-{key}",
                "meta": {"chartId": number, "height": 40, "sliceName": key, "uuid": identifier("chart", key), "width": width},
                "parents": ["ROOT_ID", "GRID_ID", row],
                "type": "CHART",
            }
    unit = {
        "id": "NATIVE_FILTER-unit",
        "name": "Đơn vị",
        "filterType": "filter_select",
        "scope": {"rootPath": ["ROOT_ID"], "excluded": [1]},
        "targets": [{"column": {"name": "unit_name"}, "datasetUuid": identifier("dataset", "cases")}],
    }
    document = {
        "dashboard_title": "Y tế",
        "description": None,
        "css": "",
        "slug": "health",
        "published": True,
        "position": position,
        "metadata": {"refresh_frequency": 30, "native_filter_configuration": [unit], "chart_configuration": {}},
        "uuid": identifier("dashboard", "health"),
        "version": "1.0.0",
    }
    return {DASHBOARD: text(document)}


def export(*, columns: tuple[str, ...] = ("unit_name", "disease"), rows: list[list[tuple[str, int]]] | None = None) -> Files:
    """The compiled export of a subsystem with a trend and a table."""
    return {
        "metadata.yaml": text({"version": "1.0.0", "type": "assets"}),
        **dataset(list(columns), {"new_cases": "SUM(new_cases)"}),
        **chart("cases_trend", "Ca mới", metrics=["new_cases"], x_axis="unit_name", row_limit=100),
        **chart("cases_table", "Bảng", all_columns=list(columns)),
        **dashboard(rows or [[("cases_trend", 6), ("cases_table", 6)]]),
    }


class Superset:
    """What a running Superset would hold, with the numbers of its own that it gives to charts."""

    def __init__(self) -> None:
        self.held = Held()
        self.base: Base | None = None
        self.numbers: dict[str, int] = {}

    def number(self, uuid: str) -> int:
        return self.numbers.setdefault(uuid, 700 + len(self.numbers))

    def import_(self, compiled: Files, edits: Edits | None = None) -> Files:
        """Import one subsystem's export with its edits, and remember it. Returns what was imported."""
        edits = edits or Edits()
        files = edited({"health": compiled}, {"health": edits})["health"]
        for path, content in files.items():
            kind, document = path.split("/", 1)[0], yaml.safe_load(content)
            if kind == "dashboards":
                self._renumber(document)
            if kind in ("charts", "datasets", "dashboards"):
                getattr(self.held, kind)[document["uuid"]] = document
        forms = {}
        for path, uuid in own_files(files).items():
            form = form_of(path, self.held.document(path, uuid) or {})
            assert form is not None
            forms[uuid] = copy.deepcopy(form)
        made = frozenset(own_files(hand_made_files(edits)).values())
        self.base = Base(forms, {"health": edits.changes}, made)
        return files

    def _renumber(self, document: dict[str, Any]) -> None:
        new = {}
        for part in document["position"].values():
            if isinstance(part, dict) and part["type"] == "CHART":
                new[part["meta"]["chartId"]] = part["meta"]["chartId"] = self.number(part["meta"]["uuid"])
                assert part["meta"]["uuid"] in self.held.charts, "the importer stops at a chart that the export does not hold"
        for one in document["metadata"]["native_filter_configuration"]:
            one["scope"]["excluded"] = [new.get(old, old) for old in one["scope"]["excluded"]]
        configured = document["metadata"]["chart_configuration"]
        for one in configured.values():
            if isinstance(one["crossFilters"]["scope"], dict):
                one["crossFilters"]["scope"]["excluded"] = [new.get(old, old) for old in one["crossFilters"]["scope"]["excluded"]]
        document["metadata"]["chart_configuration"] = {str(new[int(old)]): {**one, "id": new[int(old)]} for old, one in configured.items()}

    def chart(self, key: str) -> dict[str, Any]:
        return self.held.charts[identifier("chart", key)]

    @property
    def dashboard(self) -> dict[str, Any]:
        return self.held.dashboards[identifier("dashboard", "health")]

    @property
    def dataset(self) -> dict[str, Any]:
        return self.held.datasets[identifier("dataset", "cases")]

    def add_chart(self, title: str, row: str, width: int = 4, **params: Any) -> str:
        """A person makes a chart and drops it into a row of the dashboard. Returns its UUID."""
        document = yaml.safe_load(next(iter(chart(title, title, **params).values())))
        document["params"] |= {"datasource": "7__table", "slice_id": 999, "dashboards": [3]}
        self.held.charts[document["uuid"]] = document
        name = f"CHART-{title}"
        meta = {"chartId": self.number(document["uuid"]), "height": 50, "sliceName": title, "uuid": document["uuid"], "width": width}
        parents = [*self.dashboard["position"][row]["parents"], row]
        self.dashboard["position"][name] = {"children": [], "id": name, "meta": meta, "parents": parents, "type": "CHART"}
        self.dashboard["position"][row]["children"].append(name)
        return str(document["uuid"])
