"""`ioc_receipt_update` (the harvest writes) and `ioc_receipt_show` (everyone reads what is theirs to read)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from . import agencies, standing
from .delivery import Viewer
from .receipt import ACCEPTED, LOCK_IN_TRANSACTION, STATES, Receipt, received

MAX_PROBLEMS = 1000
COUNTS = ("edition", "load_id", "rows_accepted", "rows_rejected")
PUBLIC = ("resource_id", "state", "edition", "at")
OFFICIAL = (*PUBLIC, "load_id", "file_sha256", "rows_accepted", "rows_rejected")


def receipt_update(context: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Writes the receipt of a delivery.

    Takes the payload of the harvest; returns {"current": whether it was kept}. An acceptance of a file that is no longer the one
    attached is not kept. Raises ValidationError for a payload that cannot be read, NotFound for a resource that never was.
    """
    tk.check_access("ioc_receipt_update", context, data)
    values = _checked(data)
    resource = model.Resource.get(values["resource_id"])
    if resource is None:
        raise tk.ObjectNotFound()
    model.Session.execute(LOCK_IN_TRANSACTION, {"id": resource.id})
    if values["state"] in ACCEPTED and standing.file_sha256(resource) not in (None, values["file_sha256"]):
        model.Session.rollback()
        return {"current": False}
    row = model.Session.get(Receipt, resource.id, populate_existing=True) or received(resource.id)
    for name, value in values.items():
        setattr(row, name, value)
    model.Session.add(row)
    model.Session.commit()
    return {"current": True}


def _checked(data: dict[str, Any]) -> dict[str, Any]:
    """The payload as columns. Raises ValidationError."""
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {"resource_id": data.get("resource_id") or data.get("id")}
    if not isinstance(values["resource_id"], str):
        errors["resource_id"] = ["write the id of a resource"]
    if data.get("state") not in STATES:
        errors["state"] = [f"write one of {', '.join(STATES)}"]
    values["state"] = data.get("state")
    for name in COUNTS:
        value = data.get(name)
        if value is not None and not (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
            errors[name] = ["write a whole number, 0 or more, or null"]
        values[name] = value
    problems = data.get("problems") or []
    if not isinstance(problems, list) or not all(isinstance(p, dict) and isinstance(p.get("rule"), str) for p in problems):
        errors["problems"] = ["write a list of {line, column, rule, value, params}"]
    elif len(problems) > MAX_PROBLEMS:
        errors["problems"] = [f"send at most {MAX_PROBLEMS}; problems_total tells how many there are"]
    values["problems"] = problems
    values["problems_total"] = data.get("problems_total") or len(problems)
    values["file_sha256"] = data.get("file_sha256")
    values["refused_code"] = data.get("refused_code")
    values["params"] = data.get("params") or {}
    try:
        at = datetime.fromisoformat(data["at"]) if data.get("at") else datetime.now(UTC)
        values["at"] = at if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError):
        errors["at"] = ["write a moment in ISO 8601, like 2026-11-22T17:00:00+07:00"]
    if errors:
        raise tk.ValidationError(errors)
    return values


def receipt_show(context: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """The receipt of the resource `id`.

    Its agency's editors get all of it, members of any agency the state and the counts, the public that it is accepted, its edition
    and when. Raises NotAuthorized where the delivery itself may not be seen.
    """
    resource = model.Resource.get(tk.get_or_bust(data, "id"))
    if resource is None:
        raise tk.ObjectNotFound()
    tk.check_access("ioc_receipt_show", context, {"id": resource.id})
    row = model.Session.get(Receipt, resource.id, populate_existing=True) or received(resource.id)
    return for_viewer(row, Viewer.of(agencies.user_of(context)), resource.extras.get("agency"))


def for_viewer(row: Receipt, viewer: Viewer, agency: str | None) -> dict[str, Any]:
    """The part of a receipt that is for this viewer."""
    everything = row.as_dict()
    if viewer.everything or viewer.edits(agency):
        return everything
    if viewer.is_official:
        return {name: everything[name] for name in OFFICIAL}
    shown = {name: everything[name] for name in PUBLIC}
    return {**shown, "state": "done" if row.accepted else shown["state"]}
