"""The desk: what an agency owes by due moment, and the page on which one report is handed in as a file."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
import flask
from ckan import model
from ckan.common import current_user
from werkzeug.datastructures import FileStorage

from .. import standing
from ..texts import here, language
from . import owed as desk_owed
from . import report as desk_report
from . import service as desk_service
from . import words as desk_words
from .report import Wanted, wanted

MEGABYTE = 1024 * 1024
ROOT = "/ioc/desk/<dataset>/<agency>/<period>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8"}


def index() -> Any:
    """What the viewer's agencies owe."""
    desk_report.ask_to_log_in()
    own = desk_owed.agencies_of(current_user)
    if not own and not current_user.sysadmin:
        desk_report.stop(403, here("desk.no_agency"))
    return _page("ioc/desk/index.html", desk_owed.page(own, flask.request.args))


def report(dataset: str, agency: str, period: str) -> Any:
    """One report: its state, three ways to deliver, its receipt, its history."""
    found = wanted(dataset, agency, period)
    return _report_page(found)


def _report_page(found: Wanted, status: int = 200, **more: Any) -> Any:
    way = flask.request.args.get("way")
    shown = desk_report.page(found, way if way in desk_report.WAYS else "file")
    return _page("ioc/desk/report.html", {**shown, **more}, status)


def _page(template: str, shown: Mapping[str, Any], status: int = 200) -> Any:
    answer = flask.make_response(tk.render(template, {"desk": shown}), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def template(dataset: str, agency: str, period: str, kind: str) -> Any:
    """The file that a clerk starts from."""
    found = wanted(dataset, agency, period)
    try:
        answer = desk_service.get_bytes(f"/template.{kind}", **desk_report.address(found), lang=language())
    except desk_service.ServiceDown as error:
        return desk_report.stop(503, str(error))
    except desk_service.ServiceRefused as error:
        return desk_report.stop(404, desk_words.service_refusal(error))
    return _download(answer.content, KINDS[kind], f"mau-{found.dataset}-{found.period}.{kind}")


def _download(content: bytes, mimetype: str, name: str) -> Any:
    answer = flask.Response(content, content_type=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _file() -> FileStorage:
    """The file of the form, not larger than a delivery may be. Ends the request otherwise."""
    file = flask.request.files.get("upload")
    if file is None or not file.filename:
        desk_report.stop(400, here("portal.file_missing"))
    assert file is not None
    limit = int(tk.config.get("ckan.max_resource_size") or 0)
    file.stream.seek(0, io.SEEK_END)
    size = file.stream.tell()
    file.stream.seek(0)
    if limit and size > limit * MEGABYTE:
        desk_report.stop(413, here("refused.too_large", limit=limit))
    return file


def check(dataset: str, agency: str, period: str) -> Any:
    """The harvest's check of a file or of pasted rows; nothing is stored. JSON for our script, else the page with the answer on it."""
    found = wanted(dataset, agency, period)
    try:
        answer = _checked(found)
    except desk_service.ServiceDown as error:
        return desk_report.stop(503, str(error))
    except desk_service.ServiceRefused as error:
        return desk_report.stop(400, desk_words.service_refusal(error))
    html = tk.render("ioc/desk/check.html", {"check": answer, "desk": desk_report.address(found)})
    if desk_report.wants_json():
        kept = {name: answer.get(name) for name in ("state", "rows", "accepted", "rejected", "problems_total", "file_sha256", "seconds")}
        return flask.jsonify({**kept, "confirm": answer["confirm"], "html": html})
    return _report_page(found, check=answer)


def _checked(found: Wanted) -> dict[str, Any]:
    """The service's answer, in words. Raises ServiceDown, ServiceRefused."""
    where = desk_report.address(found)
    if flask.request.is_json:
        pasted = _pasted()
        answer = desk_service.check_rows(found.dataset, found.agency, found.period, pasted["header"], pasted["rows"])
        return desk_words.check(answer, "", found.titles())
    file = _file()
    answer = desk_service.check_file(where["dataset"], where["agency"], where["period"], str(file.filename), file.stream)
    return desk_words.check(answer, str(file.filename), found.titles())


def _pasted() -> dict[str, list[Any]]:
    """Header and rows of a pasted table, as texts. Ends the request when they are none."""
    body = flask.request.get_json(silent=True)
    header = body.get("header") if isinstance(body, dict) else None
    rows = body.get("rows") if isinstance(body, dict) else None
    good = isinstance(header, list) and isinstance(rows, list) and all(isinstance(row, list) for row in rows)
    if not good or not all(isinstance(cell, str) for row in [header, *(rows or [])] for cell in row or []):
        desk_report.stop(400, here("desk.paste_unreadable"))
    for number, row in enumerate(rows or [], start=1):
        if len(row) != len(header or []):
            desk_report.stop(400, here("desk.paste_uneven", row=number, cells=len(row), columns=len(header or [])))
    return {"header": header or [], "rows": rows or []}


def rejected(dataset: str, agency: str, period: str) -> Any:
    """An XLSX of the rows that the check rejects, their cells marked."""
    found = wanted(dataset, agency, period)
    where = desk_report.address(found)
    try:
        if flask.request.is_json:
            content = desk_service.rejected_workbook_of_rows({**where, **_pasted()})
        else:
            file = _file()
            content = desk_service.rejected_workbook(where, str(file.filename), file.stream)
    except desk_service.ServiceDown as error:
        return desk_report.stop(503, str(error))
    except desk_service.ServiceRefused as error:
        return desk_report.stop(400, desk_words.service_refusal(error))
    return _download(content, XLSX, f"dong-can-sua-{found.dataset}-{found.period}.xlsx")


def publish(dataset: str, agency: str, period: str) -> Any:
    """Hands the file in; afterwards the report's page, where its receipt follows."""
    found = wanted(dataset, agency, period)
    form = flask.request.form
    order: dict[str, Any] = {**desk_report.address(found), "description": form.get("description", "").strip()}
    if form.get("based_on") is not None:
        order["based_on"] = form["based_on"]
    try:
        if flask.request.is_json:
            order["upload"] = _pasted_file(found)
            order |= {
                name: text for name, text in (flask.request.get_json(silent=True) or {}).items() if name in ("based_on", "description")
            }
        else:
            order["upload"] = _file()
        made = tk.get_action("ioc_deliver")(desk_report.context(), order)
    except tk.ValidationError as error:
        return _not_published(found, error.error_dict)
    except tk.NotAuthorized as error:
        return desk_report.stop(403, str(error))
    except desk_service.ServiceDown as error:
        return desk_report.stop(503, str(error))
    except desk_service.ServiceRefused as error:
        return desk_report.stop(400, desk_words.service_refusal(error))
    target = tk.url_for("ioc.desk_report", **desk_report.address(found)) + "#bien-nhan"
    if desk_report.wants_json():
        return flask.jsonify({"resource_id": made["resource_id"], "replaced": made["replaced"], "page": target})
    return flask.redirect(target)


def _pasted_file(found: Wanted) -> FileStorage:
    """Pasted rows as a file in the contract's layout. Raises ServiceDown, ServiceRefused."""
    pasted = _pasted()
    content = desk_service.file_of_rows(found.dataset, found.agency, found.period, pasted["header"], pasted["rows"])
    return FileStorage(io.BytesIO(content), filename=f"{found.dataset}-{found.period}.csv", name="upload")


def _not_published(found: Wanted, errors: Mapping[str, Any]) -> Any:
    """Why nothing was published: a conflict with what stands, or what is wrong with the form."""
    texts = [str(text) for told in errors.values() for text in (told if isinstance(told, list) else [told])]
    conflict = "based_on" in errors
    if desk_report.wants_json():
        html = tk.render("ioc/desk/conflict.html", {"desk": _conflict(found, texts)}) if conflict else None
        return flask.jsonify({"error": " ".join(texts), "conflict": conflict, "html": html}), 409
    return _report_page(found, 409, errors=texts, conflict=conflict)


def _conflict(found: Wanted, texts: list[str]) -> dict[str, Any]:
    """What the script shows of a conflict, with the SHA-256 that says "replace it knowingly"."""
    there = found.resource()
    replaced = desk_report.standing_words(there)
    return {**desk_report.address(found), "replaces": replaced, "based_on": standing.sha256(there), "errors": texts}


def withdraw(dataset: str, agency: str, period: str) -> Any:
    """Takes the delivery back: asks first (GET), then does it (POST)."""
    found = wanted(dataset, agency, period)
    shown = desk_report.page(found, "file")
    resource = model.Resource.get(shown["receipt"]["resource_id"]) if shown["receipt"] else None
    if resource is None:
        return desk_report.stop(404, here("desk.nothing_to_withdraw"))
    if flask.request.method == "GET":
        return _page("ioc/desk/withdraw.html", shown)
    if flask.request.form.get("resource_id") != resource.id:
        return desk_report.stop(409, here("desk.conflict_withdrawn"))
    try:
        tk.get_action("resource_delete")(desk_report.context(), {"id": resource.id})
    except tk.NotAuthorized as error:
        return desk_report.stop(403, str(error))
    tk.h.flash_success(here("desk.withdrawn", period=desk_words.period_text(found.period)))
    return tk.redirect_to("ioc.desk_report", **desk_report.address(found))


def progress(dataset: str, agency: str, period: str) -> Any:
    """JSON {"state", "at", "pending", "html"} of the receipt, which the page asks for while the file is being checked."""
    found = wanted(dataset, agency, period)
    shown = desk_report.page(found, "file")
    receipt = shown["receipt"]
    if receipt is None:
        withdrawing = shown["withdrawing"]
        return flask.jsonify({"state": "withdrawing" if withdrawing else "none", "at": "", "pending": withdrawing, "html": ""})
    html = tk.render("ioc/desk/receipt.html", {"desk": shown})
    answer = flask.jsonify({"state": receipt["state"], "at": receipt["at"], "pending": receipt["pending"], "html": html})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def register(blueprint: flask.Blueprint) -> None:
    blueprint.add_url_rule("/ioc/desk", "desk", index, strict_slashes=False)
    blueprint.add_url_rule(ROOT, "desk_report", report)
    blueprint.add_url_rule(f"{ROOT}/template.<any(xlsx, csv):kind>", "desk_template", template)
    blueprint.add_url_rule(f"{ROOT}/check", "desk_check", check, methods=["POST"])
    blueprint.add_url_rule(f"{ROOT}/rejected.xlsx", "desk_rejected", rejected, methods=["POST"])
    blueprint.add_url_rule(f"{ROOT}/publish", "desk_publish", publish, methods=["POST"])
    blueprint.add_url_rule(f"{ROOT}/withdraw", "desk_withdraw", withdraw, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{ROOT}/progress", "desk_progress", progress)
