"""Deliveries of a report so far, and what one changed against the one before it."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import flask

from ..receipt_views import STATE_COLOURS
from ..texts import here, language
from . import report as desk_report
from . import service as desk_service
from . import words as desk_words
from .report import Wanted, address, wanted

ROOT = "/ioc/desk/<dataset>/<agency>/<period>"
COUNTS = ("added", "changed", "removed")


def of_report(desk: dict[str, Any]) -> dict[str, Any]:
    """For the templates: {"deliveries": [...], "down": why there is no list, "" as a rule}."""
    try:
        given = _given(desk["dataset"], desk["agency"], desk["period"] if desk["scope"] == "period" else None)
    except (desk_service.ServiceDown, desk_service.ServiceRefused) as error:
        return {"deliveries": [], "down": _words(error)}
    return {"deliveries": [_shown(found) for found in given], "down": ""}


def _words(error: Exception) -> str:
    return desk_words.service_refusal(error) if isinstance(error, desk_service.ServiceRefused) else str(error)


def _given(dataset: str, agency: str, period: str | None) -> list[dict[str, Any]]:
    """Deliveries as the service tells them, the last first. Raises ServiceDown, ServiceRefused."""
    where = {"dataset": dataset, "agency": agency, **({"period": period} if period else {})}
    try:
        return list(desk_service.get("/history", **where)["deliveries"])
    except desk_service.ServiceRefused as refused:
        if refused.status == 404:  # nothing of that name was ever delivered
            return []
        raise


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    """One delivery with its words."""
    withdrawn = found.get("kind") in ("withdrawal", "erasure")
    state = "withdrawn" if withdrawn else str(found.get("state"))
    at = desk_words.local((None if withdrawn else found.get("received_at")) or found.get("committed_at") or found.get("ended_at"))
    counts = {name: found.get(name) or 0 for name in COUNTS}
    changed = any(counts.values())
    return {
        **found,
        "when": desk_words.moment(at) if at else "",
        "label": here(f"receipt.state.{state}") if state in STATE_COLOURS else state,
        "colour": STATE_COLOURS.get(state, "grey"),
        "refusal": desk_words.refusal(found["refused_code"], found.get("params")) if found.get("refused_code") else "",
        "rows_text": "" if withdrawn else _rows_text(found.get("accepted"), found.get("rejected")),
        "changes_text": ""
        if found.get("edition") is None
        else here("desk_history.counts" if changed else "desk_history.unchanged", **counts),
        "comparable": found.get("edition") is not None and changed,
    }


def _rows_text(accepted: int | None, rejected: int | None) -> str:
    """ "40 được nhận, 2 bị loại"; nothing of a file that was refused as a whole."""
    if accepted is None:
        return ""
    return here("desk_history.rows_rejected" if rejected else "desk_history.rows_accepted", accepted=accepted, rejected=rejected or 0)


def difference(dataset: str, agency: str, period: str) -> Any:
    """The page of rows that a delivery added, changed and removed; columns with personal data are masked by the service."""
    found = wanted(dataset, agency, period)
    load, before = (flask.request.args.get(name, type=int) for name in ("load", "before"))
    try:
        own = _given(found.dataset, found.agency, None)
        mine = {delivery["load_id"]: delivery for delivery in own}
        if load not in mine or (before is not None and before not in mine):
            return desk_report.stop(404, here("desk_history.no_such_delivery"))
        given = desk_service.get("/difference", load=load, **({"before": before} if before is not None else {}))
    except (desk_service.ServiceDown, desk_service.ServiceRefused) as error:
        return desk_report.stop(503, _words(error))
    shown = {**_compared(given, _titles(found)), "delivery": _shown(mine[load]), "desk": desk_report.page(found, "file")}
    answer = flask.make_response(tk.render("ioc/desk/difference.html", shown))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _titles(found: Wanted) -> dict[str, str]:
    """Title of each column by its name; empty when the service does not tell."""
    try:
        form = desk_service.get("/form", **address(found), lang=language())
    except (desk_service.ServiceDown, desk_service.ServiceRefused):
        return {}  # the columns' own names are shown
    return {field["name"]: field["title"] for field in form["fields"]}


def _compared(given: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    """The difference as a table: {"counts", "columns", "rows": [{"kind", "line", "cells": [{"before", "after", "changed"}]}], "cut"}."""
    names = [column["name"] if isinstance(column, dict) else str(column) for column in given["columns"]]
    rows = []
    for row in given["rows"]:
        before, after = row.get("before") or {}, row.get("after") or {}
        cells = [_cell(row["kind"], _text(before.get(name)), _text(after.get(name))) for name in names]
        rows.append({"kind": row["kind"], "line": row.get("line"), "cells": cells})
    counts = {name: int(given.get(name) or 0) for name in COUNTS}
    return {
        "counts": counts,
        "columns": [titles.get(name, name) for name in names],
        "rows": rows,
        "cut": max(0, sum(counts.values()) - len(rows)),
    }


def _cell(kind: str, before: str, after: str) -> dict[str, Any]:
    changed = kind == "changed" and before != after
    return {"before": before, "after": after, "changed": changed, "shown": before if kind == "removed" else after}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def register(blueprint: flask.Blueprint) -> None:
    blueprint.add_url_rule(f"{ROOT}/difference", "desk_difference", difference)
