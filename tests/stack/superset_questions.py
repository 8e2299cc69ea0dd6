"""What stack tests ask Superset, as its dashboards do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import requests

from control.compile.superset.site import SupersetSite
from tests.running import Account, Running
from tests.stack.deliveries import fetch

TRENDS = ("echarts_timeseries_line", "mixed_timeseries")
KINDS = ("database", "dataset", "chart", "dashboard")


def site_of(instance: Running, account: Account) -> SupersetSite:
    return SupersetSite(instance.superset_url, account.name, account.password)


def ids(site: SupersetSite) -> dict[str, dict[str, int]]:
    """Id by UUID of everything, by kind."""
    return {kind: {row["uuid"]: row["id"] for row in site.every(kind, ["id", "uuid"])} for kind in KINDS}


def trend(session: requests.Session, url: str, slug: str, begins: str) -> dict[str, Any]:
    """The first trend on a dashboard whose name begins so."""
    charts = session.get(f"{url}/api/v1/dashboard/{slug}/charts", timeout=60).json()["result"]
    return next(c for c in charts if c["slice_name"].startswith(begins) and c["form_data"]["viz_type"] in TRENDS)


def question(session: requests.Session, url: str, slug: str, begins: str, metric: str) -> dict[str, Any]:
    """The body that asks one figure through a dashboard's chart."""
    chart = trend(session, url, slug, begins)
    dashboard = session.get(f"{url}/api/v1/dashboard/{slug}", timeout=60).json()["result"]["id"]
    return {
        "datasource": {"id": int(chart["form_data"]["datasource"].split("__")[0]), "type": "table"},
        "force": False,
        "queries": [{"columns": [], "metrics": [metric], "filters": [], "row_limit": 1}],
        "form_data": {"slice_id": chart["id"], "dashboardId": dashboard, "viz_type": chart["form_data"]["viz_type"]},
        "result_format": "json",
        "result_type": "full",
    }


EDITION = "SELECT coalesce(max(edition), 0) FROM ledger.edition"
T = TypeVar("T")


def in_one_edition(instance: Running, act: Callable[[], T]) -> T:
    """What `act` gives while nothing is loaded: the harvest may publish an edition at any moment, by the clock or for a test before."""
    for _ in range(10):
        before = fetch(instance, EDITION)
        given = act()
        if fetch(instance, EDITION) == before:
            return given
    raise AssertionError("the store gets new editions all the time")


def ask(session: requests.Session, url: str, body: dict[str, Any]) -> dict[str, Any]:
    """The first result of a chart's question."""
    answer = session.post(f"{url}/api/v1/chart/data", json=body, timeout=60)
    assert answer.status_code == 200, answer.text[:500]
    result: dict[str, Any] = answer.json()["result"][0]
    return result
