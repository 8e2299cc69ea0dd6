"""A dashboard for tests of our chart types: figures that follow from a commune's place in the list, so that they are known by hand.

Communes are numbered 1 to 130 by their code. In November 2026 commune n has the value n, but number 1 has none and number 2 has zero; in
October each has n / 2. The total's target is 100. Number 130 has the highest value.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from tests.running import Running

COMMUNES = """
SELECT n.unit_id, n.unit_code, n.unit_name, 'commune' AS unit_level, p.period_starts,
    CASE WHEN p.period_starts = '2026-10-01' THEN n.place / 2.0
        WHEN n.place = 1 THEN NULL WHEN n.place = 2 THEN 0 ELSE n.place END AS amount
FROM (SELECT unit_id, code AS unit_code, name AS unit_name, row_number() OVER (ORDER BY code) AS place
      FROM ref.unit WHERE level = 'commune' AND valid_to IS NULL) n
CROSS JOIN (VALUES (date '2026-10-01'), (date '2026-11-01')) AS p(period_starts)
"""
COURSE = """
SELECT period_starts, amount, 85 AS goal FROM (VALUES
    (date '2026-10-26', 84.5), (date '2026-11-02', 86.26), (date '2026-11-09', 87.0), (date '2026-11-16', 82.44)
) AS w(period_starts, amount)
"""
STALE = """
SELECT period_starts, amount FROM (VALUES
    (date '2026-11-02', 12), (date '2026-11-09', NULL), (date '2026-11-16', NULL)) AS w(period_starts, amount)
"""
NOTHING = "SELECT period_starts, amount FROM (VALUES (date '2026-11-16', NULL::numeric)) AS w(period_starts, amount)"
ZERO = "SELECT period_starts, amount FROM (VALUES (date '2026-11-15', 3), (date '2026-11-16', 0)) AS w(period_starts, amount)"

MAP = {
    "viz_type": "ioc_choropleth",
    "metric": "total",
    "level": "commune",
    "calendar": "month",
    "unit": "ca",
    "direction": "down",
    "decimals": 1,
    "classes": 5,
}
TILE = {
    "viz_type": "ioc_tile",
    "metric": "total",
    "x_axis": "period_starts",
    "calendar": "week",
    "unit": "%",
    "direction": "down",
    "decimals": 1,
}


@dataclass
class Trial:
    """What was made in Superset for these tests, to be removed afterwards.

    Its names are its own, so that what a run that was stopped has left is not in its way.
    """

    session: requests.Session
    url: str
    mark: str = field(default_factory=lambda: secrets.token_hex(3))
    made: list[tuple[str, int]] = field(default_factory=list)
    charts: dict[str, int] = field(default_factory=dict)
    """Id by name."""

    @property
    def slug(self) -> str:
        return f"trial-charts-{self.mark}"

    @property
    def address(self) -> str:
        return f"{self.url}/superset/dashboard/{self.slug}/"

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.session.request(method, f"{self.url}/api/v1/{path}", json=body, timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        said: dict[str, Any] = answer.json()
        return said

    def make(self, kind: str, body: dict[str, Any]) -> int:
        number: int = self.call("POST", f"{kind}/", body)["id"]
        self.made.append((kind, number))
        return number

    def dataset(self, name: str, sql: str) -> int:
        database = next(row["id"] for row in self.call("GET", "database/")["result"])
        number = self.make("dataset", {"database": database, "schema": "ref", "table_name": f"{name}_{self.mark}", "sql": sql})
        columns = [
            {"id": column["id"], "column_name": column["column_name"], "is_dttm": column["column_name"] == "period_starts"}
            for column in self.call("GET", f"dataset/{number}")["result"]["columns"]
        ]
        metrics = [{"metric_name": "total", "expression": "SUM(amount)"}]
        if any(column["column_name"] == "goal" for column in columns):
            metrics.append({"metric_name": "goal_of_total", "expression": "MIN(goal)"})
        self.call("PUT", f"dataset/{number}?override_columns=false", {"columns": columns, "metrics": metrics})
        return number

    def chart(self, name: str, dataset: int, params: dict[str, Any]) -> None:
        form = {**params, "datasource": f"{dataset}__table", "adhoc_filters": []}
        body = {"slice_name": name, "viz_type": params["viz_type"], "datasource_id": dataset, "datasource_type": "table"}
        self.charts[name] = self.make("chart", {**body, "params": json.dumps(form)})

    def show(self, title: str, position: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Makes the dashboard of all charts, which everybody may read, anonymous visitors too."""
        roles = self.call("GET", "security/roles/?q=(page_size:100)")["result"]
        body = {
            "dashboard_title": title,
            "slug": self.slug,
            "published": True,
            "roles": [role["id"] for role in roles if role["name"] in ("ioc_leader", "Public")],
            "position_json": json.dumps(position),
            "json_metadata": json.dumps(metadata),
        }
        number = self.make("dashboard", body)
        for chart in self.charts.values():
            self.call("PUT", f"chart/{chart}", {"dashboards": [number]})

    def remove(self) -> None:
        """Removes everything that was made, dashboards first."""
        for kind, number in sorted(self.made, key=lambda one: ("dashboard", "chart", "dataset").index(one[0])):
            self.session.delete(f"{self.url}/api/v1/{kind}/{number}", timeout=60)


def layout(rows: list[list[tuple[int, str, int]]], height: int) -> dict[str, Any]:
    """Rows of charts (id, name, twelfths) in Superset's own form; heights in its units of 8 pixels."""
    layout: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [f"ROW-{n}" for n in range(len(rows))], "parents": ["ROOT_ID"]},
    }
    for n, row in enumerate(rows):
        parents = ["ROOT_ID", "GRID_ID"]
        layout[f"ROW-{n}"] = {
            "type": "ROW",
            "id": f"ROW-{n}",
            "children": [f"CHART-{number}" for number, _, _ in row],
            "parents": parents,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for number, name, width in row:
            layout[f"CHART-{number}"] = {
                "type": "CHART",
                "id": f"CHART-{number}",
                "children": [],
                "parents": [*parents, f"ROW-{n}"],
                "meta": {"chartId": number, "sliceName": name, "width": width, "height": height if n else 26},
            }
    return layout


@contextmanager
def made_trial(instance: Running, make: Callable[[Trial], None]) -> Iterator[Trial]:
    """A trial with what `make` puts into it, removed afterwards also where the making stopped halfway."""
    trial = Trial(instance.superset(instance.superset_admin), instance.superset_url)
    try:
        make(trial)
        yield trial
    finally:
        trial.remove()


def make_charts(trial: Trial) -> None:
    """Makes datasets, charts and the dashboard."""
    course = trial.dataset("trial_course", COURSE)
    communes = trial.dataset("trial_communes", COMMUNES)
    trial.chart("Công suất giường", course, {**TILE, "target_metric": "goal_of_total", "target_proposed": True})
    trial.chart("Ca từ lâu", trial.dataset("trial_stale", STALE), {**TILE, "unit": "ca", "decimals": 0})
    trial.chart("Chưa có", trial.dataset("trial_nothing", NOTHING), {**TILE, "unit": "ca", "decimals": 0})
    trial.chart("Ca hôm nay", trial.dataset("trial_zero", ZERO), {**TILE, "calendar": "day", "unit": "ca", "decimals": 0})
    trial.chart("Tổng số ca", communes, {**TILE, "calendar": "month", "unit": "ca/100.000 dân", "decimals": 1})
    trial.chart("Bản đồ", communes, MAP)
    table = {"viz_type": "table", "query_mode": "aggregate", "groupby": ["unit_name"], "metrics": ["total"], "row_limit": 200}
    trial.chart("Bảng xã", communes, {**table, "server_pagination": False, "page_length": 10})
    tiles = [(trial.charts[name], name, 2) for name in ("Công suất giường", "Ca từ lâu", "Chưa có", "Ca hôm nay", "Tổng số ca")]
    below = [(trial.charts["Bản đồ"], "Bản đồ", 7), (trial.charts["Bảng xã"], "Bảng xã", 5)]
    trial.show("Thử nghiệm", layout([tiles, below], 60), {"cross_filters_enabled": True})
