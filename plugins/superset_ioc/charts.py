"""Our own chart types: ES modules in `static/charts`, which Superset's pages load when they ask which chart types were added.

The list and the modules are as public as all static files: the page of the login asks for them too. What a chart shows is asked of
`/api/v1/chart/data`, where Superset and the store decide.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

CHARTS = Path(__file__).resolve().parent / "static" / "charts"
ADDRESS = "/ioc/charts"
LIST_ADDRESS = "/dynamic-plugins/api/read"
SECONDS_KEPT = 31_536_000

CHART_TYPES = {
    "ioc_choropleth": "choropleth.js",
    "ioc_curve": "curve.js",
    "ioc_points": "points.js",
    "ioc_ranking": "ranking.js",
    "ioc_scores": "scores.js",
    "ioc_season": "season.js",
    "ioc_tile": "tile.js",
}
"""Module by the name that charts have in `viz_type`."""


@cache
def mark() -> str:
    """A mark of the content of all modules: they import one another, so a change of one is a new address for all."""
    total = sha256()
    for file in sorted(CHARTS.iterdir()):
        total.update(file.name.encode() + b"\0" + file.read_bytes())
    return total.hexdigest()[:12]


def chart_types() -> list[dict[str, Any]]:
    """What Superset's front end wants to know of each: `key` is the `viz_type`, `bundle_url` the module."""
    return [
        {"id": number, "key": key, "name": key, "bundle_url": f"{ADDRESS}/{mark()}/{module}"}
        for number, (key, module) in enumerate(CHART_TYPES.items(), start=1)
    ]


def register(app: Any) -> None:
    """Answer the list of chart types, which Superset 6.1 asks for and does not answer itself, and serve the modules."""
    from flask import Blueprint, jsonify, send_from_directory

    pages = Blueprint("ioc_charts", __name__)

    @pages.get(LIST_ADDRESS)
    def _list() -> Any:
        answer = jsonify(result=chart_types())
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    @pages.get(f"{ADDRESS}/<asked>/<name>")
    def _module(asked: str, name: str) -> Any:
        # A page that was open while the modules changed still gets an answer, which is not kept.
        return send_from_directory(CHARTS, name, max_age=SECONDS_KEPT if asked == mark() else 0, conditional=True)

    app.register_blueprint(pages)
