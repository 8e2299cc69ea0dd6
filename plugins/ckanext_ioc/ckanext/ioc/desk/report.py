"""One expected report as its page shows it: who may open it, what stands for it, how its receipt goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk
import flask
from ckan import model
from ckan.common import current_user
from ckan.lib import base
from werkzeug.exceptions import HTTPException

from datasets.model.calendar import ZONE

from .. import agencies, standing
from ..deliver_action import period_problem
from ..delivery import DatasetFacts, same_scope
from ..receipt_views import receipt_of
from ..texts import here, translated
from . import service as desk_service
from . import words as desk_words

WAYS = ("file", "form", "call")


def wants_json() -> bool:
    """Whether a script of ours asks, not a person who follows a link."""
    return "application/json" in flask.request.headers.get("Accept", "")


def context() -> dict[str, Any]:
    """Context of CKAN's actions for the viewer."""
    return {"user": current_user.name, "auth_user_obj": current_user}


def stop(status: int, text: str) -> None:
    """Ends the request with our page of that status, or its JSON. Raises HTTPException always."""
    if wants_json():
        answer = flask.jsonify({"error": text, "log_in": tk.url_for("user.login") if status == 401 else None})
        answer.status_code = status
        raise HTTPException(response=answer)
    if status == 401:
        raise HTTPException(response=tk.redirect_to("user.login", came_from=flask.request.full_path.rstrip("?")))
    base.abort(status, text)


def ask_to_log_in() -> None:
    """Sends who is not logged in to the form, and back here afterwards."""
    if current_user.is_anonymous:
        stop(401, here("desk.session_ended"))


@dataclass(frozen=True)
class Wanted:
    """The report of an address, which the viewer delivers."""

    package: Any
    facts: DatasetFacts
    agency: str
    period: str

    @property
    def dataset(self) -> str:
        return str(self.package.name)

    def titles(self) -> dict[str, str]:
        """What each column means, in the reader's language, by its name in the file."""
        schema = json.loads(self.package.extras.get("table_schema") or "{}")
        return {
            field["name"]: (field.get("titles") or {}).get(tk.h.lang()) or field.get("title") or "" for field in schema.get("fields", [])
        }

    def resource(self) -> Any:
        """The delivery (the model's resource) that another file for this report would replace; None when nothing stands."""
        return same_scope(self.facts, self.package, self.agency, self.period, None)

    def delivered(self, report: dict[str, Any] | None = None) -> Any:
        """The delivery (the model's resource) that was handed in for this very report, the newest; None when there is none.

        A delivery of the whole that did not say its report is the one that the harvest took it for.
        """
        if self.facts.scope == "period":
            return self.resource()
        own = [
            found
            for found in self.package.resources
            if found.state == "active" and found.extras.get("agency") == self.agency and found.extras.get("report_period") == self.period
        ]
        if own:
            return max(own, key=lambda found: found.last_modified or found.created)
        taken = model.Resource.get(report["ckan_resource"]) if report and report.get("ckan_resource") else None
        return taken if taken is not None and taken.state == "active" and taken.package_id == self.package.id else None


def wanted(dataset: str, agency: str, period: str) -> Wanted:
    """The report of that address. Ends the request where there is none, or where the viewer does not deliver it."""
    ask_to_log_in()
    package = model.Package.get(dataset)
    if package is None or package.state != "active":
        stop(404, here("portal.dataset_not_found"))
    facts = DatasetFacts.of(package)
    if agency not in facts.publishers:
        stop(404, here("desk.no_such_report"))
    if agency not in facts.may_deliver(agencies.user_of(context())):
        stop(403, here("desk.another_agency", agency=agencies.title(agency)))
    if period_problem(facts, package, period):
        stop(404, here("desk.no_such_report"))
    return Wanted(package, facts, agency, period)


def page(found: Wanted, way: str) -> dict[str, Any]:
    """What the page's templates read as `desk`. A service that does not answer leaves the report out and is said on the page."""
    report: dict[str, Any] | None = None
    down = ""
    try:
        report = desk_service.report(found.dataset, found.agency, found.period)
    except desk_service.ServiceDown as error:
        down = str(error)
    except desk_service.ServiceRefused as error:
        stop(404 if error.status == 404 else 400, here(f"desk.refused.{error.code}", **error.params))
    now = datetime.now(ZONE)
    replaced = found.resource()
    return {
        **address(found),
        "agency_title": agencies.title(found.agency, tk.h.lang()),
        "period_text": desk_words.period_text(found.period),
        "title": translated({"title": found.package.title, **found.package.extras}, "title"),
        "scope": found.facts.scope,
        "calendar": found.facts.calendar,
        "subsystem": found.package.extras.get("subsystem") or "",
        "superset_url": str(tk.config.get("ckanext.ioc.superset_url") or "").rstrip("/"),
        "report": report,
        "facts": desk_words.facts(report, now) if report else None,
        "withdrawing": is_withdrawing(found, report),
        "down": down,
        "way": way,
        "based_on": standing.sha256(replaced),
        "replaces": standing_words(replaced),
        "receipt": followed(found, report),
        "may_publish": True,
        "dashboard": dashboard(found.package.extras.get("subsystem")),
        "errors": [],
        "megabytes": int(tk.config.get("ckan.max_resource_size") or 0),
    }


def dashboard(subsystem: str | None) -> str:
    """Address of the subsystem's dashboard, "" where the portal knows none."""
    root = str(tk.config.get("ckanext.ioc.superset_url") or "").rstrip("/")
    return f"{root}/superset/dashboard/{subsystem.replace('_', '-')}/" if root and subsystem else ""


def is_withdrawing(found: Wanted, report: dict[str, Any] | None) -> bool:
    """Whether the delivery has been taken back and its rows have not yet left the store."""
    return bool(report and report.get("received_at") and report.get("quality") != "refused" and found.delivered(report) is None)


def address(found: Wanted) -> dict[str, str]:
    """What names the report in every address."""
    return {"dataset": found.dataset, "agency": found.agency, "period": found.period}


def standing_words(resource: Any) -> dict[str, str] | None:
    """The delivery that another file would replace: {"id", "name", "who", "when"}."""
    if resource is None:
        return None
    who, when = standing.published_by(resource)
    return {"id": resource.id, "name": resource.name or "", "who": who, "when": when}


def followed(found: Wanted, report: dict[str, Any] | None) -> dict[str, Any] | None:
    """The receipt of this report's delivery with the steps that it goes through; None before a delivery."""
    resource = found.delivered(report)
    if resource is None:
        return None
    receipt = receipt_of(resource.id)
    at = resource.last_modified or resource.created
    return {
        **receipt,
        "resource_id": resource.id,
        "name": resource.name,
        "zero_by": resource.extras.get("zero_by") or "",
        "note": resource.description or "",
        "steps": steps(receipt, at.replace(tzinfo=UTC), report),
    }


def steps(receipt: dict[str, Any], received: datetime, report: dict[str, Any] | None) -> list[dict[str, str]]:
    """Received, checked, edition, on the dashboard: [{"name", "state": done|now|waiting|bad, "text", "when"}]."""
    state = str(receipt["state"])
    loaded = state in ("done", "done_with_rejects")
    at = _clock(receipt["at"])
    checked = "done" if loaded or state == "withdrawn" else "bad" if state in ("refused", "failed") else "now"
    checked_at = _clock((report or {}).get("checked_at")) or at if checked == "done" else ""
    later = "done" if loaded else "bad" if state == "refused" else "waiting"
    number = receipt.get("edition") if loaded else None
    edition = here("desk.step.edition", number=number) if number else here("desk.step.no_edition")
    shown = here("desk.step.shown" if loaded else "desk.step.not_shown")
    return [
        {"name": "received", "state": "done", "text": here("desk.step.received"), "when": f"{received.astimezone(ZONE):%H:%M}"},
        {"name": "checked", "state": checked, "text": here(f"desk.step.checked_{state}"), "when": checked_at},
        {"name": "edition", "state": later, "text": edition, "when": at if number else ""},
        {"name": "shown", "state": later, "text": shown, "when": at if loaded else ""},
    ]


def _clock(moment: str | None) -> str:
    found = desk_words.local(moment)
    return f"{found:%H:%M}" if found else ""
