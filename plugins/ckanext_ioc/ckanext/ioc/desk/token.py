"""A token for the call, made where it is needed and shown once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
import flask
from ckan.common import current_user

from datasets.model.calendar import ZONE

from ..texts import day, here
from . import report as desk_report
from .report import wanted

ROOT = "/ioc/desk/<dataset>/<agency>/<period>"


def make(dataset: str, agency: str, period: str) -> Any:
    """Makes a token of the viewer's and shows the call's page with it, which no cache keeps."""
    found = wanted(dataset, agency, period)
    now = datetime.now(ZONE)
    name = here("desk_call.token_name", when=f"{now:%H:%M:%S} {day(now.date())}")
    try:
        made = tk.get_action("api_token_create")(desk_report.context(), {"user": current_user.name, "name": name})
    except tk.NotAuthorized as error:
        return desk_report.stop(403, str(error))
    shown = {**desk_report.page(found, "call"), "token": made["token"]}
    answer = flask.make_response(tk.render("ioc/desk/report.html", {"desk": shown}))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def register(blueprint: flask.Blueprint) -> None:
    blueprint.add_url_rule(f"{ROOT}/token", "desk_token", make, methods=["POST"])
