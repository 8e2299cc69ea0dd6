"""The receipt on the delivery's page: its pieces for the templates, the JSON that the page asks for, the list of problems as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk
import flask
from ckan.common import current_user
from ckan.lib import base

from datasets.model.calendar import ZONE

from . import agencies
from .delivery import Viewer
from .receipt import ACCEPTED, PENDING, receipts_of
from .texts import day, here, language

SHOWN_ROWS = 200
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
STATE_COLOURS = {
    "received": "waiting", "checking": "waiting", "done": "good", "done_with_rejects": "watch",
    "refused": "bad", "failed": "bad", "withdrawn": "grey",
}  # fmt: skip


def _context() -> dict[str, Any]:
    return {"user": current_user.name, "auth_user_obj": current_user}


def readable(params: dict[str, Any] | None) -> dict[str, Any]:
    """Parameters of a text; one that is written in several languages ({"vi": …, "en": …}) in the reader's."""
    lang = language()
    return {name: value.get(lang) or value.get("vi") if isinstance(value, dict) else value for name, value in (params or {}).items()}


def problem_text(problem: dict[str, Any]) -> str:
    """What is wrong with a row and what to do, in the reader's language."""
    params = {**readable(problem.get("params")), "column": problem.get("column") or "", "value": problem.get("value") or ""}
    return here(f"rule.{problem['rule']}", **params)


def refusal_text(receipt: dict[str, Any]) -> str:
    """Why the whole delivery was refused and what to do."""
    return here(f"refused.{receipt['refused_code']}", **readable(receipt.get("params")))


def moment(text: str) -> str:
    """A moment in ISO 8601 (CKAN's own have no zone and are in UTC) as the reader's clock and calendar show it: 17:05 22/11/2026."""
    found = datetime.fromisoformat(text)
    local = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(ZONE)
    return f"{local:%H:%M} {day(local)}"


def receipt_of(resource_id: str) -> dict[str, Any]:
    """The receipt that the viewer of this page may read, with what the templates show beside it."""
    found: dict[str, Any] = tk.get_action("ioc_receipt_show")(_context(), {"id": resource_id})
    problems = found.get("problems")
    return {
        **found,
        "pending": found["state"] in PENDING,
        "at_text": moment(found["at"]),
        "hidden": found["state"] not in (*ACCEPTED, "withdrawn"),
        "colour": STATE_COLOURS[found["state"]],
        "label": here(f"receipt.state.{found['state']}"),
        "explanation": here(f"receipt.explain.{found['state']}"),
        "refusal": refusal_text(found) if found.get("refused_code") else None,
        "rows": [{**p, "text": problem_text(p)} for p in problems[:SHOWN_ROWS]] if problems is not None else None,
    }


def badges_of(resources: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """State of each delivery by resource id, for the dataset's list: {"label", "colour"}. The public is told of acceptance only."""
    stored = receipts_of([r["id"] for r in resources])
    viewer = Viewer.of(agencies.user_of(_context()))
    badges = {}
    for resource in resources:
        row = stored.get(resource["id"])
        state = str(row.state) if row is not None else "received"
        if not viewer.is_official and row is not None and row.accepted:
            state = "done"
        badges[resource["id"]] = {"label": here(f"receipt.state.{state}"), "colour": STATE_COLOURS[state]}
    return badges


def status(id: str, resource_id: str) -> Any:
    """JSON {"state", "at", "pending", "html"} that the delivery's page asks for while its file is being checked."""
    try:
        receipt = receipt_of(resource_id)
    except tk.NotAuthorized as error:
        return flask.jsonify({"error": str(error)}), 403
    except tk.ObjectNotFound:
        return flask.jsonify({"error": here("portal.delivery_not_found")}), 404
    html = tk.render("ioc/receipt.html", {"receipt": receipt, "dataset_id": id, "resource_id": resource_id})
    answer = flask.jsonify({"state": receipt["state"], "at": receipt["at"], "pending": receipt["pending"], "html": html})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def harmless(cell: str | int | None) -> str:
    """A cell that a spreadsheet shows as text, never runs."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def problem_lines(problems: list[dict[str, Any]]) -> Iterator[list[str]]:
    """Header and lines of the problems' CSV: line, column, value, what to do."""
    yield [here(f"receipt.column.{name}") for name in ("line", "column", "value", "text")]
    for problem in problems:
        cells = (problem.get("line"), problem.get("column"), problem.get("value"), problem_text(problem))
        yield [harmless(cell) for cell in cells]


def problems_file(id: str, resource_id: str) -> Any:
    """The rejected rows as CSV (UTF-8 with a mark, as spreadsheets expect), for the agency's editors."""
    try:
        receipt = tk.get_action("ioc_receipt_show")(_context(), {"id": resource_id})
    except tk.NotAuthorized as error:
        return base.abort(403, str(error))
    except tk.ObjectNotFound:
        return base.abort(404, here("portal.delivery_not_found"))
    if "problems" not in receipt:
        return base.abort(403, here("portal.not_your_delivery"))
    text = io.StringIO()
    csv.writer(text).writerows(problem_lines(receipt["problems"]))
    answer = flask.Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="problems-{resource_id[:8]}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def register(blueprint: flask.Blueprint) -> None:
    root = "/dataset/<id>/resource/<resource_id>"
    blueprint.add_url_rule(f"{root}/receipt", "receipt", status)
    blueprint.add_url_rule(f"{root}/problems.csv", "problems", problems_file)
