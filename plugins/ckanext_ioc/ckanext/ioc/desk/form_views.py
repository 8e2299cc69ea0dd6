"""Addresses that the form's script asks: what to begin with, the check while one types, the draft, publishing. All answer JSON."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import ckan.plugins.toolkit as tk
import flask
from werkzeug.datastructures import FileStorage

from .. import agencies, standing
from ..texts import here
from . import drafts, zero
from . import form as desk_form
from . import report as desk_report
from . import service as desk_service
from . import words as desk_words
from .drafts import Overtaken, Rows, Work
from .form import MOST_LETTERS, MOST_ROWS, scope_of
from .report import Wanted, address, wanted

ROOT = "/ioc/desk/<dataset>/<agency>/<period>"
MOST_COLUMNS = 200
MOST_BYTES = 8 * 1024 * 1024


def _json(found: dict[str, Any], status: int = 200) -> Any:
    answer = flask.jsonify(found)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _stop(status: int, text: str, **more: Any) -> Any:
    return _json({"error": text, **more}, status)


def _down(error: Exception) -> Any:
    """The answer where the service is away or will not."""
    if isinstance(error, desk_service.ServiceRefused):
        return _stop(400, desk_words.service_refusal(error))
    return _stop(503, str(error))


def _body() -> dict[str, Any]:
    """The request's JSON. Ends the request when it is none, or too much."""
    if (flask.request.content_length or 0) > MOST_BYTES:
        desk_report.stop(413, here("desk_form.too_many_rows", most=MOST_ROWS))
    body = flask.request.get_json(silent=True)
    if not isinstance(body, dict):
        desk_report.stop(400, here("desk_form.unreadable"))
    return dict(body or {})


def _rows(body: dict[str, Any], wide: int) -> Rows:
    """The body's rows, each `wide` texts. Ends the request where there are too many, or they are something else."""
    rows = body.get("rows")
    if not isinstance(rows, list):
        desk_report.stop(400, here("desk_form.unreadable"))
    assert isinstance(rows, list)
    if len(rows) > MOST_ROWS:
        desk_report.stop(413, here("desk_form.too_many_rows", most=MOST_ROWS))
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != wide or not all(isinstance(cell, str) and "\0" not in cell for cell in row):
            desk_report.stop(400, here("desk_form.unreadable"))
        if any(len(cell) > MOST_LETTERS for cell in row):
            desk_report.stop(413, here("desk_form.cell_too_long", row=number, most=MOST_LETTERS))
    return rows


def _fields(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields that the page shows, as it was given them. Ends the request where they are something else."""
    fields = body.get("fields")
    good = isinstance(fields, list) and 0 < len(fields) <= MOST_COLUMNS and all(isinstance(field, dict) for field in fields)
    if not good or not all(isinstance(field.get(key), str) for field in fields or [] for key in ("name", "title")):
        desk_report.stop(400, here("desk_form.unreadable"))
    return [{key: field.get(key) for key in ("name", "title", *desk_form.COMPARED)} for field in fields or []]


def form(dataset: str, agency: str, period: str) -> Any:
    """Columns, rows to begin with, notices and versions kept."""
    found = wanted(dataset, agency, period)
    try:
        shown = desk_form.as_shown(found)
    except (desk_service.ServiceDown, desk_service.ServiceRefused) as error:
        return _down(error)
    if any(field["type"] == "geojson" for field in shown["fields"]):
        return _stop(400, here("desk_form.no_form"))
    return _json(shown)


def check(dataset: str, agency: str, period: str) -> Any:
    """The harvest's check of the rows, in words: {"state", "refusal", "accepted", "rejected", "problems", "warnings"}."""
    found = wanted(dataset, agency, period)
    body = _body()
    fields = _fields(body)
    rows = _rows(body, len(fields))
    try:
        answer = desk_service.check_rows(found.dataset, found.agency, found.period, [f["name"] for f in fields], rows)
    except (desk_service.ServiceDown, desk_service.ServiceRefused) as error:
        return _down(error)
    titles = {field["name"]: field["title"] for field in fields}
    return _json({
        "state": answer["state"],
        "refusal": desk_words.refusal(answer["refused_code"], answer.get("params")) if answer.get("refused_code") else "",
        "refused_code": answer.get("refused_code"),
        "accepted": answer.get("accepted") or 0,
        "rejected": answer.get("rejected") or 0,
        "problems": [desk_form.readable_problem(p, titles) for p in answer.get("problems") or []],
        "problems_total": answer.get("problems_total") or 0,
        "warnings": [desk_form.readable_problem(p, titles) for p in answer.get("warnings") or []],
    })  # fmt: skip


def draft(dataset: str, agency: str, period: str) -> Any:
    """Saves the rows: {"version", "saved"}; 409 with what stands and the version kept where another has saved meanwhile."""
    found = wanted(dataset, agency, period)
    body = _body()
    fields = _fields(body)
    made_from, based_on = body.get("version"), body.get("based_on")
    if not isinstance(made_from, int) or not isinstance(based_on, str) or len(based_on) > MOST_COLUMNS:
        return _stop(400, here("desk_form.unreadable"))
    work = Work(
        rows=_rows(body, len(fields)),
        fields=fields,
        contract_version=str(body.get("contract_version") or "") or None,
        based_on=based_on,
        made_from=made_from,
        keeps=body.get("keeps") is True,
    )
    scope = scope_of(found)
    try:
        saved = drafts.save(scope, agencies.user_of(desk_report.context()), work)
    except Overtaken as overtaken:
        return _overtaken(found, overtaken)
    shown = {"version": saved.version, "saved": desk_form.saved_text(saved)}
    if body.get("keeps") is True:
        shown["versions"] = _versions(found)
    return _json(shown)


def _overtaken(found: Wanted, overtaken: Overtaken) -> Any:
    """Who saved when, their rows, and which version holds one's own."""
    theirs = overtaken.current
    return _stop(
        409,
        here("desk_form.overtaken", saved=desk_form.saved_text(theirs), who=theirs.user_name),
        overtaken=True,
        version=theirs.version,
        current=theirs.id,
        kept=overtaken.kept.id,
        versions=_versions(found),
    )


def _versions(found: Wanted) -> list[dict[str, Any]]:
    return [desk_form.version_line(kept) for kept in drafts.kept_beside(scope_of(found))]


def version(dataset: str, agency: str, period: str, id: int) -> Any:
    """One version, to be looked at or taken up: {"text", "header", "rows"} in its own columns."""
    found = wanted(dataset, agency, period)
    kept = drafts.version(scope_of(found), id)
    if kept is None:
        return _stop(404, here("desk_form.no_version"))
    line = desk_form.version_line(kept)
    return _json({
        "text": line["text"],
        "header": [{"name": field["name"], "title": field["title"]} for field in kept.fields],
        "rows": kept.rows,
        "version": kept.version,
    })  # fmt: skip


def discard(dataset: str, agency: str, period: str) -> Any:
    """Puts the draft aside, among the versions kept, and begins anew."""
    found = wanted(dataset, agency, period)
    drafts.discard(scope_of(found))
    try:
        return _json(desk_form.as_shown(found))
    except (desk_service.ServiceDown, desk_service.ServiceRefused) as error:
        return _down(error)


def publish(dataset: str, agency: str, period: str) -> Any:
    """Hands in the draft as an ordinary delivery: {"page"}. The draft stays until its file is accepted."""
    found = wanted(dataset, agency, period)
    body = _body()
    kept = drafts.current(scope_of(found))
    if kept is None or kept.version != body.get("version"):
        return _stop(409, here("desk_form.publish_other", saved=desk_form.saved_text(kept) if kept else ""), reload=True)
    try:
        fields = desk_form.contract_form(found)["fields"]
        if [f["name"] for f in fields] != [f["name"] for f in kept.fields]:
            return _stop(409, here("desk_form.publish_contract"), reload=True)
        rows = desk_form.filled(kept.rows)
        if not rows:
            return _stop(400, here("desk_form.publish_empty"))
        content = desk_service.file_of_rows(found.dataset, found.agency, found.period, [f["name"] for f in fields], rows)
        return _deliver(found, kept, content, body)
    except (desk_service.ServiceDown, desk_service.ServiceRefused) as error:
        return _down(error)


def _deliver(found: Wanted, kept: drafts.Draft, content: bytes, body: dict[str, Any]) -> Any:
    upload = FileStorage(io.BytesIO(content), filename=f"bieu-nhap-{found.period}.csv", name="upload")
    order = {**address(found), "upload": upload, "description": str(body.get("description") or "").strip()[:MOST_LETTERS]}
    if found.facts.scope != "addition":
        order["based_on"] = body["based_on"] if isinstance(body.get("based_on"), str) else kept.based_on
    try:
        made = tk.get_action("ioc_deliver")(desk_report.context(), order)
    except tk.ValidationError as error:
        there = standing.sha256(found.resource())
        text = " ".join(zero.texts_of(error))
        return _stop(409, text, conflict="based_on" in error.error_dict, based_on=there)
    except tk.NotAuthorized as error:
        return _stop(403, str(error))
    drafts.sent(kept, hashlib.sha256(content).hexdigest(), made["resource_id"])
    return _json({"page": tk.url_for("ioc.desk_report", **address(found)) + "#bien-nhan"})


def register(blueprint: flask.Blueprint) -> None:
    blueprint.add_url_rule(f"{ROOT}/form.json", "desk_form", form)
    blueprint.add_url_rule(f"{ROOT}/form/check", "desk_form_check", check, methods=["POST"])
    blueprint.add_url_rule(f"{ROOT}/form/draft", "desk_form_draft", draft, methods=["POST"])
    blueprint.add_url_rule(f"{ROOT}/form/version/<int:id>", "desk_form_version", version)
    blueprint.add_url_rule(f"{ROOT}/form/discard", "desk_form_discard", discard, methods=["POST"])
    blueprint.add_url_rule(f"{ROOT}/form/publish", "desk_form_publish", publish, methods=["POST"])
