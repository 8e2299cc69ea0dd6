"""Persons are shown to nobody whom they do not concern.

Superset gives everyone who reads a dashboard the list of all accounts, with addresses, to choose an owner from, and names the owners and
the last editor of each dashboard.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

TOLD_BY = ("/api/v1/dashboard", "/api/v1/chart")
NOBODY = {"id": 0, "first_name": "", "last_name": ""}
ONE_PERSON, NAME_OF_ONE = {"changed_by", "created_by"}, {"changed_by_name", "created_by_name"}


def for_administrators(query: Any) -> Any:
    """Superset's `EXTRA_RELATED_QUERY_FILTERS`: accounts and roles to choose from are shown to administrators only."""
    from sqlalchemy import false
    from superset.extensions import security_manager

    return query if security_manager.is_admin() else query.filter(false())


def without_persons(told: Any) -> Any:
    """A copy of an answer of the API in which no owner and no editor is named."""
    if isinstance(told, list):
        return [without_persons(part) for part in told]
    if not isinstance(told, dict):
        return told
    hidden: dict[str, Any] = {}
    for key, value in told.items():
        if key == "owners" and isinstance(value, list):
            hidden[key] = []
        elif key in ONE_PERSON and isinstance(value, dict):
            hidden[key] = NOBODY
        elif key in NAME_OF_ONE and isinstance(value, str):
            hidden[key] = ""
        else:
            hidden[key] = without_persons(value)
    return hidden


def register(app: Any) -> None:
    """Take persons out of what is answered to who has not logged in."""
    from flask import request

    @app.after_request  # type: ignore[untyped-decorator]
    def _without_persons(response: Any) -> Any:
        from superset.extensions import security_manager

        if not request.path.startswith(TOLD_BY) or response.mimetype != "application/json" or request.path.endswith("/data"):
            return response
        # Nobody was looked up yet for a request that was refused before (too many of them, say).
        if response.status_code == HTTPStatus.OK and security_manager.current_user is None:
            response.set_data(json.dumps(without_persons(json.loads(response.get_data()))))
            response.headers.pop("ETag", None)
        return response
