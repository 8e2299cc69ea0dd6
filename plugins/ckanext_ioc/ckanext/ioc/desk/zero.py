"""The declaration that there is nothing to report: one click, signed with the person's name and the moment."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import flask

from ..receipt_views import moment
from ..texts import here
from . import report as desk_report
from . import service as desk_service
from .report import wanted

ROOT = "/ioc/desk/<dataset>/<agency>/<period>"


def declare(dataset: str, agency: str, period: str) -> Any:
    """Hands in the file without rows, signed by the viewer; afterwards the report's page, where its receipt follows."""
    found = wanted(dataset, agency, period)
    where = desk_report.address(found)
    if found.facts.scope != "period":
        return desk_report.stop(400, here("desk_form.zero.not_here"))
    order: dict[str, Any] = {**where, "zero": True}
    if flask.request.form.get("based_on") is not None:
        order["based_on"] = flask.request.form["based_on"]
    try:
        tk.get_action("ioc_deliver")(desk_report.context(), order)
    except tk.ValidationError as error:
        return desk_report.stop(409, " ".join(texts_of(error)))
    except tk.NotAuthorized as error:
        return desk_report.stop(403, str(error))
    except desk_service.ServiceDown as error:
        return desk_report.stop(503, str(error))
    return flask.redirect(tk.url_for("ioc.desk_report", **where) + "#bien-nhan", 303)


def signed(zero_by: str) -> str:
    """Who declared and when, in words, of a delivery's `zero_by`: "Trần Thị B (bien-tap-b), 10:42 23/11/2026"."""
    who, _, at = zero_by.rpartition(", ")
    try:
        return f"{who}, {moment(at)}"
    except ValueError:  # written by hand
        return zero_by


def texts_of(error: Any) -> list[str]:
    """Sentences of a ValidationError."""
    found: list[str] = []
    for said in error.error_dict.values():
        found += [str(text) for text in said] if isinstance(said, list) else [str(said)]
    return found


def register(blueprint: flask.Blueprint) -> None:
    blueprint.add_url_rule(f"{ROOT}/zero", "desk_zero", declare, methods=["POST"])
