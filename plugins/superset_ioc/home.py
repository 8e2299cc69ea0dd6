"""The first page: the list of dashboards instead of Superset's workbench."""

from __future__ import annotations

from typing import Any

FIRST_PAGE = "/dashboard/list/"


def register(app: Any) -> None:
    """Send `/` and Superset's welcome page to the dashboards."""
    from flask import redirect, request

    @app.before_request  # type: ignore[untyped-decorator]
    def _go_to_dashboards() -> Any:
        if request.method == "GET" and request.path.rstrip("/") in ("", "/superset/welcome"):
            return redirect(FIRST_PAGE)
        return None
